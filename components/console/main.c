/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console component: whatever wakes it (serial line, client, a peer's restart), it takes one
 * console_step() and sleeps again.
 */
#include <kaal/broker.h>
#include <kaal/event.h>
#include <kaal/startup.h>

#include "console.h"

static struct console console;

static bool before_sleep(void *argument)
{
    return console_step(argument);
}

int main(void)
{
    int result = console_open(&console, kaal_resource_find("serial", KAAL_RESOURCE_CHANNEL),
                              kaal_resource_find("terminal", KAAL_RESOURCE_CHANNEL));

    if (result != KAAL_OK) {
        kaal_log("needs the channels serial and terminal: %s", kaal_error_text(result));
        kaal_exit(1);
    }
    kaal_event_before_sleep(before_sleep, &console);
    kaal_event_run();
}
