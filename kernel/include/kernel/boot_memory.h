/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Physical memory while booting, as two sets of regions: RAM that is still free, and "device",
 * which is everything else. Life cycle: boot_memory_init(), then all RAM, then what is reserved and
 * taken; what is left becomes untyped capabilities. A set that is full loses a region, after a
 * message.
 */
#pragma once

#include <kernel/types.h>

#define BOOT_REGIONS_MAX 96
#define BOOT_NO_MEMORY   UINT64_MAX

/* Physical, end exclusive. */
struct boot_region {
    paddr_t start;
    paddr_t end;
};

/* Sorted and disjoint. */
struct boot_regions {
    struct boot_region region[BOOT_REGIONS_MAX];
    word_t count;
};

extern struct boot_regions boot_free_memory;
extern struct boot_regions boot_device_memory;

/* Begin: no RAM, everything below ARCH_DEVICE_TOP is device. */
void boot_memory_init(void);

/* The region's whole pages are free RAM, for the first time or again; any order, may overlap. */
void boot_memory_add_ram(struct boot_region region);

/* Never hand the region out: the kernel itself, its devices. After the RAM was added. */
void boot_memory_reserve(struct boot_region region);

/* Take a region out of the free RAM. False if some of it is not free. */
bool boot_memory_take(struct boot_region region) MUST_CHECK;

/* Take the lowest `bytes` that begin a region of free RAM; BOOT_NO_MEMORY if none has them. */
paddr_t boot_memory_take_lowest(word_t bytes);

/* Take `bytes` at the top of the last region that has them; BOOT_NO_MEMORY if none has. */
paddr_t boot_memory_take_highest(word_t bytes, word_t align_bits);
