/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Translation tables: four levels of 512 entries, 4 KiB granule.
 * Source: Arm Architecture Reference Manual (Armv8-A), D5.3.
 *
 * A level is named by the log2 of what one of its entries covers: 39, 30, 21, 12.
 */
#pragma once

#include <arch/sysreg.h>
#include <arch/vspace.h>

typedef uint64_t pte_t;

#define TABLE_ENTRIES    512
#define TABLE_INDEX_BITS 9
#define LEVEL_TOP        39u
#define LEVEL_LAST       12u

#define PTE_VALID       BIT(0)
#define PTE_TABLE       3ul /* at 39, 30 and 21 */
#define PTE_BLOCK       1ul /* at 30 and 21 */
#define PTE_PAGE        3ul /* at 12 */
#define PTE_TYPE_MASK   3ul
#define PTE_ATTR_DEVICE (0ul << 2) /* MAIR index 0: nGnRnE */
#define PTE_ATTR_NORMAL (4ul << 2) /* MAIR index 4: write-back */
#define PTE_USER        BIT(6)
#define PTE_READ_ONLY   BIT(7)
#define PTE_ACCESSED    BIT(10)
#define PTE_NOT_GLOBAL  BIT(11)
#define PTE_PRIV_XN     BIT(53)
#define PTE_USER_XN     BIT(54)
#define PTE_ADDRESS     0x0000fffffffff000ul

static inline word_t table_index(vaddr_t vaddr, word_t level)
{
    return vaddr >> level & (TABLE_ENTRIES - 1);
}

static inline paddr_t pte_paddr(pte_t pte)
{
    return pte & PTE_ADDRESS;
}

/* True if the entry, of a level above the last, points to a further table. */
static inline bool pte_is_table(pte_t pte)
{
    return (pte & PTE_TYPE_MASK) == PTE_TABLE;
}

static inline pte_t *pte_table(pte_t pte)
{
    return (pte_t *)paddr_to_kptr(pte_paddr(pte));
}
