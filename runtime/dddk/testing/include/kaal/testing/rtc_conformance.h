/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every clock driver must do, whatever its device: a driver's test plays its device, hands
 * over the functions of that mock, and gets the class's tests for it.
 */
#pragma once

#include "bench.h"

/** A mock clock as the conformance tests see it. */
struct rtc_mock {
    struct kaal_mock *mock;             /**< plays the registers */
    void (*reset)(void);                /**< power on, at some date, nothing odd */
    void (*set_time)(uint64_t seconds); /**< the clock's time, seconds since 1970 */
    uint64_t (*time)(void);             /**< what the clock shows */
    void (*garbage)(uint64_t seed);     /**< from now on registers read as pseudo-random */
    uint64_t last;                      /**< last second that the clock can show */
};

/**
 * Runs the class's tests on a driver.
 *   mock  plays its device;  driver  the one linked into the test
 * Returns the number of failed tests, for main.
 */
int rtc_conformance_run(const struct rtc_mock *mock, const struct kaal_driver *driver);

/**
 * One call of the bench's client, with the driver woken for it.
 *   operation  enum kaal_rtc_operation;  seconds  in and out, as it says
 * Returns the call's status. For a driver's own tests, after rtc_conformance_open().
 */
int rtc_conformance_call(uint32_t operation, uint64_t *seconds);

/** Resets mock and bench and starts the driver and a client. */
void rtc_conformance_open(void);
