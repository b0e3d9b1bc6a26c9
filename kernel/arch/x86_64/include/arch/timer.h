/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Time: ticks are those of the TSC, which counts a whole number of MHz. */
#pragma once

#include <arch/cpu.h>
#include <kernel/types.h>

/* Set once at boot. */
extern uint64_t timer_tsc_mhz;

static inline ticks_t arch_timer_now(void)
{
    return cpu_read_tsc();
}

static inline ticks_t arch_us_to_ticks(word_t us)
{
    return us * timer_tsc_mhz;
}

static inline word_t arch_ticks_to_us(ticks_t ticks)
{
    return ticks / timer_tsc_mhz;
}

/* The greatest number of us whose ticks fit a word. */
static inline word_t arch_timer_max_us(void)
{
    return UINT64_MAX / timer_tsc_mhz;
}

/* Subtracted from every deadline by the scheduler. */
static inline ticks_t arch_timer_precision(void)
{
    return timer_tsc_mhz;
}

/* Raise IRQ_TIMER at the given time, once; replaces an earlier deadline. A past one fires at once.
 */
void arch_timer_set_deadline(ticks_t deadline);

/* The timer's interrupt was taken. */
void arch_timer_ack(void);
