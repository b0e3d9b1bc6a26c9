/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capabilities of aarch64, over cap_make(tag, eleven bits, kernel address, word):
 *
 *   frame        aux = size 0..1 | rights 2..3 | device 4    w1 = ASID 63..48 | vaddr 47..0
 *   page table                                               w1 = ASID 63..48 | vaddr 47..0
 *   vspace root                                              w1 = ASID 63..48
 *   ASID pool                                                w1 = first ASID
 *   SMC                                                      w1 = badge (function number)
 *   SGI signal   aux = SGI number                            w1 = target
 *
 * ASID 0 is never assigned: it says "not mapped".
 */
#pragma once

#include <kernel/cap.h>

enum frame_size {
    FRAME_4K,
    FRAME_2M,
    FRAME_1G,
};

enum frame_rights {
    FRAME_KERNEL_ONLY,
    FRAME_READ_ONLY,
    FRAME_READ_WRITE,
};

#define FRAME_RIGHTS_SHIFT 2
#define FRAME_DEVICE_FLAG  BIT(4)
#define MAPPED_ASID_SHIFT  48

static inline word_t cap_frame_size(struct cap cap)
{
    return cap_aux(cap) & 3;
}

/* log2 of the frame's bytes. */
static inline word_t cap_frame_bits(struct cap cap)
{
    return seL4_PageBits + seL4_PageTableIndexBits * cap_frame_size(cap);
}

static inline word_t cap_frame_rights(struct cap cap)
{
    return cap_aux(cap) >> FRAME_RIGHTS_SHIFT & 3;
}

static inline bool cap_frame_is_device(struct cap cap)
{
    return (cap_aux(cap) & FRAME_DEVICE_FLAG) != 0;
}

static inline struct cap cap_frame(kptr_t base, word_t size, word_t rights, bool device)
{
    return cap_make(ABI_CAP_FRAME,
                    size | rights << FRAME_RIGHTS_SHIFT | (device ? FRAME_DEVICE_FLAG : 0), base,
                    0);
}

static inline struct cap cap_frame_set_rights(struct cap cap, word_t rights)
{
    return cap_set_aux(cap, (cap_aux(cap) & ~(3ul << FRAME_RIGHTS_SHIFT)) |
                                rights << FRAME_RIGHTS_SHIFT);
}

/* Mapping of a frame or table, or the ASID of a root; 0 = none. */
static inline word_t cap_mapped_asid(struct cap cap)
{
    return cap.w1 >> MAPPED_ASID_SHIFT;
}

static inline vaddr_t cap_mapped_vaddr(struct cap cap)
{
    return cap.w1 & MASK(MAPPED_ASID_SHIFT);
}

static inline struct cap cap_set_mapping(struct cap cap, word_t asid, vaddr_t vaddr)
{
    cap.w1 = asid << MAPPED_ASID_SHIFT | vaddr;
    return cap;
}

static inline struct cap cap_set_unmapped(struct cap cap)
{
    cap.w1 = 0;
    return cap;
}

static inline struct cap cap_page_table(kptr_t table)
{
    return cap_make(ABI_CAP_PAGE_TABLE, 0, table, 0);
}

static inline struct cap cap_vspace(kptr_t root)
{
    return cap_make(ABI_CAP_VSPACE, 0, root, 0);
}

static inline struct cap cap_asid_pool(kptr_t pool, word_t first_asid)
{
    return cap_make(ABI_CAP_ASID_POOL, 0, pool, first_asid);
}

static inline word_t cap_asid_pool_first(struct cap cap)
{
    return cap.w1;
}

static inline word_t cap_smc_badge(struct cap cap)
{
    return cap.w1;
}

static inline struct cap cap_sgi_signal(word_t sgi, word_t target)
{
    return cap_make(ABI_CAP_SGI_SIGNAL, sgi, 0, target);
}

static inline word_t cap_sgi_number(struct cap cap)
{
    return cap_aux(cap);
}

static inline word_t cap_sgi_target(struct cap cap)
{
    return cap.w1;
}
