/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Decides whether the platform says how to switch off; the architecture does it.
 */
#include "power.h"

#include <kaal/startup.h>

#include "devices.h"
#include "early_console.h"
#include "log.h"
#include "supervise.h"

/* How long the platform may take to act on the request before it counts as refused. */
#define POWER_OFF_LIMIT_NS UINT64_C(1000000000)

int power_off(bool print_log)
{
    const struct kaal_power *power = &devices_platform()->power;
    if (power->method == KAAL_POWER_NONE) {
        log_line("init: error: power-off: %s; try: switch off by hand", power->why_not);
        return KAAL_ERR_UNSUPPORTED;
    }
    if (!print_log) {
        early_console_skip();
    }
    supervise_shut_down();
    int error = arch_power_off(power);
    uint64_t limit_ns = kaal_now_ns() + POWER_OFF_LIMIT_NS;
    while (error == KAAL_OK && kaal_now_ns() < limit_ns) {
        /* The request is made; a machine may need some milliseconds. Nobody needs an answer. */
    }
    log_line("init: error: the machine did not switch off: %s; try: switch off by hand",
             kaal_error_text(error == KAAL_OK ? KAAL_ERR_TIMEOUT : error));
    return KAAL_ERR_TIMEOUT;
}
