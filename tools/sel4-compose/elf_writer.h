/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing an ELF file that holds loadable segments and nothing else. Each segment starts in a page
 * of its own at the same offset modulo 4 KiB as its address, and what is left of its last page is
 * zero: so init can map read-only pages straight out of the archive.
 */
#pragma once

#include <kaal/elf.h>

#include "buffer.h"

/*
 * Appends an ELF file to an empty buffer.
 *   elf  what to write; the segments' data pointers are followed, file offsets ignored
 */
void elf_write(const struct kaal_elf *elf, struct buffer *buffer);
