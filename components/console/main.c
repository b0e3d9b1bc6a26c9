/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console component: whatever wakes it (serial line, client, a peer's restart, a report in the
 * log), it takes one console_step() and sleeps again.
 */
#include <kaal/broker.h>
#include <kaal/event.h>
#include <kaal/startup.h>

#include "console.h"
#include "reports.h"

#define LOG_PIECE_BYTES 256

static struct console console;
static struct reports reports;
static uint64_t log_position;

/* Reads the log to its end; without the right to, there is nothing to show. */
static void read_log(void)
{
    char piece[LOG_PIECE_BYTES];
    size_t bytes;

    while (kaal_log_read(&log_position, piece, sizeof(piece), &bytes) == KAAL_OK && bytes > 0) {
        reports_add(&reports, piece, bytes);
    }
}

/* init sets this bit when it has written a report, and when a peer of ours was replaced. */
static void on_event(void *argument)
{
    (void)argument;
    read_log();
}

static bool before_sleep(void *argument)
{
    if (reports.text_bytes > 0 && console_show_report(argument, reports.text, reports.text_bytes)) {
        reports.text_bytes = 0;
    }
    return console_step(argument);
}

int main(void)
{
    int result = console_open(&console, kaal_resource_find("serial", KAAL_RESOURCE_CHANNEL),
                              kaal_resource_find("terminal", KAAL_RESOURCE_CHANNEL));

    if (result == KAAL_OK) {
        result = kaal_event_add(kaal_startup()->death_badge_bit, on_event, NULL);
    }
    if (result != KAAL_OK) {
        kaal_log("needs the channels serial and terminal: %s", kaal_error_text(result));
        kaal_exit(1);
    }
    read_log();
    reports.text_bytes = 0; /* what was before us has been seen, or is in the log */
    kaal_event_before_sleep(before_sleep, &console);
    kaal_event_run();
}
