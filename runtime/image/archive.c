/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading an archive. kaal_archive_open() proves everything that later accesses rely on, in the
 * order in which a field may be trusted: the header's place, its own values, the checksum, the
 * table. Entries must lie in ascending order behind the table, which makes the overlap check one
 * comparison.
 */
#include <kaal/archive.h>

#include <kaal/bits.h>
#include <kaal/crc32.h>

#include "text.h"

static int refuse(const char **problem, const char *text, int error)
{
    *problem = text;
    return error;
}

static const struct kaal_archive_entry *entries_of(const struct kaal_archive *archive)
{
    return (const struct kaal_archive_entry *)(archive + 1);
}

static int check_entry(const struct kaal_archive *archive, const struct kaal_archive_entry *entry,
                       uint64_t first_free, const char **problem)
{
    if (!text_is_terminated(entry->name, KAAL_NAME_BYTES) || entry->name[0] == '\0') {
        return refuse(problem, "archive table: an entry's name is empty or not terminated",
                      KAAL_ERR_FORMAT);
    }
    if (entry->kind < KAAL_ARCHIVE_SYSTEM || entry->kind > KAAL_ARCHIVE_FILE) {
        return refuse(problem, "archive table: an entry's kind is unknown", KAAL_ERR_FORMAT);
    }
    if (entry->reserved != 0) {
        return refuse(problem, "archive table: an entry's reserved field is not 0",
                      KAAL_ERR_FORMAT);
    }
    if (entry->offset % KAAL_ARCHIVE_ALIGNMENT != 0) {
        return refuse(problem, "archive table: an entry's offset is not 4 KiB aligned",
                      KAAL_ERR_FORMAT);
    }
    if (entry->offset < first_free) {
        return refuse(problem, "archive table: an entry overlaps the table or the entry before it",
                      KAAL_ERR_FORMAT);
    }
#ifdef KAAL_PLANTED_BUG_ARCHIVE
    /* The fuzzer's self-test builds this: the length is forgotten. */
    bool inside = entry->offset <= archive->bytes;
#else
    bool inside = range_inside(entry->offset, entry->bytes, archive->bytes);
#endif
    if (!inside) {
        return refuse(problem, "archive table: an entry reaches past the archive's end",
                      KAAL_ERR_FORMAT);
    }
    return KAAL_OK;
}

static int check_unique(const struct kaal_archive *archive, uint32_t index, const char **problem)
{
    const struct kaal_archive_entry *entries = entries_of(archive);
    for (uint32_t other = 0; other < index; other++) {
        if (entries[other].kind == entries[index].kind &&
            text_equal(entries[other].name, entries[index].name, KAAL_NAME_BYTES)) {
            return refuse(problem, "archive table: two entries have the same kind and name",
                          KAAL_ERR_FORMAT);
        }
    }
    return KAAL_OK;
}

static int check_header(const struct kaal_archive *header, uint64_t available_bytes,
                        const char **problem)
{
    if (header->magic != KAAL_ARCHIVE_MAGIC) {
        return refuse(problem, "archive header: the magic number is wrong; there is no archive",
                      KAAL_ERR_FORMAT);
    }
    if (header->version != KAAL_ARCHIVE_VERSION) {
        return refuse(problem, "archive header: the format version is unknown", KAAL_ERR_VERSION);
    }
    if (header->reserved != 0) {
        return refuse(problem, "archive header: the reserved field is not 0", KAAL_ERR_FORMAT);
    }
    if (header->entry_count > KAAL_ARCHIVE_ENTRIES_MAX) {
        return refuse(problem, "archive header: too many entries", KAAL_ERR_FORMAT);
    }
    if (header->bytes % KAAL_ARCHIVE_ALIGNMENT != 0) {
        return refuse(problem, "archive header: the size is not a multiple of 4 KiB",
                      KAAL_ERR_FORMAT);
    }
    if (header->bytes > available_bytes) {
        return refuse(problem, "archive header: the archive is longer than the memory it lies in",
                      KAAL_ERR_TRUNCATED);
    }
    uint64_t table_end =
        sizeof *header + (uint64_t)header->entry_count * sizeof(struct kaal_archive_entry);
    if (table_end > header->bytes) {
        return refuse(problem, "archive header: the table is longer than the archive",
                      KAAL_ERR_TRUNCATED);
    }
    return KAAL_OK;
}

int kaal_archive_open(const void *data, uint64_t available_bytes,
                      const struct kaal_archive **archive, const char **problem)
{
    const struct kaal_archive *header = data;
    if ((uintptr_t)data % _Alignof(struct kaal_archive) != 0) {
        return refuse(problem, "archive: not at an 8-byte aligned address", KAAL_ERR_FORMAT);
    }
    if (available_bytes < sizeof *header) {
        return refuse(problem, "archive: shorter than its header", KAAL_ERR_TRUNCATED);
    }
    int error = check_header(header, available_bytes, problem);
    if (error != KAAL_OK) {
        return error;
    }
    if (kaal_crc32(header + 1, header->bytes - sizeof *header) != header->checksum) {
        return refuse(problem, "archive: the checksum does not match; the image is damaged",
                      KAAL_ERR_CHECKSUM);
    }
    uint32_t systems = 0;
    uint64_t first_free = sizeof *header + header->entry_count * sizeof(struct kaal_archive_entry);
    for (uint32_t index = 0; index < header->entry_count; index++) {
        const struct kaal_archive_entry *entry = &entries_of(header)[index];
        error = check_entry(header, entry, first_free, problem);
        if (error == KAAL_OK) {
            error = check_unique(header, index, problem);
        }
        if (error != KAAL_OK) {
            return error;
        }
        first_free = entry->offset + entry->bytes;
        systems += entry->kind == KAAL_ARCHIVE_SYSTEM ? 1 : 0;
    }
    if (systems != 1) {
        return refuse(problem, "archive table: there must be exactly one system description",
                      KAAL_ERR_FORMAT);
    }
    *archive = header;
    return KAAL_OK;
}

const struct kaal_archive_entry *kaal_archive_entries(const struct kaal_archive *archive)
{
    return entries_of(archive);
}

int kaal_archive_find(const struct kaal_archive *archive, enum kaal_archive_kind kind,
                      const char *name, const void **data, uint64_t *bytes)
{
    const struct kaal_archive_entry *entries = entries_of(archive);
    for (uint32_t index = 0; index < archive->entry_count; index++) {
        if (entries[index].kind == (uint32_t)kind &&
            text_equal(entries[index].name, name, KAAL_NAME_BYTES)) {
            *data = (const uint8_t *)archive + entries[index].offset;
            *bytes = entries[index].bytes;
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NOT_FOUND;
}
