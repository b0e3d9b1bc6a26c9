/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The watcher: the most urgent thread, woken by time alone at equal distances, which notes how late
 * it comes. Its lateness, less that in a quiet system, is how long interrupts were off.
 */
#pragma once

#include <stdint.h>

/* Starts the watcher and learns its times. The caller's priority becomes OPERATOR_PRIORITY. */
void watch_start(void);

/* Ticks between two wakes. */
uint64_t watch_period(void);

/* When the wake after so many others is due, in counter ticks. */
uint64_t watch_due(uint64_t wakes);

/* Ticks as microseconds of the kernel's clock, rounded down. */
uint64_t watch_us(uint64_t ticks);

/*
 * Returns when the next wake is due in `offset` ticks (at most a period), and begins to note.
 * watch_end() returns the greatest lateness since then, in ticks.
 */
void watch_begin(uint64_t offset);
uint64_t watch_end(void);
