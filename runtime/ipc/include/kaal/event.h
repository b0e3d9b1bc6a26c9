/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Waiting for several things at once. A component has one bound notification; every source (an
 * interrupt, a channel's doorbell, the timer) sets one bit of it. Each bit that a wait delivers
 * stays pending until the loop has called its handler, so a blocking channel call in the middle of
 * a handler loses nobody's wake-up.
 *
 * Life cycle: kaal_event_add() for each source, kaal_event_before_sleep() -> kaal_event_run().
 * One thread per component uses this.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/error.h>

/** Most handlers of one component. */
#define KAAL_EVENT_HANDLERS_MAX 64

/** What is called when a source's bit was set; may be called without cause, so look before you act.
 */
typedef void (*kaal_event_handler)(void *argument);

/**
 * Calls a handler whenever a bit is set; several handlers of one bit are called in the order of
 * adding. badge_bit  0..62, from the resource in the start-up page;  argument  passed to the
 * handler Returns KAAL_OK, KAAL_ERR_RANGE (bit), KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int kaal_event_add(uint64_t badge_bit, kaal_event_handler handler, void *argument);

/**
 * Names the function that the loop calls when nothing is pending, just before it sleeps. There, ask
 * every channel to wake you (kaal_channel_prepare_receive() ...), and return true to have it called
 * again instead of sleeping because there is work after all.
 *   function  NULL: none
 */
void kaal_event_before_sleep(bool (*function)(void *argument), void *argument);

/**
 * Sets when the loop wakes at the latest, replacing an earlier time; the timer's handlers
 * (kaal_startup()->timer_badge_bit) are called then, once.
 *   deadline_ns  kaal_now_ns() time; KAAL_NO_DEADLINE: none
 */
void kaal_event_deadline(uint64_t deadline_ns);

/** Handles what is pending, then sleeps, for ever. */
_Noreturn void kaal_event_run(void);

/**
 * One turn of the loop: takes what is set without waiting, calls the handlers.
 * Returns true if any handler was called.
 */
bool kaal_event_poll(void);

/**
 * Sleeps until any source's bit is set, keeping the bits pending for the loop; for blocking calls.
 *   deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 * Returns KAAL_OK (something happened: look again), KAAL_ERR_TIMEOUT, or a timer error.
 */
MUST_CHECK int kaal_event_sleep(uint64_t deadline_ns);

/**
 * Answers init if it has asked whether this component is alive (watchdog_ms in compose.yaml) or,
 * at its start, ready (others are `after` it). All functions above do it around each wait; who
 * waits in another way, for calls for example, calls this before the first wait and whenever its
 * notification wakes it (kaal_startup()->death_badge_bit). Costs one load otherwise.
 */
void kaal_event_answer_watchdog(void);

/**
 * Marks bits as pending, as if a wait had delivered them.
 *   bits  notification word
 */
void kaal_event_post(uint64_t bits);
