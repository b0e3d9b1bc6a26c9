/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capabilities of memory that users map, alike on every architecture, over <kernel/cap.h>:
 *
 *   frame        aux: log2 of its bytes 0..4 | in an IO space 5 | rights 6..7 | device 8
 *   page table   aux: ABI tag 0..4 (x86_64 has several kinds) | in an IO space 5
 *   ASID pool    w1: first ASID
 *
 * w1 of a frame, a table or the root of an address space ("VSpace") is the place where it is
 * mapped: virtual address << 16 | ASID, or 0. ASID 0 is never assigned. What a device sees (x86_64)
 * has its IO page number there and the device's request id, which is not 0 either.
 */
#pragma once

#include <kernel/cap.h>

/* Bit 0: users may read (and execute); bit 1: they may write, too. */
enum frame_rights {
    FRAME_KERNEL_ONLY = 0,
    FRAME_READ_ONLY = 1,
    FRAME_READ_WRITE = 3,
};

#define FRAME_SIZE_BITS    5
#define MAPPED_IN_IO_SPACE BIT(5)
#define FRAME_RIGHTS_SHIFT 6
#define FRAME_RIGHTS_MASK  (MASK(2) << FRAME_RIGHTS_SHIFT)
#define FRAME_DEVICE_FLAG  BIT(8)
#define MAPPED_ASID_BITS   16

/* ---- where something is mapped ---- */

static inline bool cap_is_mapped(struct cap cap)
{
    return cap.w1 != 0;
}

static inline word_t cap_mapped_asid(struct cap cap)
{
    return cap.w1 & MASK(MAPPED_ASID_BITS);
}

static inline vaddr_t cap_mapped_vaddr(struct cap cap)
{
    return cap.w1 >> MAPPED_ASID_BITS;
}

static inline bool cap_is_in_io_space(struct cap cap)
{
    return cap_aux(cap) & MAPPED_IN_IO_SPACE;
}

static inline struct cap cap_set_mapping(struct cap cap, word_t asid, vaddr_t vaddr)
{
    cap.w1 = vaddr << MAPPED_ASID_BITS | asid;
    return cap;
}

static inline struct cap cap_set_io_mapping(struct cap cap, word_t request_id, word_t page)
{
    return cap_set_mapping(cap_set_aux(cap, cap_aux(cap) | MAPPED_IN_IO_SPACE), request_id, page);
}

static inline struct cap cap_set_unmapped(struct cap cap)
{
    cap = cap_set_aux(cap, cap_aux(cap) & ~MAPPED_IN_IO_SPACE);
    cap.w1 = 0;
    return cap;
}

/* ---- frames ---- */

static inline struct cap cap_frame(kptr_t base, word_t size_bits, bool device)
{
    word_t device_flag = device ? FRAME_DEVICE_FLAG : 0;
    return cap_make(CAP_FRAME, size_bits | FRAME_READ_WRITE << FRAME_RIGHTS_SHIFT | device_flag,
                    base, 0);
}

/* log2 of the frame's bytes. */
static inline word_t cap_frame_bits(struct cap cap)
{
    return cap_aux(cap) & MASK(FRAME_SIZE_BITS);
}

static inline enum frame_rights cap_frame_rights(struct cap cap)
{
    return (enum frame_rights)((cap_aux(cap) & FRAME_RIGHTS_MASK) >> FRAME_RIGHTS_SHIFT);
}

static inline bool cap_frame_is_device(struct cap cap)
{
    return cap_aux(cap) & FRAME_DEVICE_FLAG;
}

/* The frame's rights under a user's rights word: write-only does not exist. */
static inline enum frame_rights cap_frame_masked_rights(struct cap cap, word_t mask)
{
    word_t allowed = mask & RIGHT_WRITE ? FRAME_READ_WRITE : FRAME_READ_ONLY;
    return mask & RIGHT_READ ? cap_frame_rights(cap) & allowed : FRAME_KERNEL_ONLY;
}

/* True for a frame that could hold an IPC buffer. */
static inline bool cap_is_buffer_frame(struct cap cap)
{
    return cap_tag(cap) == CAP_FRAME && !cap_frame_is_device(cap);
}

/*
 * The IPC buffer that the frame capability gives access to, by the low bits of vaddr; null if it is
 * no such frame or its rights do not suffice.
 */
static inline word_t *cap_frame_buffer(struct cap cap, vaddr_t vaddr, bool writable)
{
    if (UNLIKELY(!cap_is_buffer_frame(cap) ||
                 cap_frame_rights(cap) < (writable ? FRAME_READ_WRITE : FRAME_READ_ONLY))) {
        return NULL;
    }
    return (word_t *)(cap_kptr(cap) + (vaddr & MASK(cap_frame_bits(cap))));
}

/* ---- tables, roots, ASID pools ---- */

static inline struct cap cap_page_table(word_t abi_tag, kptr_t table)
{
    return cap_make(CAP_PAGE_TABLE, abi_tag, table, 0);
}

static inline struct cap cap_vspace(kptr_t root)
{
    return cap_make(CAP_VSPACE, 0, root, 0);
}

/* True for the root of an address space that was given an ASID. */
static inline bool cap_is_vspace(struct cap cap)
{
    return cap_tag(cap) == CAP_VSPACE && cap_is_mapped(cap);
}

static inline struct cap cap_asid_pool(kptr_t pool, word_t first_asid)
{
    return cap_make(CAP_ASID_POOL, 0, pool, first_asid);
}

static inline word_t cap_asid_pool_first(struct cap cap)
{
    return cap.w1;
}

/* What DebugCapIdentify answers. */
static inline word_t cap_identify(struct cap cap)
{
    return cap_tag(cap) == CAP_PAGE_TABLE ? cap_aux(cap) & MASK(WORD_BITS - CAP_TAG_SHIFT)
                                          : cap_tag(cap);
}
