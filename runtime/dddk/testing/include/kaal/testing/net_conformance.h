/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every network driver must do, whatever its device. A driver's test plays its device, hands
 * over the functions of that mock, and gets the class's tests for it.
 */
#pragma once

#include <kaal/testing/net_bench.h>

/** A mock network device as the conformance tests see it. */
struct net_mock {
    struct kaal_mock *mock; /**< plays the registers */
    void (*reset)(void);    /**< power on: link up, nothing on the wire */
    bool (*arrive)(const uint8_t *frame, uint32_t bytes); /**< a frame comes; false: no buffer */
    uint32_t (*sent)(uint8_t *frame); /**< takes the next frame that left: its length, or 0 */
    bool (*interrupting)(void);       /**< the interrupt line's level */
    void (*stall)(bool stalled);      /**< nothing leaves */
    void (*link)(bool up);            /**< the link changes */
    void (*garbage)(uint64_t seed);   /**< registers and DMA memory are pseudo-random now */
    uint8_t address[KAAL_NET_ADDRESS_BYTES]; /**< the device's own */
};

/** What the mock's device reaches: as test_bench_memory(). */
void *net_conformance_memory(uint64_t bus, uint64_t bytes);

/** Fills the driver's DMA memory with pseudo-random bytes; for garbage. */
void net_conformance_scramble(uint64_t seed);

/**
 * Runs the class's tests on a driver.
 *   mock  plays its device;  driver  the one linked into the test
 * Returns the number of failed tests, for main.
 */
int net_conformance_run(const struct net_mock *mock, const struct kaal_driver *driver);
