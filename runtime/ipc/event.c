/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The event loop over the component's one notification. What a wait delivers goes to `pending`
 * first and leaves it only for a handler, so it does not matter who waited.
 *
 * The broker keeps one deadline per component. Whoever sleeps arms the earlier of its own and the
 * loop's; an earlier one that is armed already is left alone, because waking early costs less than
 * a call.
 */
#include <stddef.h>

#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker_protocol.h>
#include <kaal/channel.h>
#include <kaal/event.h>

#define BADGE_BITS   63u
#define BADGE_SOURCE (BIT64(63) - 1) /* bit 63 only says that it is a notification */

struct handler {
    uint64_t bits;
    kaal_event_handler function;
    void *argument;
};

static struct handler handlers[KAAL_EVENT_HANDLERS_MAX];
static unsigned handler_count;
static bool (*before_sleep)(void *argument);
static void *before_sleep_argument;
static uint64_t pending;
static uint64_t loop_deadline_ns = KAAL_NO_DEADLINE;
static uint64_t armed_ns = KAAL_NO_DEADLINE; /* what the broker will wake us for */

static uint64_t timer_bit(const struct kaal_startup *startup)
{
    return BIT64(startup->timer_badge_bit & (BADGE_BITS));
}

int kaal_event_add(uint64_t badge_bit, kaal_event_handler handler, void *argument)
{
    if (badge_bit >= BADGE_BITS) {
        return KAAL_ERR_RANGE;
    }
    if (handler_count == KAAL_EVENT_HANDLERS_MAX) {
        return KAAL_ERR_NO_SPACE;
    }
    handlers[handler_count++] =
        (struct handler){.bits = BIT64(badge_bit), .function = handler, .argument = argument};
    return KAAL_OK;
}

void kaal_event_before_sleep(bool (*function)(void *argument), void *argument)
{
    before_sleep = function;
    before_sleep_argument = argument;
}

void kaal_event_deadline(uint64_t deadline_ns)
{
    loop_deadline_ns = deadline_ns;
}

void kaal_event_post(uint64_t bits)
{
    pending |= bits & BADGE_SOURCE;
}

static void answer_watchdog(const struct kaal_startup *startup)
{
    if (__atomic_load_n(&startup->asked_alive, __ATOMIC_ACQUIRE) != 0) {
        seL4_Call(startup->broker_endpoint, seL4_MessageInfo_new(KAAL_BROKER_ALIVE, 0, 0, 0));
    }
}

void kaal_event_answer_watchdog(void)
{
    answer_watchdog(kaal_startup());
}

/* Takes in what a wait gave. The timer's bit only says that the armed deadline is used up. */
static void deliver(const struct kaal_startup *startup, uint64_t badge)
{
    uint64_t timer = timer_bit(startup);
    if ((badge & timer) != 0) {
        armed_ns = KAAL_NO_DEADLINE;
    }
    kaal_event_post(badge & ~timer);
    answer_watchdog(startup);
}

/* Makes sure that the timer's bit is set at deadline_ns or before. */
static int arm(uint64_t deadline_ns)
{
    if (deadline_ns == KAAL_NO_DEADLINE || armed_ns <= deadline_ns) {
        return KAAL_OK;
    }
    int error = kaal_timer_arm(deadline_ns);
    if (error == KAAL_OK) {
        armed_ns = deadline_ns;
    }
    return error;
}

int kaal_event_sleep(uint64_t deadline_ns)
{
    if (deadline_ns != KAAL_NO_DEADLINE && kaal_now_ns() >= deadline_ns) {
        return KAAL_ERR_TIMEOUT;
    }
    int error = arm(deadline_ns < loop_deadline_ns ? deadline_ns : loop_deadline_ns);
    if (error != KAAL_OK) {
        return error;
    }
    const struct kaal_startup *startup = kaal_startup();
    seL4_Word badge = 0;
    answer_watchdog(startup); /* the first time: ready */
    seL4_Wait(startup->notification, &badge);
    deliver(startup, badge);
    return KAAL_OK;
}

/* Calls the handlers of everything pending. True if there was any. */
static bool dispatch(void)
{
    if (loop_deadline_ns != KAAL_NO_DEADLINE && kaal_now_ns() >= loop_deadline_ns) {
        loop_deadline_ns = KAAL_NO_DEADLINE;
        kaal_event_post(timer_bit(kaal_startup()));
    }
    uint64_t bits = pending;
    bool called = false;
    pending = 0;
    for (unsigned i = 0; i < handler_count; i++) {
        if ((bits & handlers[i].bits) != 0) {
            handlers[i].function(handlers[i].argument);
            called = true;
        }
    }
    return called;
}

bool kaal_event_poll(void)
{
    seL4_Word badge = 0;
    seL4_NBWait(kaal_startup()->notification, &badge);
    deliver(kaal_startup(), badge);
    return dispatch();
}

void kaal_event_run(void)
{
    for (;;) {
        if (dispatch()) {
            continue;
        }
        if (before_sleep != NULL && before_sleep(before_sleep_argument)) {
            (void)kaal_event_poll(); /* other sources get their turn */
            continue;
        }
        if (kaal_event_sleep(KAAL_NO_DEADLINE) != KAAL_OK) {
            /* Without a timer the loop still serves everything else. */
            kaal_log("event loop: no timer, the deadline at %llu ns is dropped",
                     (unsigned long long)loop_deadline_ns);
            loop_deadline_ns = KAAL_NO_DEADLINE;
        }
    }
}
