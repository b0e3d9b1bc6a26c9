/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See boot_memory.h. */
#include <abi/abi.h>
#include <arch/direct_map.h>
#include <kernel/boot_memory.h>
#include <kernel/print.h>

BOOT_DATA struct boot_regions boot_free_memory;
BOOT_DATA struct boot_regions boot_device_memory;

BOOT_CODE static void drop(struct boot_regions *set, word_t i)
{
    set->count--;
    for (; i < set->count; i++) {
        set->region[i] = set->region[i + 1];
    }
}

/* Add a region that overlaps none; empty ones are ignored. */
BOOT_CODE static void insert(struct boot_regions *set, struct boot_region region)
{
    if (region.start >= region.end) {
        return;
    }
    if (set->count == BOOT_REGIONS_MAX) {
        kernel_print("boot: more than %u memory regions, 0x%lx to 0x%lx is not used\n",
                     BOOT_REGIONS_MAX, region.start, region.end);
        return;
    }
    word_t i = set->count++;
    for (; i > 0 && set->region[i - 1].start > region.start; i--) {
        set->region[i] = set->region[i - 1];
    }
    set->region[i] = region;
}

BOOT_CODE static void subtract(struct boot_regions *set, struct boot_region hole)
{
    for (word_t i = set->count; i-- > 0;) {
        struct boot_region region = set->region[i];
        if (hole.start < region.end && hole.end > region.start) {
            drop(set, i);
            insert(set, (struct boot_region){region.start, hole.start});
            insert(set, (struct boot_region){hole.end, region.end});
        }
    }
}

BOOT_CODE void boot_memory_init(void)
{
    boot_free_memory.count = 0;
    boot_device_memory.count = 0;
    insert(&boot_device_memory, (struct boot_region){0, ARCH_DEVICE_TOP});
}

BOOT_CODE void boot_memory_add_ram(struct boot_region region)
{
    region.start = ALIGN_UP(region.start, seL4_PageBits);
    region.end = ALIGN_DOWN(region.end, seL4_PageBits);
    if (region.start >= region.end) {
        return;
    }
    /* Become one with those that overlap or touch. */
    for (word_t i = boot_free_memory.count; i-- > 0;) {
        struct boot_region other = boot_free_memory.region[i];
        if (other.start <= region.end && other.end >= region.start) {
            region.start = other.start < region.start ? other.start : region.start;
            region.end = other.end > region.end ? other.end : region.end;
            drop(&boot_free_memory, i);
        }
    }
    insert(&boot_free_memory, region);
    subtract(&boot_device_memory, region);
}

BOOT_CODE void boot_memory_reserve(struct boot_region region)
{
    subtract(&boot_free_memory, region);
    subtract(&boot_device_memory, region);
}

BOOT_CODE bool boot_memory_take(struct boot_region region)
{
    for (word_t i = 0; i < boot_free_memory.count; i++) {
        struct boot_region free = boot_free_memory.region[i];
        if (region.start >= free.start && region.start < region.end && region.end <= free.end) {
            subtract(&boot_free_memory, region);
            return true;
        }
    }
    return false;
}

BOOT_CODE paddr_t boot_memory_take_lowest(word_t bytes)
{
    for (word_t i = 0; i < boot_free_memory.count; i++) {
        paddr_t start = boot_free_memory.region[i].start;
        if (boot_memory_take((struct boot_region){start, start + bytes})) {
            return start;
        }
    }
    return BOOT_NO_MEMORY;
}

BOOT_CODE paddr_t boot_memory_take_highest(word_t bytes, word_t align_bits)
{
    for (word_t i = boot_free_memory.count; i-- > 0;) {
        paddr_t start = ALIGN_DOWN(boot_free_memory.region[i].end - bytes, align_bits);
        if (boot_memory_take((struct boot_region){start, start + bytes})) {
            return start;
        }
    }
    return BOOT_NO_MEMORY;
}
