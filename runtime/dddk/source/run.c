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
    const struct kaal_driver_statistics *statistics = &instance->statistics;

    kaal_log("%s failed: %s (%s)", step, kaal_error_name(result), kaal_error_text(result));
    kaal_log(
        "%llu wake-ups, %llu interrupts, %llu in, %llu out, %llu times full, %llu new clients",
        (unsigned long long)statistics->wakeups, (unsigned long long)statistics->interrupts,
        (unsigned long long)statistics->in_messages, (unsigned long long)statistics->out_messages,
        (unsigned long long)statistics->full_channels, (unsigned long long)statistics->reconnects);
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
