/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The simulated machine: clock, console, power, as kernel.c needs them. */
#pragma once

#include <arch/timer.h>

/* Begin with time 0, no deadline and an empty console. */
void machine_reset(bool quiet);

/* Time passes. */
void machine_advance(ticks_t ticks);

/* When the timer will strike; UINT64_MAX if it is not armed. */
ticks_t machine_timer_deadline(void);

static inline bool machine_timer_due(void)
{
    return arch_timer_now() >= machine_timer_deadline();
}
