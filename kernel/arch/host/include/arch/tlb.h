/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* There is no TLB: kernel_host_translate() walks the tables each time. */
#pragma once

#include <kernel/types.h>

static inline void tlb_invalidate_page(word_t asid, vaddr_t vaddr)
{
    (void)asid;
    (void)vaddr;
}

static inline void tlb_invalidate_asid(word_t asid)
{
    (void)asid;
}

static inline void tlb_invalidate_all(void)
{
}
