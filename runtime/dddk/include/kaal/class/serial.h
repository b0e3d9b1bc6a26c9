/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The serial class: a byte stream in each direction over one channel named "serial" (1-byte
 * messages). The framework owns the channel, flow control and batching; a driver gives six small
 * functions.
 *
 * Nothing is lost: a byte is taken from the device only when the channel has a slot for it, and
 * while it has none the receive interrupt is masked, so that the device's own flow control holds
 * the line. A byte to send is consumed only after the device took it. Channel indices survive the
 * driver, so a new instance continues where the old one was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/driver.h>

/** What the serial framework calls; untyped form, made by KAAL_SERIAL_DRIVER. */
struct kaal_serial_operations {
    bool (*receive)(void *device, uint8_t *byte); /**< takes one byte; false if there is none */
    size_t (*transmit_room)(void *device);        /**< bytes that can be written right now */
    void (*transmit)(void *device, uint8_t byte); /**< writes one byte; there is room */
    /** Enables exactly these. A driver of a device that interrupts once per byte has none. */
    void (*interrupts)(void *device, bool receive, bool transmit);
};

/** The serial framework, for KAAL_SERIAL_DRIVER. */
extern const struct kaal_class_server kaal_serial_server;

/**
 * Declares this component's serial driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   ...  designated initialisers: .receive, .transmit_room, .transmit and .interrupts as in struct
 *   kaal_serial_operations, and optional KAAL_DRIVER_STEPS;
 *   each takes `struct NAME *`
 */
#define KAAL_SERIAL_DRIVER(name, matches, resources, ...)                                \
    static const struct {                                                                \
        KAAL_DRIVER_STEPS(name);                                                         \
        bool (*receive)(struct name * device, uint8_t *byte);                            \
        size_t (*transmit_room)(struct name * device);                                   \
        void (*transmit)(struct name * device, uint8_t byte);                            \
        void (*interrupts)(struct name * device, bool receive, bool transmit);           \
    } name##_operations = {__VA_ARGS__};                                                 \
    static bool name##_call_receive(void *device, uint8_t *byte)                         \
    {                                                                                    \
        return name##_operations.receive(device, byte);                                  \
    }                                                                                    \
    static size_t name##_call_transmit_room(void *device)                                \
    {                                                                                    \
        return name##_operations.transmit_room(device);                                  \
    }                                                                                    \
    static void name##_call_transmit(void *device, uint8_t byte)                         \
    {                                                                                    \
        name##_operations.transmit(device, byte);                                        \
    }                                                                                    \
    static void name##_call_interrupts(void *device, bool receive, bool transmit)        \
    {                                                                                    \
        if (name##_operations.interrupts) {                                              \
            name##_operations.interrupts(device, receive, transmit);                     \
        }                                                                                \
    }                                                                                    \
    static const struct kaal_serial_operations name##_serial = {                         \
        .receive = name##_call_receive,                                                  \
        .transmit_room = name##_call_transmit_room,                                      \
        .transmit = name##_call_transmit,                                                \
        .interrupts = name##_call_interrupts,                                            \
    };                                                                                   \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_SERIAL, &kaal_serial_server, matches, resources, \
                       &name##_serial)
