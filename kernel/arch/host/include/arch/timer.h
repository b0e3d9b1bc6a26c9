/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Virtual time: 62.5 MHz as on the aarch64 reference machine. It moves when a system call is made
 * (by the configured cost), when a thread computes, and when nobody can run.
 */
#pragma once

#include <kernel/types.h>
#include <platform.h>

#define TIMER_TICKS        PLATFORM_TIMER_KHZ
#define TIMER_US           1000
#define TIMER_PRECISION_US 0

ticks_t arch_timer_now(void);
void arch_timer_set_deadline(ticks_t deadline);
void arch_timer_ack(void);
