/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What happens when an instance ends, for whatever reason: report, take everything back, and start
 * again as the restart policy of its description says.
 */
#pragma once

#include <kaal/error.h>

#include "component.h"

/** Why an instance ended. */
enum ending {
    ENDING_EXIT_SUCCESS, /* kaal_exit(0) */
    ENDING_EXIT_FAILURE, /* kaal_exit(other) */
    ENDING_FAULT,
    ENDING_HANG, /* it did not answer its watchdog */
    ENDING_KILL,
};

/** Builds every component, then starts all of them; serial drivers are built last. */
void supervise_start_all(void);

/** Ends the present instance and applies the restart policy. */
void supervise_end(struct component *component, enum ending ending);

/** Ends every component for good, those that started last first. */
void supervise_shut_down(void);

/** A component has become ready: starts those that wait for that. */
void supervise_ready(void);

/** A back-off may be over: starts every component whose time has come. */
void supervise_backoff_over(void);
