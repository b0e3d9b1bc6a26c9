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

/* ---- what generic code asks: see kernel/arch/README.md ---- */

#define ARCH_CAP_ISSUER ABI_CAP_IO_PORT_CONTROL
#define ARCH_CAP_ISSUED ABI_CAP_IO_PORT
#define ARCH_CAP_UNIQUE ABI_CAP_IO_PORT_CONTROL
#define ARCH_CAP_BADGED CAP_ENDPOINT /* nothing else */

/* As cap_update_data(), for what has neither badge nor guard. */
struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve);

/* The last capability of an object is being deleted. Short and never preempted. */
void arch_cap_finalise(struct cap cap);

/* Do what a capability does that takes any label; false for others. */
static inline bool arch_cap_invoke(struct cap cap)
{
    return false;
}
