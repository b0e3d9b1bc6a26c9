/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every serial driver must do, whatever its device. A driver's test plays its device, hands
 * over the functions of that mock, and gets the class's tests for it.
 */
#pragma once

#include "bench.h"

/** A mock UART as the conformance tests see it. */
struct serial_mock {
    struct kaal_mock *mock;     /**< plays the registers */
    void (*reset)(void);        /**< power on: nothing typed, nothing sent, FIFOs off */
    bool (*type)(uint8_t byte); /**< a byte arrives; false if the device has no room */
    size_t (*sent)(uint8_t *bytes, size_t capacity); /**< takes what left on the line */
    bool (*interrupting)(void);                      /**< the interrupt line's level */
    void (*stall)(bool stalled);    /**< the line takes nothing from the transmit FIFO */
    void (*garbage)(uint64_t seed); /**< from now on registers read as pseudo-random */
};

/**
 * Runs the class's tests on a driver.
 *   mock  plays its device;  driver  the one linked into the test
 * Returns the number of failed tests, for main.
 */
int serial_conformance_run(const struct serial_mock *mock, const struct kaal_driver *driver);
