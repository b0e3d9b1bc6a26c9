/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A device timer that interrupts at a known instruction: timer_x86_64.c the PIT, timer_aarch64.c
 * the PL031's alarm. Call timer_open() once, then any number of timer_strike().
 */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

/*
 * Finds the device, for this address space and that of the handler's thread, and makes its
 * interrupt's handler capability. Returns its slot.
 */
seL4_CPtr timer_open(seL4_CPtr handler_vspace);

/*
 * Lets the timer strike the calling thread and returns when it has its turn again.
 *   seen    set by the handler's thread once it has run; cleared here
 *   round   for arch_counter_start()
 *   before  the counter right before the interrupted instruction
 *   after   the counter at the first instruction after the interruption
 */
void timer_strike(volatile uint32_t *seen, int round, uint64_t *before, uint64_t *after);

/* Makes the device lower its line, if it does not do so by itself. Called by the handler's thread.
 */
void timer_quiet(void);
