/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Notifications between two real threads, for the stress tests: capability 1 + end is the one that
 * an end sleeps on. Each thread has a start-up page of its own.
 */
#pragma once

#include <kaal/startup.h>

#define BELL_OF(end) (1u + (end))

/* Makes the calling thread a component. page  its own, for as long as it runs */
void bells_enter(const struct kaal_startup *page);

/* Rings, as init would, or an end through its doorbell. */
void bells_ring(unsigned end);

/* Sleeps until rung; ends the test if that takes 20 seconds. */
void bells_sleep(unsigned end);
