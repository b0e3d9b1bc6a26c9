/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Watchdogs: a component whose line has watchdog_ms is asked once in each such period whether it is
 * alive (a word of its start-up page, and its event bit), and must answer with a broker call before
 * the next question. runtime/ipc answers wherever a component waits for events.
 *
 * Life cycle: watchdog_start() when an instance runs -> watchdog_over() at each period's end ->
 * watchdog_stop() when it ends.
 */
#pragma once

#include "component.h"

/** Starts an instance's watchdog, if its line has one. */
void watchdog_start(struct component *component);

/** Stops it. */
void watchdog_stop(struct component *component);

/** The instance is alive. */
void watchdog_answered(struct component *component);

/** A period may be over: asks, and ends those who have not answered the question before. */
void watchdog_over(void);
