/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Virtual time: 62.5 MHz as on the aarch64 reference machine. It moves when a system call is made
 * (by the configured cost), when a thread computes, and when nobody can run.
 */
#pragma once

#include <arch/timer_units.h>

ticks_t arch_timer_now(void);
void arch_timer_set_deadline(ticks_t deadline);
void arch_timer_ack(void);
