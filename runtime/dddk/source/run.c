/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A driver component's main thread: bind, start, then one wait per wake-up. A component that links
 * the kit and defines a driver needs no code of its own.
 */
#include <sel4/sel4.h>

#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/driver.h>
#include <kaal/event.h>

/* The timer is the broker's: a call each time it is set, so it is set only when it must change. */
static void driver_arm(struct kaal_driver_instance *instance, uint64_t badges, uint64_t *armed_ns)
{
    if (badges & BIT64(kaal_startup()->timer_badge_bit)) {
        *armed_ns = KAAL_DRIVER_NO_DEADLINE;
        if (instance->deadline_ns <= kaal_now_ns()) { /* the class server has looked at it */
            instance->deadline_ns = KAAL_DRIVER_NO_DEADLINE;
        }
    }
    if (instance->deadline_ns < *armed_ns) {
        int result = kaal_timer_arm(instance->deadline_ns);
        *armed_ns = result == KAAL_OK ? instance->deadline_ns : KAAL_DRIVER_NO_DEADLINE;
    }
}

static _Noreturn void driver_fail(struct kaal_driver_instance *instance, const char *step,
                                  int result)
{
    const struct kaal_driver_statistics *statistics = &instance->statistics;

    kaal_log("%s failed: %s (%s)", step, kaal_error_name(result), kaal_error_text(result));
    kaal_log(
        "%llu wake-ups, %llu interrupts, %llu in, %llu out, %llu times full, %llu new clients, "
        "%llu errors, %llu refused, %llu resets",
        (unsigned long long)statistics->wakeups, (unsigned long long)statistics->interrupts,
        (unsigned long long)statistics->in_messages, (unsigned long long)statistics->out_messages,
        (unsigned long long)statistics->full_channels, (unsigned long long)statistics->reconnects,
        (unsigned long long)statistics->errors, (unsigned long long)statistics->refused,
        (unsigned long long)statistics->resets);
    kaal_exit(1);
}

_Noreturn void kaal_driver_run(const struct kaal_driver *driver)
{
    static struct kaal_driver_instance instance;
    const struct kaal_startup *startup = kaal_startup();
    uint64_t armed_ns = KAAL_DRIVER_NO_DEADLINE;
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
        kaal_event_answer_watchdog(); /* after the device: it can wait a little longer */
        if (result == KAAL_OK) {
            driver_arm(&instance, badges, &armed_ns);
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
