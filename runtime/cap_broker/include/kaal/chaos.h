/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Faults on purpose: what a component with `allow: [chaos]` can do to others, and how it and the
 * load that it watches talk. Nobody has this right unless a line of compose.yaml gives it.
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>

/** What is done to a component. */
enum kaal_chaos_action {
    KAAL_CHAOS_SUSPEND = 1,  /**< it stops where it is */
    KAAL_CHAOS_SPIN = 2,     /**< it goes on in an endless loop (of runtime/start) */
    KAAL_CHAOS_REGISTER = 3, /**< a register changes: argument modulo their number, value */
    KAAL_CHAOS_MEMORY = 4, /**< a word of its stack or writable data: argument modulo them, value */
    KAAL_CHAOS_REGION = 5, /**< a word of the first page of its region in a channel: likewise */
    KAAL_CHAOS_LEAK = 6,   /**< init loses a slot and a page of memory; no component is touched */
};

/**
 * Does it.
 *   component  name; "" for KAAL_CHAOS_LEAK;  argument, value  per action
 *   where      out: the register's number or the address of the word in the component; else 0
 * Returns KAAL_OK; KAAL_ERR_DENIED without allow: [chaos]; KAAL_ERR_NOT_FOUND (no such component);
 * KAAL_ERR_STATE (it does not run); KAAL_ERR_INVALID (action); KAAL_ERR_UNSUPPORTED (no channel, or
 * no loop in its image); KAAL_ERR_NO_MEMORY. Context: component threads; one broker call.
 */
MUST_CHECK int kaal_chaos_act(const char *component, enum kaal_chaos_action action,
                              uint64_t argument, uint64_t value, uint64_t *where);

/**
 * What a load says about itself, in answer to the same message with `query` alone, over a channel
 * to the component with the right (message_bytes: sizeof(struct kaal_chaos_report)).
 */
struct kaal_chaos_report {
    uint64_t query;        /**< as asked */
    uint64_t done;         /**< steps that succeeded so far */
    uint64_t lost;         /**< steps whose acknowledged part was lost */
    uint64_t damaged;      /**< wrong data that was noticed */
    uint64_t recovered_ns; /**< kaal_now_ns() of the first success after the last disturbance */
    uint64_t worst_ns;     /**< longest time that one step took */
    uint64_t reserved[2];  /**< 0 */
};
_Static_assert(sizeof(struct kaal_chaos_report) == 64, "one message");
