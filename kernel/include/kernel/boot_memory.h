/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sorted, disjoint sets of physical regions; used by boot.c only. */
#pragma once

#include <kernel/boot.h>

#define BOOT_REGIONS_MAX 96
#define BOOT_NO_MEMORY   UINT64_MAX

struct boot_regions {
    struct boot_region region[BOOT_REGIONS_MAX];
    word_t count;
};

/* Add a region that overlaps none; empty ones are ignored. False, after a message, if full. */
bool boot_regions_add(struct boot_regions *set, struct boot_region region) MUST_CHECK;

/* Take everything in hole out of the set. False if that needs more entries than there are. */
bool boot_regions_subtract(struct boot_regions *set, struct boot_region hole) MUST_CHECK;

/* Take `bytes` at the top of the last region that has them; BOOT_NO_MEMORY if none has. */
paddr_t boot_regions_take_top(struct boot_regions *set, word_t bytes, word_t align_bits);

/* log2 of the largest aligned untyped at the region's start; below seL4_MinUntypedBits if none. */
word_t boot_piece_bits(struct boot_region region);
