/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rng class: random bytes, a stream for each client. A client has a channel of 1-byte messages
 * to the driver and reads it with kaal_stream_read() or kaal_stream_read_blocking(); the driver
 * keeps it full. No byte is given twice: one that went to a client is wiped in the driver.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/class/clients.h>
#include <kaal/driver.h>

/** What the rng framework calls; untyped form, made by KAAL_RNG_DRIVER. */
struct kaal_rng_operations {
    /** Asks the device for bytes; once, until take() has given them. KAAL_OK or a device error. */
    int (*request)(void *device);
    /** KAAL_OK: what came, [count] until the next request; KAAL_ERR_EMPTY, or a device error. */
    int (*take)(void *device, uint8_t **bytes, uint32_t *count);
};

/** The rng framework, for KAAL_RNG_DRIVER. */
extern const struct kaal_class_server kaal_rng_server;

/**
 * Declares this component's rng driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   ...  designated initialisers: .request and .take as in struct kaal_rng_operations, and optional
 *   KAAL_DRIVER_STEPS; each takes `struct NAME *`
 */
#define KAAL_RNG_DRIVER(name, matches, resources, ...)                                    \
    static const struct {                                                                 \
        KAAL_DRIVER_STEPS(name);                                                          \
        int (*request)(struct name * device);                                             \
        int (*take)(struct name * device, uint8_t **bytes, uint32_t *count);              \
    } name##_operations = {__VA_ARGS__};                                                  \
    static int name##_call_request(void *device)                                          \
    {                                                                                     \
        return name##_operations.request(device);                                         \
    }                                                                                     \
    static int name##_call_take(void *device, uint8_t **bytes, uint32_t *count)           \
    {                                                                                     \
        return name##_operations.take(device, bytes, count);                              \
    }                                                                                     \
    static const struct kaal_rng_operations name##_rng = {.request = name##_call_request, \
                                                          .take = name##_call_take};      \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_RNG, &kaal_rng_server, matches, resources, &name##_rng)
