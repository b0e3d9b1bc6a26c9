/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The direct map, and questions of generic code about address-space capabilities. */
#pragma once

#include <arch/cap.h>
#include <arch/layout.h>

static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + PHYSICAL_BASE;
}

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - PHYSICAL_BASE;
}

static inline bool arch_cap_is_vspace(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_PML4 && cap_pml4_asid(cap) != 0;
}

static inline bool arch_cap_is_buffer_frame(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_FRAME && !cap_frame_is_device(cap);
}

static inline word_t *arch_frame_buffer(struct cap cap, vaddr_t vaddr, bool writable)
{
    if (!arch_cap_is_buffer_frame(cap) ||
        cap_frame_rights(cap) < (writable ? FRAME_READ_WRITE : FRAME_READ_ONLY)) {
        return 0;
    }
    return (word_t *)(cap_kptr(cap) + (vaddr & MASK(cap_frame_bits(cap))));
}
