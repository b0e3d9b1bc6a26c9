/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The question is open while asked_alive is 1. A hang is noticed after one to two periods.
 */
#include "watchdog.h"

#include "log.h"
#include "report.h"
#include "serve.h"
#include "supervise.h"

#define NS_PER_MS UINT64_C(1000000)

static void arm(struct component *component)
{
    component->watchdog_ns = kaal_now_ns() + component->description->watchdog_ms * NS_PER_MS;
    int error = deadline_arm(&component->watchdog, component->watchdog_ns, watchdog_signal());
    if (error != KAAL_OK) {
        log_line("init: error: %s has no watchdog: %s", component->description->name,
                 kaal_error_text(error));
    }
}

void watchdog_start(struct component *component)
{
    if (component->description->watchdog_ms != 0) {
        arm(component);
    }
}

void watchdog_stop(struct component *component)
{
    component->watchdog_ns = UINT64_MAX;
    deadline_disarm(&component->watchdog);
}

void watchdog_answered(struct component *component)
{
    __atomic_store_n(&component->startup->asked_alive, 0u, __ATOMIC_RELEASE);
    if (!component->ready) {
        component->ready = true;
        supervise_ready();
    }
}

void watchdog_over(void)
{
    for (uint32_t i = 0; i < component_count(); i++) {
        struct component *component = component_at(i);
        uint64_t *asked = &component->startup->asked_alive;
        if (component->state != KAAL_COMPONENT_RUNNING ||
            component->description->watchdog_ms == 0 || component->watchdog_ns > kaal_now_ns()) {
            continue;
        }
        if (__atomic_load_n(asked, __ATOMIC_RELAXED) != 0) {
            report_hang(component);
            supervise_end(component, ENDING_HANG);
            continue;
        }
        arm(component);
        __atomic_store_n(asked, 1u, __ATOMIC_RELEASE);
        seL4_Signal(component->event_signal);
    }
}
