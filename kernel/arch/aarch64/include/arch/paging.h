/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What <kernel/vspace.h> must know about translation tables: the form of an entry (pte_regs.h), and
 * where the ABI of aarch64 is its own.
 */
#pragma once

#include <arch/pte_regs.h>
#include <arch/sysreg.h>
#include <kernel/memory_cap.h>
#include <kernel/table.h>

/* Of Map a page, in which order, and up to which end: vaddr + size. */
#define ARCH_MAP_CHECKS_PLACE_FIRST         0
#define ARCH_MAP_OVER_TABLE_IS_DELETE_FIRST 0
#define ARCH_MAP_END_MAX                    (ABI_USER_VADDR_MAX + 1)

/* Of the root task: first address it can't use; order and number of its boot slots. */
#define ARCH_USER_TOP                 (ABI_USER_VADDR_MAX + 1)
#define ARCH_BOOT_SCHED_CONTROL_FIRST 0
#define ARCH_BOOT_EXTRA_WHOLE_AREA    0

/* Of pages of the kernel. */
#define KERNEL_PAGE  (PTE_PAGE | PTE_ACCESSED | PTE_ATTR_NORMAL | PTE_USER_XN)
#define KERNEL_DATA  (KERNEL_PAGE | PTE_PRIV_XN)
#define KERNEL_CONST (KERNEL_PAGE | PTE_PRIV_XN | PTE_READ_ONLY)
#define KERNEL_TEXT  (KERNEL_PAGE | PTE_READ_ONLY)

static inline bool pte_is_valid(pte_t pte)
{
    return pte & PTE_VALID;
}

static inline bool pte_is_table(pte_t pte, word_t level)
{
    return level != LEVEL_LAST && (pte & PTE_TYPE_MASK) == PTE_TABLE;
}

/* True if user code may write to the page. */
static inline bool pte_is_user_writable(pte_t pte)
{
    return (pte & (PTE_USER | PTE_READ_ONLY)) == PTE_USER;
}

/* The page or table that an entry points to. */
static inline paddr_t pte_paddr(pte_t pte, word_t level)
{
    return pte & PTE_ADDRESS;
}

static inline pte_t pte_for_table(paddr_t table, word_t attributes)
{
    return table | PTE_TABLE;
}

static inline pte_t pte_for_page(paddr_t page, word_t level, enum frame_rights rights,
                                 word_t attributes)
{
    static const pte_t access[] = {
        [FRAME_KERNEL_ONLY] = PTE_USER_XN,
        [FRAME_READ_ONLY] = PTE_USER | PTE_READ_ONLY,
        [FRAME_READ_WRITE] = PTE_USER,
    };
    return page | PTE_ACCESSED | PTE_NOT_GLOBAL | PTE_PRIV_XN | access[rights] |
           (level == LEVEL_LAST ? PTE_PAGE : PTE_BLOCK) |
           (attributes & seL4_ARM_PageCacheable ? PTE_ATTR_NORMAL : PTE_ATTR_DEVICE) |
           (attributes & seL4_ARM_ExecuteNever ? PTE_USER_XN : 0);
}

/* All tables below the root are of one kind, which goes to the first level where none is. */
static inline word_t arch_table_tag(word_t level)
{
    return ABI_CAP_PAGE_TABLE;
}

static inline word_t arch_table_level(struct cap table, word_t walk_level)
{
    return walk_level == LEVEL_LAST ? seL4_LargePageBits : walk_level;
}

static inline word_t arch_boot_attributes(bool executable)
{
    return seL4_ARM_Default_VMAttributes | (executable ? 0 : seL4_ARM_ExecuteNever);
}
