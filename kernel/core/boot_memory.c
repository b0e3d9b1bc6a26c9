/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sets of physical memory regions while booting: what is free, what is device, and cutting both. */
#include <arch/vspace.h>
#include <kernel/boot_memory.h>
#include <kernel/print.h>

/* Remove entry i. */
BOOT_CODE static void drop(struct boot_regions *set, word_t i)
{
    set->count--;
    for (; i < set->count; i++) {
        set->region[i] = set->region[i + 1];
    }
}

BOOT_CODE bool boot_regions_add(struct boot_regions *set, struct boot_region region)
{
    word_t i = set->count;
    if (region.start >= region.end) {
        return true;
    }
    if (set->count == BOOT_REGIONS_MAX) {
        kernel_print("boot: more than %u memory regions\n", BOOT_REGIONS_MAX);
        return false;
    }
    for (; i > 0 && set->region[i - 1].start > region.start; i--) {
        set->region[i] = set->region[i - 1];
    }
    set->region[i] = region;
    set->count++;
    return true;
}

BOOT_CODE bool boot_regions_subtract(struct boot_regions *set, struct boot_region hole)
{
    for (word_t i = 0; i < set->count; i++) {
        struct boot_region *region = &set->region[i];
        if (hole.end <= region->start || hole.start >= region->end) {
            continue;
        }
        struct boot_region above = {hole.end, region->end};
        region->end = hole.start;
        if (region->start >= region->end) {
            drop(set, i);
            i--;
        }
        if (!boot_regions_add(set, above)) {
            return false;
        }
    }
    return true;
}

BOOT_CODE paddr_t boot_regions_take_top(struct boot_regions *set, word_t bytes, word_t align_bits)
{
    for (word_t i = set->count; i > 0; i--) {
        struct boot_region region = set->region[i - 1];
        if (region.end - region.start < bytes) {
            continue;
        }
        paddr_t start = ALIGN_DOWN(region.end - bytes, align_bits);
        if (start >= region.start &&
            boot_regions_subtract(set, (struct boot_region){start, start + bytes})) {
            return start;
        }
    }
    return BOOT_NO_MEMORY;
}

BOOT_CODE word_t boot_piece_bits(struct boot_region region)
{
    word_t bytes = region.end - region.start;
    kptr_t base = paddr_to_kptr(region.start);
    word_t bits = seL4_MaxUntypedBits;
    if (base != 0 && (word_t)__builtin_ctzl(base) < bits) {
        bits = (word_t)__builtin_ctzl(base);
    }
    while (bits >= seL4_MinUntypedBits && BIT(bits) > bytes) {
        bits--;
    }
    return bits;
}
