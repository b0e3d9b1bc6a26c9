/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The fuzz entry of the kit: one input plays a device whose registers read as anything, its
 * interrupts, and a client that writes, reads, lies and is replaced, while the driver is killed at
 * any time. What must hold: no access outside the driver's own, and bounded work per wake-up.
 */
#pragma once

#include <kaal/testing/bench.h>

/** The class of a fuzzed driver. */
struct fuzz_class {
    const char *channel;    /**< name of its channel */
    uint32_t message_bytes; /**< size of its messages; 1: a stream */
    uint64_t
        accesses_max; /**< register accesses of one wake-up, at most: far above any real work */
};

/** Bytes; moving a full channel each way takes some hundred accesses. */
#define FUZZ_SERIAL \
    ((struct fuzz_class){.channel = "serial", .message_bytes = 1, .accesses_max = 320})
/** Calls; a clock may be polled for some milliseconds. */
#define FUZZ_RTC \
    ((struct fuzz_class){.channel = "rtc", .message_bytes = 32, .accesses_max = 1000000})

/**
 * Runs one input against a driver.
 *   driver  the one linked in;  served  its class;  data: [bytes], actions and register values
 * Returns 0, for libFuzzer. Aborts, by ASSERT or a sanitizer, on what must not happen.
 */
int kaal_driver_fuzz(const struct kaal_driver *driver, const struct fuzz_class *served,
                     const uint8_t *data, size_t bytes);

/** The same for network drivers: also DMA memory is what the input says. <kaal/testing/net_bench.h>
 */
int kaal_driver_fuzz_net(const struct kaal_driver *driver, const uint8_t *data, size_t bytes);
