/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A driver component's main thread: bind, start, then one wait per wake-up. A component that links
 * the kit and defines a driver needs no code of its own.
 */
#include <sel4/sel4.h>

#include <kaal/broker.h>
#include <kaal/driver.h>

static _Noreturn void driver_fail(struct kaal_driver_instance *instance, const char *step,
                                  int result)
{
    kaal_log("%s: %s failed: %s (%s)", instance->driver->declaration->name, step,
             kaal_error_name(result), kaal_error_text(result));
    kaal_exit(1);
}

_Noreturn void kaal_driver_run(const struct kaal_driver *driver)
{
    static struct kaal_driver_instance instance;
    const struct kaal_startup *startup = kaal_startup();
    seL4_Word badges = 0;
    int result = kaal_driver_bind(&instance, driver, startup, 0);

    if (result != KAAL_OK) {
        driver_fail(&instance, "binding", result);
    }
    result = kaal_driver_start(&instance);
    if (result != KAAL_OK) {
        driver_fail(&instance, "start", result);
    }
    for (;;) {
        result = kaal_driver_wake(&instance, badges);
        if (result == KAAL_OK) {
            seL4_Wait(startup->notification, &badges);
        } else if (result == KAAL_ERR_STATE) {
            seL4_NBWait(startup->notification, &badges);
        } else {
            kaal_driver_stop(&instance);
            driver_fail(&instance, "service", result);
        }
    }
}

int main(void)
{
    kaal_driver_run(&kaal_driver_of_this_component);
}
