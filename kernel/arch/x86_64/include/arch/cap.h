/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The capabilities of x86_64, over the generic two-word layout of <kernel/cap.h>.
 *
 *   frame                aux: size (0..1), device (2), rights (3..4), mapped (5..6); w1: vaddr |
 * ASID page table, directory, PDPT   aux: mapped (0); w1: vaddr | ASID PML4                 w1:
 * ASID, 0 = none ASID pool            w1: first ASID I/O port             w1: first | last << 16
 *
 * Mapped virtual addresses are page aligned and an ASID has 12 bits, so one word holds both.
 */
#pragma once

#include <abi/arch/cap_tags.h>
#include <kernel/cap.h>

#define ASID_BITS       12
#define ASID_POOL_BITS  9 /* entries of a pool */
#define ASID_POOL_COUNT (1u << (ASID_BITS - ASID_POOL_BITS))

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

enum frame_mapped {
    FRAME_UNMAPPED,
    FRAME_IN_VSPACE,
    FRAME_IN_IOSPACE,
};

#define FRAME_DEVICE_FLAG  BIT(2)
#define FRAME_RIGHTS_SHIFT 3
#define FRAME_MAPPED_SHIFT 5

static inline struct cap cap_frame(kptr_t base, enum frame_size size, bool device,
                                   enum frame_rights rights)
{
    return cap_make(ABI_CAP_FRAME,
                    (word_t)size | (device ? FRAME_DEVICE_FLAG : 0) |
                        (word_t)rights << FRAME_RIGHTS_SHIFT,
                    base, 0);
}

static inline enum frame_size cap_frame_size(struct cap cap)
{
    return (enum frame_size)(cap_aux(cap) & 3);
}

/* log2 of the frame's bytes. */
static inline word_t cap_frame_bits(struct cap cap)
{
    return 12 + 9 * (word_t)cap_frame_size(cap);
}

static inline bool cap_frame_is_device(struct cap cap)
{
    return cap_aux(cap) & FRAME_DEVICE_FLAG;
}

static inline enum frame_rights cap_frame_rights(struct cap cap)
{
    return (enum frame_rights)(cap_aux(cap) >> FRAME_RIGHTS_SHIFT & 3);
}

static inline enum frame_mapped cap_frame_mapped(struct cap cap)
{
    return (enum frame_mapped)(cap_aux(cap) >> FRAME_MAPPED_SHIFT & 3);
}

static inline struct cap cap_frame_set_rights(struct cap cap, enum frame_rights rights)
{
    word_t aux = cap_aux(cap) & ~((word_t)3 << FRAME_RIGHTS_SHIFT);
    return cap_set_aux(cap, aux | (word_t)rights << FRAME_RIGHTS_SHIFT);
}

/* With FRAME_UNMAPPED the place is forgotten. */
static inline struct cap cap_frame_set_mapped(struct cap cap, enum frame_mapped mapped,
                                              word_t place)
{
    word_t aux = cap_aux(cap) & ~((word_t)3 << FRAME_MAPPED_SHIFT);
    cap = cap_set_aux(cap, aux | (word_t)mapped << FRAME_MAPPED_SHIFT);
    cap.w1 = place;
    return cap;
}

/* Page tables, page directories, PDPTs and IO page tables. */
static inline bool cap_table_is_mapped(struct cap cap)
{
    return cap_aux(cap) & 1;
}

static inline struct cap cap_table_set_mapped(struct cap cap, bool mapped, word_t place)
{
    cap = cap_set_aux(cap, mapped);
    cap.w1 = place;
    return cap;
}

/* Place of a mapped frame or table in a VSpace. */
static inline word_t cap_mapping(vaddr_t vaddr, word_t asid)
{
    return vaddr | asid;
}

static inline vaddr_t cap_mapping_vaddr(struct cap cap)
{
    return cap.w1 & ~MASK(ASID_BITS);
}

static inline word_t cap_mapping_asid(struct cap cap)
{
    return cap.w1 & MASK(ASID_BITS);
}

static inline word_t cap_pml4_asid(struct cap cap)
{
    return cap.w1;
}

static inline word_t cap_asid_pool_base(struct cap cap)
{
    return cap.w1;
}

static inline struct cap cap_io_port(word_t first, word_t last)
{
    return cap_make(ABI_CAP_IO_PORT, 0, 0, first | last << 16);
}

static inline word_t cap_io_port_first(struct cap cap)
{
    return cap.w1 & MASK(16);
}

static inline word_t cap_io_port_last(struct cap cap)
{
    return cap.w1 >> 16;
}
