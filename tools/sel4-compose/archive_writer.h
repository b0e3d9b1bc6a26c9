/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing an archive (<kaal/archive.h>): add entries, then finish into a buffer.
 */
#pragma once

#include <stdbool.h>

#include <kaal/archive.h>

#include "buffer.h"

/* An archive in the making; {0} is empty. */
struct archive_writer {
    struct kaal_archive_entry entries[KAAL_ARCHIVE_ENTRIES_MAX];
    uint32_t entry_count;
    struct buffer contents; /* entries' bytes, each at a multiple of KAAL_ARCHIVE_ALIGNMENT */
};

/*
 * Adds an entry, copying its bytes.
 * Returns false if the table is full. An entry of the same kind and name is kept, not added again.
 */
bool archive_writer_add(struct archive_writer *writer, enum kaal_archive_kind kind,
                        const char *name, const struct buffer *contents);

/* True if there is an entry of that kind and name. */
bool archive_writer_has(const struct archive_writer *writer, enum kaal_archive_kind kind,
                        const char *name);

/* Appends the finished archive to an empty buffer. */
void archive_writer_finish(struct archive_writer *writer, struct buffer *archive);

/* Frees the contents. */
void archive_writer_deinit(struct archive_writer *writer);
