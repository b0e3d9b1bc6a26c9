/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* TLB maintenance of this core. */
#pragma once

#include <arch/sysreg.h>

/* Drop what the TLB holds for one page of one ASID; after the entry was cleared. */
static inline void tlb_invalidate_page(word_t asid, vaddr_t vaddr)
{
    barrier_table_written();
    __asm__ volatile("tlbi vae1, %0" ::"r"(asid << 48 | (vaddr >> 12 & MASK(44))) : "memory");
    barrier_maintenance();
}

/* Drop everything of one ASID. */
static inline void tlb_invalidate_asid(word_t asid)
{
    barrier_table_written();
    __asm__ volatile("tlbi aside1, %0" ::"r"(asid << 48) : "memory");
    barrier_maintenance();
}

static inline void tlb_invalidate_all(void)
{
    barrier_table_written();
    __asm__ volatile("tlbi vmalle1" ::: "memory");
    barrier_maintenance();
}
