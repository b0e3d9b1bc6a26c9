/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Restart policy: `never` and `on-failure` and `always` decide whether, restart_limit decides how
 * often, backoff_ms how soon. A component that keeps ending right after its start is slowed down
 * even without a configured back-off, so that it cannot keep init busy for ever. What a component
 * starts after (order.c) only delays its starts; when it dies, the component goes on.
 */
#include "supervise.h"

#include "channels.h"
#include "children.h"
#include "early_console.h"
#include "log.h"
#include "order.h"
#include "serve.h"

#define NS_PER_MS      UINT64_C(1000000)
#define BACKOFF_MAX_MS 1000u
#define SHORT_LIFE_NS  (100 * NS_PER_MS)   /* an instance that failed sooner slows the next one */
#define LONG_LIFE_NS   (10000 * NS_PER_MS) /* one that lived longer clears the back-off */

static bool serial_lives(void)
{
    for (uint32_t i = 0; i < component_count(); i++) {
        const struct component *component = component_at(i);
        if (component_is_serial(component) && (component->state == KAAL_COMPONENT_RUNNING ||
                                               component->state == KAAL_COMPONENT_BACKOFF)) {
            return true;
        }
    }
    return false;
}

/* init prints while nobody else can. */
static void console_without_driver(void)
{
    if (!serial_lives() && early_console_open() == KAAL_ERR_NOT_FOUND) {
        early_console_use_kernel();
    }
}

/* Builds and, unless it is the first start of all, runs a component. */
static bool start(struct component *component)
{
    if (component_is_serial(component)) {
        early_console_close();
    }
    if (component_build(component, NULL, 0) != KAAL_OK) {
        component->state = KAAL_COMPONENT_FAILED;
        channels_announce(component, KAAL_PEER_GONE);
        console_without_driver();
        return false;
    }
    return true;
}

/* Something before it has failed for good. */
static void give_up(struct component *component, const struct component *cause)
{
    component->state = KAAL_COMPONENT_FAILED;
    channels_announce(component, KAAL_PEER_GONE);
    log_line("init: error: %s is not started: %s, which it starts after, has failed; try: mend %s, "
             "or take it out of the after line",
             component->description->name, cause->description->name, cause->description->name);
}

/* Starts it now, if everything before it is ready; else when that is. */
static void start_again(struct component *component)
{
    const struct component *cause;
    switch (order_state(component, &cause)) {
    case ORDER_READY:
        break;
    case ORDER_WAITS:
        component->state = KAAL_COMPONENT_BACKOFF;
        component->retry_ns = UINT64_MAX;
        log_line("init: %s waits for %s, which it starts after", component->description->name,
                 cause->description->name);
        return;
    case ORDER_HOPELESS:
        give_up(component, cause);
        return;
    }
    component->restarts += component->generation != 0 ? 1 : 0;
    if (start(component)) {
        component->state = KAAL_COMPONENT_RUNNING;
        channels_announce(component, KAAL_PEER_RUNNING);
        component_run(component);
    }
}

/* Those that wait for another component, and need not any more; in their order, so that one that is
 * started or given up here counts for those behind it. */
static void start_waiting(void)
{
    for (uint32_t i = 0; i < order_count(); i++) {
        struct component *component = order_at(i);
        const struct component *cause;
        if (component->state == KAAL_COMPONENT_BACKOFF && component->retry_ns == UINT64_MAX &&
            order_state(component, &cause) != ORDER_WAITS) {
            start_again(component);
        }
    }
}

void supervise_start_all(void)
{
    /* Serial drivers last: until then the early console shows what goes wrong. */
    for (unsigned serial = 0; serial < 2; serial++) {
        for (uint32_t i = 0; i < component_count(); i++) {
            struct component *component = component_at(i);
            if (component_is_serial(component) != (serial == 1)) {
                continue;
            }
            if (component->description->after_count != 0) {
                component->state = KAAL_COMPONENT_BACKOFF; /* until its turn comes */
                component->retry_ns = UINT64_MAX;
            } else if (start(component)) {
                component->state = KAAL_COMPONENT_RUNNING;
            }
        }
    }
    for (uint32_t i = 0; i < component_count(); i++) {
        if (component_at(i)->state == KAAL_COMPONENT_RUNNING) {
            channels_announce(component_at(i), KAAL_PEER_RUNNING);
        }
    }
    for (uint32_t i = 0; i < order_count(); i++) {
        if (order_at(i)->state == KAAL_COMPONENT_RUNNING) {
            component_run(order_at(i));
        }
    }
    start_waiting(); /* or gives up who waits for one that could not be built */
}

static bool wants_restart(const struct component *component, enum ending ending)
{
    switch ((enum kaal_restart)component->description->restart) {
    case KAAL_RESTART_NEVER:
        return false;
    case KAAL_RESTART_ON_FAILURE:
        return ending != ENDING_EXIT_SUCCESS;
    case KAAL_RESTART_ALWAYS:
        return true;
    }
    return false;
}

/* Milliseconds to wait before the next start; keeps the doubling. */
static uint32_t next_backoff(struct component *component, enum ending ending)
{
    uint32_t configured = component->description->backoff_ms;
    uint64_t lived_ns = kaal_now_ns() - component->start_ns;
    if (ending == ENDING_KILL || lived_ns > LONG_LIFE_NS) {
        component->backoff_ms = configured;
        return configured;
    }
    uint32_t wait_ms = component->backoff_ms;
    if (wait_ms > 0 || lived_ns < SHORT_LIFE_NS) {
        uint32_t doubled = wait_ms == 0 ? 1 : wait_ms * 2;
        component->backoff_ms = doubled < BACKOFF_MAX_MS ? doubled : BACKOFF_MAX_MS;
    }
    return wait_ms;
}

/* Milliseconds until the devices that it had are usable again after their reset. */
static uint32_t devices_wait_ms(const struct component *component)
{
    uint64_t ready_ns = kaal_account_ready_ns(&component->account);
    uint64_t now_ns = kaal_now_ns();
    return ready_ns <= now_ns ? 0 : (uint32_t)((ready_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
}

void supervise_end(struct component *component, enum ending ending)
{
    const struct kaal_system_component *description = component->description;
    component_destroy(component);
    component->faulted = ending == ENDING_FAULT || ending == ENDING_HANG;
    children_ended(component);
    if (component->starter != NULL) {
        return; /* its parent decides */
    }
    if (!wants_restart(component, ending)) {
        channels_announce(component, KAAL_PEER_GONE);
        log_line("init: %s ended and is not started again (restart policy)", description->name);
    } else if (description->restart_limit != 0 &&
               component->restarts >= description->restart_limit) {
        component->state = KAAL_COMPONENT_FAILED;
        channels_announce(component, KAAL_PEER_GONE);
        log_line("init: %s reached its restart limit (%u)", description->name,
                 description->restart_limit);
    } else {
        uint32_t wait_ms = next_backoff(component, ending);
        uint32_t devices_ms = devices_wait_ms(component);
        wait_ms = devices_ms > wait_ms ? devices_ms : wait_ms;
        if (wait_ms == 0) {
            start_again(component);
        } else {
            component->retry_ns = kaal_now_ns() + wait_ms * NS_PER_MS;
            component->state = KAAL_COMPONENT_BACKOFF;
            int error = deadline_arm(&component->deadline, component->retry_ns, backoff_signal());
            if (error != KAAL_OK) {
                start_again(component); /* no deadline to be had: without waiting, then */
            }
        }
    }
    start_waiting();
    console_without_driver();
}

void supervise_ready(void)
{
    start_waiting();
}

void supervise_shut_down(void)
{
    for (uint32_t i = order_count(); i > 0; i--) {
        struct component *component = order_at(i - 1);
        if (component->state == KAAL_COMPONENT_RUNNING) {
            log_line("init: %s is shut down", component->description->name);
            component_destroy(component);
        }
        component->state = KAAL_COMPONENT_STOPPED;
        deadline_disarm(&component->deadline);
    }
    console_without_driver();
}

void supervise_backoff_over(void)
{
    uint64_t now = kaal_now_ns();
    for (uint32_t i = 0; i < component_count(); i++) {
        struct component *component = component_at(i);
        if (component->state == KAAL_COMPONENT_BACKOFF && component->retry_ns <= now) {
            deadline_disarm(&component->deadline);
            start_again(component);
        }
    }
    start_waiting();
}
