/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The custom class: a device that no other class fits, which does one thing at a time. A request is
 * four words, and so is its answer; what they mean is between driver and client. Each client has a
 * channel of its own (compose.yaml: message_bytes 48, messages 16) and calls over it. The framework
 * gives the device one request after the other, clients in turns, and resets a device that does not
 * answer; a driver gives two small functions. docs/writing-a-driver.md builds one.
 */
#pragma once

#include <stdint.h>

#include <kaal/call.h>
#include <kaal/class/clients.h>
#include <kaal/driver.h>

/** Words of a request and of an answer. */
#define KAAL_CUSTOM_WORDS 4u

/** A request or an answer. */
struct kaal_custom_words {
    uint64_t words[KAAL_CUSTOM_WORDS]; /**< what driver and client agree on */
};

/** The calls of a device: kaal_custom_call() and the others of <kaal/call.h>. */
KAAL_CALLS(kaal_custom, struct kaal_custom_words, struct kaal_custom_words, 16, 16);

/** What the custom framework calls; untyped form, made by KAAL_CUSTOM_DRIVER. */
struct kaal_custom_operations {
    /** Gives the device a request. KAAL_OK: it is at work; else the answer to the client. */
    int (*begin)(void *device, const uint64_t *words);
    /** KAAL_OK: done, words: out; KAAL_ERR_EMPTY: not yet; else what is wrong with the device. */
    int (*finish)(void *device, uint64_t *words);
};

/** The custom framework, for KAAL_CUSTOM_DRIVER. */
extern const struct kaal_class_server kaal_custom_server;

/**
 * Declares this component's driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   ...  designated initialisers: .begin and .finish as in struct kaal_custom_operations, and
 *   optional KAAL_DRIVER_STEPS; each takes `struct NAME *`
 */
#define KAAL_CUSTOM_DRIVER(name, matches, resources, ...)                              \
    static const struct {                                                              \
        KAAL_DRIVER_STEPS(name);                                                       \
        int (*begin)(struct name * device, const uint64_t *words);                     \
        int (*finish)(struct name * device, uint64_t *words);                          \
    } name##_operations = {__VA_ARGS__};                                               \
    static int name##_call_begin(void *device, const uint64_t *words)                  \
    {                                                                                  \
        return name##_operations.begin(device, words);                                 \
    }                                                                                  \
    static int name##_call_finish(void *device, uint64_t *words)                       \
    {                                                                                  \
        return name##_operations.finish(device, words);                                \
    }                                                                                  \
    static const struct kaal_custom_operations name##_custom = {                       \
        .begin = name##_call_begin,                                                    \
        .finish = name##_call_finish,                                                  \
    };                                                                                 \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_NONE, &kaal_custom_server, matches, resources, \
                       &name##_custom)
