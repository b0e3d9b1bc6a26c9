/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invalidation of what the CPU remembers of users' tables. Their entries are never global and PCIDs
 * are not used, so only the loaded address space can be remembered, and loading another forgets it.
 * Entries that are not present are never remembered. Source: Intel SDM vol. 3A 4.10.4.
 */
#pragma once

#include <arch/cpu.h>
#include <kernel/node.h>
#include <kernel/vspace.h>

static inline bool tlb_is_loaded(struct vspace space)
{
    return kptr_to_paddr((kptr_t)space.root) == node()->loaded_root;
}

/* An entry that was not valid has been written. */
static inline void tlb_entry_added(void)
{
}

/* The entry of a page at vaddr was cleared. */
static inline void tlb_invalidate_page(struct vspace space, vaddr_t vaddr)
{
    if (tlb_is_loaded(space)) {
        cpu_invalidate_page(vaddr);
    }
}

/* The entry of a table was cleared, or the whole space ends. */
static inline void tlb_invalidate_space(struct vspace space)
{
    if (tlb_is_loaded(space)) {
        cpu_write_cr3(node()->loaded_root);
    }
}

/* Many spaces have ended; none of them is loaded any more. */
static inline void tlb_invalidate_all(void)
{
}
