/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What generic code must know about address spaces. The direct map covers RAM; addresses of device
 * memory follow the same arithmetic but are not mapped.
 */
#pragma once

#include <arch/cap.h>
#include <arch/direct_map.h>

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - DIRECT_MAP_BASE;
}

static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + DIRECT_MAP_BASE;
}

/* True for a root table that has an ASID. */
static inline bool arch_cap_is_vspace(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_VSPACE && cap_mapped_asid(cap) != 0;
}

/* True for a frame that could hold an IPC buffer. */
static inline bool arch_cap_is_buffer_frame(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_FRAME && !cap_frame_is_device(cap);
}

/*
 * The IPC buffer that the frame capability gives access to, by the low bits of vaddr; null if it is
 * no such frame or its rights do not suffice.
 */
static inline word_t *arch_frame_buffer(struct cap cap, vaddr_t vaddr, bool writable)
{
    if (UNLIKELY(!arch_cap_is_buffer_frame(cap))) {
        return NULL;
    }
    word_t rights = cap_frame_rights(cap);
    if (UNLIKELY(rights != FRAME_READ_WRITE && (writable || rights != FRAME_READ_ONLY))) {
        return NULL;
    }
    return (word_t *)(cap_kptr(cap) + (vaddr & MASK(cap_frame_bits(cap))));
}
