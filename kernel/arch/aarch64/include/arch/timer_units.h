/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ticks of the platform's timer and microseconds; the host counts alike. */
#pragma once

#include <kernel/types.h>
#include <platform.h>

static inline ticks_t arch_us_to_ticks(word_t us)
{
    return us * PLATFORM_TIMER_KHZ / 1000;
}

static inline word_t arch_ticks_to_us(ticks_t ticks)
{
    /* ticks * 1000 / kHz without overflow of the product; exact as the remainder is carried. */
    return ticks / PLATFORM_TIMER_KHZ * 1000 +
           ticks % PLATFORM_TIMER_KHZ * 1000 / PLATFORM_TIMER_KHZ;
}

static inline word_t arch_timer_max_us(void)
{
    return UINT64_MAX / PLATFORM_TIMER_KHZ;
}

static inline ticks_t arch_timer_precision(void)
{
    return 0;
}
