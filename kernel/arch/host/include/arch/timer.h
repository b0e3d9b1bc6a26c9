/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Virtual time: 62.5 MHz as on the aarch64 reference machine. It moves when a system call is made
 * (by the configured cost), when a thread computes, and when nobody can run.
 */
#pragma once

#include <kernel/types.h>

#define HOST_TICKS_PER_MS 62500u

ticks_t arch_timer_now(void);
void arch_timer_set_deadline(ticks_t deadline);
void arch_timer_ack(void);

static inline ticks_t arch_us_to_ticks(word_t us)
{
    return us * HOST_TICKS_PER_MS / 1000;
}

static inline word_t arch_ticks_to_us(ticks_t ticks)
{
    return ticks / HOST_TICKS_PER_MS * 1000 + ticks % HOST_TICKS_PER_MS * 1000 / HOST_TICKS_PER_MS;
}

static inline word_t arch_timer_max_us(void)
{
    return UINT64_MAX / HOST_TICKS_PER_MS;
}

static inline ticks_t arch_timer_precision(void)
{
    return 0;
}
