/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host's memory is an arena of the process, which stands for RAM from HOST_RAM_BASE on. Page
 * tables are real tables in it, but nobody walks them except tests; user code gets at frames by
 * their address in the arena.
 */
#pragma once

#include <arch/cap.h>

#define HOST_RAM_BASE UINT64_C(0x40000000)

/* Kernel address minus physical address; set when a kernel instance is booted. */
extern kptr_t host_direct_map_offset;

static inline paddr_t kptr_to_paddr(kptr_t kptr)
{
    return kptr - host_direct_map_offset;
}

static inline kptr_t paddr_to_kptr(paddr_t paddr)
{
    return paddr + host_direct_map_offset;
}

static inline bool arch_cap_is_vspace(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_VSPACE && host_cap_is_mapped(cap);
}

static inline bool arch_cap_is_buffer_frame(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_FRAME && (cap_aux(cap) & HOST_CAP_DEVICE) == 0;
}

static inline word_t *arch_frame_buffer(struct cap cap, vaddr_t vaddr, bool writable)
{
    word_t rights = host_frame_rights(cap);
    if (!arch_cap_is_buffer_frame(cap) || rights == HOST_KERNEL_ONLY ||
        (writable && rights != HOST_READ_WRITE)) {
        return NULL;
    }
    return (word_t *)(cap_kptr(cap) + (vaddr & MASK(host_frame_bits(cap))));
}
