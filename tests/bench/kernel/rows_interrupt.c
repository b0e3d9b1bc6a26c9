/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of a device interrupt: the handler's thread, more urgent and in an address space of its own,
 * wakes, acknowledges and waits again.
 */
#include "rows.h"
#include "timer.h"
#include "world.h"

#define HANDLER_PRIORITY 200
#define OWN_PRIORITY     100

static struct thread thread;
static seL4_CPtr notification;
static seL4_CPtr handler;
static volatile uint64_t arrived;
static volatile uint32_t seen;

static void handle(uint64_t argument)
{
    (void)argument;
    for (;;) {
        seL4_WaitWithMRs(notification, NULL, NULL, NULL, NULL, NULL);
        arrived = arch_counter();
        seen = 1;
        timer_quiet();
        (void)seL4_IRQHandler_Ack(handler);
    }
}

static void prepare(void)
{
    if (handler != 0) {
        return;
    }
    seL4_CPtr vspace = world_clone_vspace();
    handler = timer_open(vspace);
    notification = world_object(seL4_NotificationObject, 0);
    world_check(seL4_IRQHandler_SetNotification(handler, notification) == seL4_NoError,
                "the timer's notification");
    world_thread_start(&thread, vspace, handle, 0, HANDLER_PRIORITY);
    world_check(seL4_IRQHandler_Ack(handler) == seL4_NoError, "acknowledgement");
}

static uint64_t time_strikes(bool whole)
{
    prepare();
    world_own_priority(OWN_PRIORITY);
    uint64_t ticks = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t before, after;
        timer_strike(&seen, i, &before, &after);
        if (i >= 0) {
            ticks += (whole ? after : arrived) - before;
        }
    }
    world_own_priority(seL4_MaxPrio);
    return ticks;
}

uint64_t row_interrupt_to_handler(void)
{
    return time_strikes(false);
}

uint64_t row_interrupt_round_trip(void)
{
    return time_strikes(true);
}
