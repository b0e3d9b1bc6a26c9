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

#define ARCH_CAP_ISSUER CAP_IRQ_CONTROL
#define ARCH_CAP_ISSUED ABI_CAP_SGI_SIGNAL
#define ARCH_CAP_UNIQUE CAP_IRQ_CONTROL /* nothing else */
#define ARCH_CAP_BADGED ABI_CAP_SMC

static inline struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve)
{
    return cap;
}

static inline void arch_cap_finalise(struct cap cap)
{
}

/* Do what a capability does that takes any label; false for others. */
bool arch_cap_invoke(struct cap cap);
