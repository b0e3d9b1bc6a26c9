/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What <kernel/vspace.h> must know about translation tables: the form of an entry, and where the
 * ABI of x86_64 is its own. Source: Intel SDM vol. 3A 4.5 (4-level paging), 11.12 (PAT).
 */
#pragma once

#include <kernel/memory_cap.h>
#include <kernel/table.h>

#define PTE_ADDRESS 0x000ffffffffff000ul

/* Of the root task: first address it can't use; order and number of its boot slots. */
#define ARCH_USER_TOP                 seL4_UserTop
#define ARCH_BOOT_SCHED_CONTROL_FIRST 1
#define ARCH_BOOT_EXTRA_WHOLE_AREA    1

/* Of pages of the kernel. */
#define KERNEL_DATA  (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NO_EXECUTE)
#define KERNEL_CONST (PTE_PRESENT | PTE_GLOBAL | PTE_NO_EXECUTE)
#define KERNEL_TEXT  (PTE_PRESENT | PTE_GLOBAL)

/* Of Map a page, in which order, and up to which end: vaddr + size. */
#define ARCH_MAP_CHECKS_PLACE_FIRST         1
#define ARCH_MAP_OVER_TABLE_IS_DELETE_FIRST 1
#define ARCH_MAP_END_MAX                    ABI_USER_VADDR_MAX

static inline bool pte_is_valid(pte_t pte)
{
    return pte & PTE_PRESENT;
}

static inline bool pte_is_table(pte_t pte, word_t level)
{
    return level != LEVEL_LAST && (pte & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

/* The page or table that an entry points to. A large page has an attribute in its address field. */
static inline paddr_t pte_paddr(pte_t pte, word_t level)
{
    bool large = level != LEVEL_LAST && (pte & PTE_LARGE);
    return pte & PTE_ADDRESS & (large ? ~(pte_t)PTE_PAT_LARGE : ~(pte_t)0);
}

/* Attribute bits 0 and 1 of pages and tables are write-through and cache-disable. */
static inline pte_t pte_cache_bits(word_t attributes)
{
    return (attributes & MASK(2)) * PTE_WRITE_THROUGH;
}

static inline pte_t pte_for_table(paddr_t table, word_t attributes)
{
    return table | PTE_PRESENT | PTE_WRITE | PTE_USER | pte_cache_bits(attributes);
}

/* Attributes are an index into the page attribute table, of which 1 GiB pages ignore bit 2. */
static inline pte_t pte_for_page(paddr_t page, word_t level, enum frame_rights rights,
                                 word_t attributes)
{
    static const uint8_t access[] = {
        [FRAME_KERNEL_ONLY] = PTE_PRESENT,
        [FRAME_READ_ONLY] = PTE_PRESENT | PTE_USER,
        [FRAME_READ_WRITE] = PTE_PRESENT | PTE_USER | PTE_WRITE,
    };
    pte_t pte = page | access[rights] | pte_cache_bits(attributes);
    bool pat = attributes & BIT(2);
    if (level == LEVEL_LAST) {
        return pte | (pat ? PTE_PAT_SMALL : 0);
    }
    return pte | PTE_LARGE | (pat && level == seL4_LargePageBits ? PTE_PAT_LARGE : 0);
}

/* The tag of a table that is named by an entry of the given level, and the reverse. */
static inline word_t arch_table_tag(word_t level)
{
    return ABI_CAP_PAGE_TABLE + 2 * (level - seL4_LargePageBits) / TABLE_INDEX_BITS;
}

static inline word_t arch_table_level(struct cap table, word_t walk_level)
{
    return seL4_LargePageBits + (cap_identify(table) - ABI_CAP_PAGE_TABLE) / 2 * TABLE_INDEX_BITS;
}

/* Every page of a user is executable. */
static inline word_t arch_boot_attributes(bool executable)
{
    return seL4_X86_Default_VMAttributes;
}
