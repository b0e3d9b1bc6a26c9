/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capabilities of memory that users map, alike on every architecture: view "memory" of struct cap.
 *
 *   frame        log2 of its bytes, rights, whether it is of a device
 *   page table   ABI tag (x86_64 has several kinds) in the place of bits
 *   ASID pool    w1: first ASID
 *
 * w1 of a frame, a table or the root of an address space ("VSpace") is the place where it is
 * mapped: virtual address and ASID, or 0. ASID 0 is never assigned. What a device sees (x86_64,
 * in_io_space) has its IO page number there and the device's request id, which is not 0 either.
 */
#pragma once

#include <kernel/cap.h>

/* Bit 0: users may read (and execute); bit 1: they may write, too. */
enum frame_rights {
    FRAME_KERNEL_ONLY = 0,
    FRAME_READ_ONLY = 1,
    FRAME_READ_WRITE = 3,
};

#define FRAME_RIGHTS_SHIFT 6
#define FRAME_RIGHTS_MASK  (MASK(2) << FRAME_RIGHTS_SHIFT)
#define FRAME_DEVICE_FLAG  BIT(8)
#define MAPPED_ASID_BITS   16

/* ---- where something is mapped ---- */

static inline bool cap_is_mapped(struct cap cap)
{
    return cap.w1 != 0;
}

static inline struct cap cap_set_mapping(struct cap cap, word_t asid, vaddr_t vaddr)
{
    cap.w1 = vaddr << MAPPED_ASID_BITS | asid;
    return cap;
}

static inline struct cap cap_set_io_mapping(struct cap cap, word_t request_id, word_t page)
{
    cap.memory.in_io_space = 1;
    return cap_set_mapping(cap, request_id, page);
}

static inline struct cap cap_set_unmapped(struct cap cap)
{
    cap.memory.in_io_space = 0;
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

/* The frame's rights under a user's rights word: write-only does not exist. */
static inline enum frame_rights cap_frame_masked_rights(struct cap cap, word_t mask)
{
    word_t allowed = mask & RIGHT_WRITE ? FRAME_READ_WRITE : FRAME_READ_ONLY;
    return mask & RIGHT_READ ? cap.memory.rights & allowed : FRAME_KERNEL_ONLY;
}

/* True for a frame that could hold an IPC buffer. */
static inline bool cap_is_buffer_frame(struct cap cap)
{
    return cap.tag == CAP_FRAME && !cap.memory.device;
}

/*
 * The IPC buffer that the frame capability gives access to, by the low bits of vaddr; null if it is
 * no such frame or its rights do not suffice.
 */
static inline word_t *cap_frame_buffer(struct cap cap, vaddr_t vaddr, bool writable)
{
    if (UNLIKELY(!cap_is_buffer_frame(cap) ||
                 cap.memory.rights < (writable ? FRAME_READ_WRITE : FRAME_READ_ONLY))) {
        return NULL;
    }
    return (word_t *)(cap_kptr(cap) + (vaddr & MASK(cap.memory.bits)));
}

/* ---- tables, roots ---- */

/* True for the root of an address space that was given an ASID. */
static inline bool cap_is_vspace(struct cap cap)
{
    return cap.tag == CAP_VSPACE && cap_is_mapped(cap);
}

/* What DebugCapIdentify answers. */
static inline word_t cap_identify(struct cap cap)
{
    return cap.tag == CAP_PAGE_TABLE ? cap.memory.bits : cap.tag;
}
