/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The capabilities that only aarch64 has. What identifies the object stands where others have its
 * address, so that all are compared alike.
 *
 *   SMC          w1: badge (function number)
 *   SGI signal   address field: SGI number 0..3 | target 4..35
 */
#pragma once

#include <kernel/cap.h>

#define SGI_NUMBER_BITS 4

static inline struct cap cap_sgi_signal(word_t sgi, word_t target)
{
    return cap_make(ABI_CAP_SGI_SIGNAL, 0, sgi | target << SGI_NUMBER_BITS, 0);
}

static inline word_t cap_sgi_number(struct cap cap)
{
    return cap_kptr(cap) & MASK(SGI_NUMBER_BITS);
}

static inline word_t cap_sgi_target(struct cap cap)
{
    return cap_kptr(cap) >> SGI_NUMBER_BITS;
}

/* ---- what generic code asks: see kernel/arch/README.md ---- */

static inline bool arch_cap_issues(struct cap a, struct cap b)
{
    return cap_tag(a) == CAP_IRQ_CONTROL && cap_tag(b) == ABI_CAP_SGI_SIGNAL;
}

static inline bool arch_cap_is_unique(struct cap cap)
{
    return false;
}

static inline bool arch_cap_has_badge(struct cap cap)
{
    return cap_tag(cap) == ABI_CAP_SMC;
}

static inline struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve)
{
    return cap;
}

static inline void arch_cap_finalise(struct cap cap)
{
}
