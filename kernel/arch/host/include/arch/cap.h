/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host's architecture capabilities, those of aarch64 without SMC and SGI.
 *
 *   frame       aux = size (0..1: small, large, huge) | rights (2..3) | device (4) | mapped (5)
 *   table       aux = mapped (5)
 *   vspace      aux = assigned (5)
 *   all three   w1 = virtual address << 16 | ASID
 */
#pragma once

#include <kernel/cap.h>

#define HOST_ASID_BITS    16
#define HOST_CAP_MAPPED   BIT(5)
#define HOST_CAP_DEVICE   BIT(4)
#define HOST_RIGHTS_SHIFT 2

enum host_frame_rights {
    HOST_KERNEL_ONLY = 0,
    HOST_READ_ONLY = 1,
    HOST_READ_WRITE = 3,
};

static inline bool host_cap_is_mapped(struct cap cap)
{
    return (cap_aux(cap) & HOST_CAP_MAPPED) != 0;
}

static inline word_t host_cap_asid(struct cap cap)
{
    return cap.w1 & MASK(HOST_ASID_BITS);
}

static inline vaddr_t host_cap_vaddr(struct cap cap)
{
    return cap.w1 >> HOST_ASID_BITS;
}

static inline struct cap host_cap_set_mapping(struct cap cap, word_t asid, vaddr_t vaddr)
{
    cap = cap_set_aux(cap, cap_aux(cap) | HOST_CAP_MAPPED);
    cap.w1 = vaddr << HOST_ASID_BITS | asid;
    return cap;
}

static inline struct cap host_cap_clear_mapping(struct cap cap)
{
    cap = cap_set_aux(cap, cap_aux(cap) & ~HOST_CAP_MAPPED);
    cap.w1 = 0;
    return cap;
}

/* log2 of a frame's bytes. */
static inline word_t host_frame_bits(struct cap cap)
{
    return seL4_PageBits + 9 * (cap_aux(cap) & MASK(2));
}

static inline word_t host_frame_rights(struct cap cap)
{
    return (cap_aux(cap) >> HOST_RIGHTS_SHIFT) & MASK(2);
}

static inline struct cap host_cap_frame(kptr_t base, word_t size, word_t rights, bool device)
{
    return cap_make(ABI_CAP_FRAME,
                    size | rights << HOST_RIGHTS_SHIFT | (device ? HOST_CAP_DEVICE : 0), base, 0);
}
