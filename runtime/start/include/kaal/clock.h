/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The counter that user code can read (TSC, CNTVCT_EL0): its frequency and where time 0 is.
 * kaal_now_ns() in <kaal/startup.h> is what most code wants.
 */
#pragma once

#include <stdint.h>

/** What turns counter values into time. */
struct kaal_clock {
    uint64_t hz;          /**< ticks per second; 0 if the platform did not say */
    uint64_t start_ticks; /**< counter value that kaal_now_ns() calls 0 */
};

/**
 * The clock of this component, from its start-up page; in the root task from the boot information,
 * with the counter value of its first instructions as start.
 * Context: anywhere. Ownership: static.
 */
const struct kaal_clock *kaal_clock(void);

/** The counter now. Context: anywhere, no system call. */
uint64_t kaal_clock_ticks(void);

/**
 * Nanoseconds for a number of ticks of kaal_clock(); exact to 1 ns, does not overflow before 580
 * years. ticks  a difference of counter values
 */
uint64_t kaal_clock_ns(uint64_t ticks);
