/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The capabilities that only x86_64 has. What identifies the object stands where others have its
 * address, so that all are compared alike.
 *
 *   I/O port    address field: first | last << 16
 *   IO space    address field: PCI request id; w1: domain
 */
#pragma once

#include <kernel/cap.h>

static inline struct cap cap_io_port(word_t first, word_t last)
{
    return cap_make(ABI_CAP_IO_PORT, 0, first | last << 16, 0);
}

static inline word_t cap_io_port_first(struct cap cap)
{
    return cap_kptr(cap) & MASK(16);
}

static inline word_t cap_io_port_last(struct cap cap)
{
    return cap_kptr(cap) >> 16;
}

static inline struct cap cap_io_space(word_t request_id, word_t domain)
{
    return cap_make(ABI_CAP_IO_SPACE, 0, request_id, domain);
}

static inline word_t cap_io_space_request_id(struct cap cap)
{
    return cap_kptr(cap);
}

static inline word_t cap_io_space_domain(struct cap cap)
{
    return cap.w1;
}

/* ---- what generic code asks: see kernel/arch/README.md ---- */

/* True if b was issued by a, a control capability. */
static inline bool arch_cap_issues(struct cap a, struct cap b)
{
    return cap_tag(a) == ABI_CAP_IO_PORT_CONTROL && cap_tag(b) == ABI_CAP_IO_PORT;
}

/* True if copies would be as powerful as the original control capability. */
static inline bool arch_cap_is_unique(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_IO_PORT_CONTROL;
}

/* True for capabilities with a badge in w1, beside those of endpoints and notifications. */
static inline bool arch_cap_has_badge(struct cap cap)
{
    return false;
}

/* As cap_update_data(), for what has neither badge nor guard. */
struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve);

/* The last capability of an object is being deleted. Short and never preempted. */
void arch_cap_finalise(struct cap cap);
