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

#define TIMER_TICKS        timer_tsc_mhz
#define TIMER_US           1
#define TIMER_PRECISION_US 1

/* Raise IRQ_TIMER at the given time, once; replaces an earlier deadline. A past one fires at once.
 */
void arch_timer_set_deadline(ticks_t deadline);

/* One shot: nothing to quieten. */
static inline void arch_timer_ack(void)
{
}
