/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The fuzz entry of the kit: one input plays a device whose registers read as anything, its
 * interrupts, and a client that writes, reads, lies and is replaced, while the driver is killed at
 * any time. What must hold: no access outside the driver's own, and bounded work per wake-up.
 */
#pragma once

#include <kaal/testing/bench.h>

/**
 * Runs one input against a driver.
 *   driver  the one linked in;  data: [bytes], actions and register values as they come
 *   channel_name  of its class; its messages are bytes
 * Returns 0, for libFuzzer. Aborts, by ASSERT or a sanitizer, on what must not happen.
 */
int kaal_driver_fuzz(const struct kaal_driver *driver, const char *channel_name,
                     const uint8_t *data, size_t bytes);
