/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The archive: what sel4-compose puts into the root image and init reads. A header, a table of
 * entries, then the entries' bytes, each 4 KiB aligned. All fields little-endian, all offsets from
 * the header's first byte. The archive is the last segment of the root image: pages of it can be
 * mapped or copied, and it is never written.
 *
 * Reading one: kaal_archive_open() checks everything once; kaal_archive_find() then cannot fail in
 * any other way than KAAL_ERR_NOT_FOUND.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>

/** First word of every archive: "KaaLarch" in memory order. */
#define KAAL_ARCHIVE_MAGIC UINT64_C(0x686372614c61614b)
/** Format version. */
#define KAAL_ARCHIVE_VERSION 1u
/** Most entries of one archive. */
#define KAAL_ARCHIVE_ENTRIES_MAX 512u
/** Alignment of every entry's first byte. */
#define KAAL_ARCHIVE_ALIGNMENT 4096u

/** What an entry holds. */
enum kaal_archive_kind {
    KAAL_ARCHIVE_SYSTEM = 1,      /**< struct kaal_system, exactly one, name "system" */
    KAAL_ARCHIVE_IMAGE = 2,       /**< a component's ELF file, loadable segments only */
    KAAL_ARCHIVE_SYMBOLS = 3,     /**< struct kaal_symbols of the image of the same name */
    KAAL_ARCHIVE_DECLARATION = 4, /**< struct kaal_driver_declaration of the same image */
    KAAL_ARCHIVE_FILE = 5,        /**< any other file */
};

/** One entry. */
struct kaal_archive_entry {
    char name[KAAL_NAME_BYTES]; /**< NUL-terminated; unique together with kind */
    uint32_t kind;              /**< enum kaal_archive_kind */
    uint32_t reserved;          /**< 0 */
    uint64_t offset;            /**< of the first byte, multiple of KAAL_ARCHIVE_ALIGNMENT */
    uint64_t bytes;             /**< length without padding */
};
_Static_assert(sizeof(struct kaal_archive_entry) == 48, "packed format");

/** The header, followed directly by entry_count entries. */
struct kaal_archive {
    uint64_t magic;       /**< KAAL_ARCHIVE_MAGIC */
    uint32_t version;     /**< KAAL_ARCHIVE_VERSION */
    uint32_t entry_count; /**< at most KAAL_ARCHIVE_ENTRIES_MAX */
    uint64_t bytes;       /**< of the whole archive, a multiple of KAAL_ARCHIVE_ALIGNMENT */
    uint32_t checksum;    /**< CRC-32 (IEEE) of all bytes from offset 32 to the end */
    uint32_t reserved;    /**< 0 */
};
_Static_assert(sizeof(struct kaal_archive) == 32, "packed format");

/**
 * Checks an archive completely: magic, version, sizes, table, names, alignment, overlaps.
 *   data, available_bytes  the memory that may hold one;  archive  out: the header inside data
 *   problem  out: a static phrase that says what is wrong and where, set on failure
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_VERSION, KAAL_ERR_CHECKSUM.
 * Ownership: borrows data for as long as the archive is used.
 */
MUST_CHECK int kaal_archive_open(const void *data, uint64_t available_bytes,
                                 const struct kaal_archive **archive, const char **problem);

/**
 * The table of an archive that kaal_archive_open() accepted: [entry_count].
 *   archive  an opened archive
 * Returns the first entry, borrowed from the archive.
 */
const struct kaal_archive_entry *kaal_archive_entries(const struct kaal_archive *archive);

/**
 * Finds an entry in an archive that kaal_archive_open() accepted.
 *   data, bytes  out: the entry's contents, borrowed from the archive
 * Returns KAAL_OK or KAAL_ERR_NOT_FOUND.
 */
MUST_CHECK int kaal_archive_find(const struct kaal_archive *archive, enum kaal_archive_kind kind,
                                 const char *name, const void **data, uint64_t *bytes);
