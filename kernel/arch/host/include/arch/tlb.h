/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* There is no TLB: kernel_host_translate() walks the tables each time. */
#pragma once

#include <kernel/vspace.h>

static inline void tlb_entry_added(void)
{
}

static inline void tlb_invalidate_page(struct vspace space, vaddr_t vaddr)
{
}

static inline void tlb_invalidate_space(struct vspace space)
{
}

static inline void tlb_invalidate_all(void)
{
}
