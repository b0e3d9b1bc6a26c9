/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Decides whether the platform says how to switch off; the architecture does it.
 */
#include "power.h"

#include "devices.h"
#include "log.h"

int power_off(void)
{
    const struct kaal_power *power = &devices_platform()->power;
    if (power->method == KAAL_POWER_NONE) {
        log_line("init: error: power-off: %s; try: switch off by hand", power->why_not);
        return KAAL_ERR_UNSUPPORTED;
    }
    int error = arch_power_off(power);
    log_line("init: error: the machine did not switch off: %s", kaal_error_text(error));
    return KAAL_ERR_UNSUPPORTED;
}
