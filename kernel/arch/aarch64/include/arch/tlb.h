/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* TLB maintenance of this core. ASIDs of the ABI are used as hardware ASIDs as they are. */
#pragma once

#include <kernel/vspace.h>

/* An entry that was not valid has been written. */
static inline void tlb_entry_added(void)
{
    barrier_table_written();
    barrier_instruction();
}

/* The entry of a page at vaddr was cleared. */
static inline void tlb_invalidate_page(struct vspace space, vaddr_t vaddr)
{
    barrier_table_written();
    __asm__ volatile("tlbi vae1, %0" ::"r"(space.asid << 48 | (vaddr >> 12 & MASK(44))) : "memory");
    barrier_maintenance();
}

/* The entry of a table was cleared, or the whole space ends. */
static inline void tlb_invalidate_space(struct vspace space)
{
    barrier_table_written();
    __asm__ volatile("tlbi aside1, %0" ::"r"(space.asid << 48) : "memory");
    barrier_maintenance();
}

/* Everything. */
static inline void tlb_invalidate_all(void)
{
    barrier_table_written();
    __asm__ volatile("tlbi vmalle1" ::: "memory");
    barrier_maintenance();
}
