/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing an archive. Offsets are relative to the contents until archive_writer_finish() knows how
 * long the table is.
 */
#include "archive_writer.h"

#include <string.h>

#include <kaal/crc32.h>

void archive_writer_deinit(struct archive_writer *writer)
{
    buffer_deinit(&writer->contents);
}

bool archive_writer_has(const struct archive_writer *writer, enum kaal_archive_kind kind,
                        const char *name)
{
    for (uint32_t index = 0; index < writer->entry_count; index++) {
        if (writer->entries[index].kind == (uint32_t)kind &&
            strcmp(writer->entries[index].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool archive_writer_add(struct archive_writer *writer, enum kaal_archive_kind kind,
                        const char *name, const struct buffer *contents)
{
    if (archive_writer_has(writer, kind, name)) {
        return true;
    }
    if (writer->entry_count == KAAL_ARCHIVE_ENTRIES_MAX) {
        return false;
    }
    struct kaal_archive_entry *entry = &writer->entries[writer->entry_count++];
    *entry = (struct kaal_archive_entry){.kind = (uint32_t)kind, .bytes = contents->bytes};
    (void)strncpy(entry->name, name, sizeof entry->name - 1);
    buffer_align(&writer->contents, KAAL_ARCHIVE_ALIGNMENT);
    entry->offset = buffer_append(&writer->contents, contents->data, contents->bytes);
    return true;
}

void archive_writer_finish(struct archive_writer *writer, struct buffer *archive)
{
    struct kaal_archive header = {
        .magic = KAAL_ARCHIVE_MAGIC,
        .version = KAAL_ARCHIVE_VERSION,
        .entry_count = writer->entry_count,
    };
    size_t table_bytes = writer->entry_count * sizeof writer->entries[0];
    (void)buffer_append(archive, &header, sizeof header);
    (void)buffer_append(archive, writer->entries, table_bytes);
    buffer_align(archive, KAAL_ARCHIVE_ALIGNMENT);
    size_t contents_offset = archive->bytes;
    (void)buffer_append(archive, writer->contents.data, writer->contents.bytes);
    buffer_align(archive, KAAL_ARCHIVE_ALIGNMENT);

    struct kaal_archive_entry *entries =
        (struct kaal_archive_entry *)(void *)(archive->data + sizeof header);
    for (uint32_t index = 0; index < writer->entry_count; index++) {
        entries[index].offset += contents_offset;
    }
    header.bytes = archive->bytes;
    header.checksum = kaal_crc32(archive->data + sizeof header, archive->bytes - sizeof header);
    memcpy(archive->data, &header, sizeof header);
}
