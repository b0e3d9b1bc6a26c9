/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rtc class: the time of day, as seconds since 1970-01-01 00:00:00 UTC without leap seconds.
 * Each client has a channel of its own to the driver (compose.yaml: message_bytes 32, messages 4)
 * and calls over it; docs/classes/rtc.md. The framework answers all clients; a driver gives two
 * small functions.
 */
#pragma once

#include <stdint.h>

#include <kaal/call.h>
#include <kaal/class/clients.h>
#include <kaal/driver.h>

/** What a client can ask for. */
enum kaal_rtc_operation {
    KAAL_RTC_READ = 0, /**< the time; needs nothing */
    KAAL_RTC_SET = 1,  /**< set the clock to `seconds` */
};

/** A request. */
struct kaal_rtc_request {
    uint32_t operation; /**< enum kaal_rtc_operation */
    uint32_t reserved;  /**< 0 */
    uint64_t seconds;   /**< KAAL_RTC_SET: the new time */
};

/** An answer. */
struct kaal_rtc_reply {
    uint64_t seconds; /**< KAAL_RTC_READ: the time */
};

/** The calls of a clock: kaal_rtc_call() and the others of <kaal/call.h>. */
KAAL_CALLS(kaal_rtc, struct kaal_rtc_request, struct kaal_rtc_reply, 4, 4);

/** A date of the Gregorian calendar, UTC. */
struct kaal_rtc_date {
    uint32_t year;   /**< 1970..9999 */
    uint32_t month;  /**< 1..12 */
    uint32_t day;    /**< 1..31 */
    uint32_t hour;   /**< 0..23 */
    uint32_t minute; /**< 0..59 */
    uint32_t second; /**< 0..59 */
};

/**
 * The seconds since 1970 of a date.
 *   date  any values, checked;  seconds  out
 * Returns KAAL_OK, or KAAL_ERR_RANGE if there is no such date.
 */
MUST_CHECK int kaal_rtc_seconds(const struct kaal_rtc_date *date, uint64_t *seconds);

/** The date of seconds since 1970; past 9999-12-31 23:59:59 that moment. */
struct kaal_rtc_date kaal_rtc_date(uint64_t seconds);

/** What the rtc framework calls; untyped form, made by KAAL_RTC_DRIVER. */
struct kaal_rtc_operations {
    int (*read)(void *device, uint64_t *seconds); /**< KAAL_OK or what is wrong with the device */
    int (*set)(void *device, uint64_t seconds);   /**< KAAL_ERR_RANGE: the clock cannot show it */
};

/** The rtc framework, for KAAL_RTC_DRIVER. */
extern const struct kaal_class_server kaal_rtc_server;

/**
 * Declares this component's clock driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   ...  designated initialisers: .read and .set as in struct kaal_rtc_operations, and optional
 *   KAAL_DRIVER_STEPS; each takes `struct NAME *`
 */
#define KAAL_RTC_DRIVER(name, matches, resources, ...)           \
    static const struct {                                        \
        KAAL_DRIVER_STEPS(name);                                 \
        int (*read)(struct name * device, uint64_t *seconds);    \
        int (*set)(struct name * device, uint64_t seconds);      \
    } name##_operations = {__VA_ARGS__};                         \
    static int name##_call_read(void *device, uint64_t *seconds) \
    {                                                            \
        return name##_operations.read(device, seconds);          \
    }                                                            \
    static int name##_call_set(void *device, uint64_t seconds)   \
    {                                                            \
        return name##_operations.set(device, seconds);           \
    }                                                            \
    static const struct kaal_rtc_operations name##_rtc = {       \
        .read = name##_call_read,                                \
        .set = name##_call_set,                                  \
    };                                                           \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_RTC, &kaal_rtc_server, matches, resources, &name##_rtc)
