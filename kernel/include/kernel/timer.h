/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ticks of the architecture's clock, TIMER_TICKS in TIMER_US microseconds, and microseconds. */
#pragma once

#include <arch/timer.h>

static inline ticks_t us_to_ticks(word_t us)
{
    return us * TIMER_TICKS / TIMER_US;
}

/* Without overflow of the product; exact, as the remainder is carried. */
static inline word_t ticks_to_us(ticks_t ticks)
{
    return ticks / TIMER_TICKS * TIMER_US + ticks % TIMER_TICKS * TIMER_US / TIMER_TICKS;
}

/* The greatest number of us that us_to_ticks() takes. */
static inline word_t timer_max_us(void)
{
    return UINT64_MAX / TIMER_TICKS;
}

/* How much too early a deadline has to be. */
static inline ticks_t timer_precision(void)
{
    return us_to_ticks(TIMER_PRECISION_US);
}
