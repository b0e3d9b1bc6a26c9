/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The root task's ELF file: checked completely first, then copied into place. Boot only. */
#pragma once

#include <kernel/types.h>

struct elf_image {
    const uint8_t *file;
    word_t file_bytes;
    vaddr_t start; /* lowest address, page aligned */
    vaddr_t end;   /* behind the highest, rounded up to a page */
    vaddr_t entry;
};

/*
 * Check everything that elf_load() relies on.
 *   user_top  first address that the image must not reach
 * Returns false after a message that says what is wrong, and where in the file.
 */
bool elf_check(struct elf_image *image, const void *file, word_t bytes,
               vaddr_t user_top) MUST_CHECK;

/* Copy the segments of a checked image to `memory`, end - start bytes, zeroing all else. */
void elf_load(const struct elf_image *image, uint8_t *memory);
