/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The watcher's scheduling context has a short period and, being sporadic, refills at exact
 * multiples of it: a Yield spends the rest, and the kernel releases the thread at the next one.
 * What the kernel does between reading the clock and switching to the watcher is on the watcher's
 * account, so the budget is far more than it needs itself; less would move its times.
 */
#include "watch.h"

#include "bounds.h"

#define BUDGET_US   110
#define PERIOD_US   150
#define QUIET_WAKES 64
#define MARGIN_DIV                                                                \
    8 /* of a period: what the watcher itself may need before an operation starts \
       */

static struct thread watcher;
static volatile uint64_t wakes; /* so far; one writer, the watcher */
static volatile uint64_t stamp; /* of the latest one */
static uint64_t period;
static volatile uint64_t due; /* the next wake, as a quiet system would have it */
static volatile bool noting;
static volatile uint64_t worst;

static void watch(uint64_t argument)
{
    (void)argument;
    for (;;) {
        stamp = arch_counter();
        if (noting && stamp > due && stamp - due > worst) {
            worst = stamp - due;
        }
        due += period;
        wakes++;
        seL4_Yield();
    }
}

/* Returns right after a wake that nothing has delayed. */
static void await_wake(void)
{
    uint64_t seen = wakes;
    while (wakes == seen) {
    }
}

void watch_start(void)
{
    world_own_priority(seL4_MaxPrio); /* it must not run before it has its short budget */
    world_thread_start(&watcher, seL4_CapInitThreadVSpace, watch, 0, WATCHER_PRIORITY);
    must(seL4_SchedControl_ConfigureFlags(seL4_GetBootInfo()->schedcontrol.start,
                                          watcher.sched_context, BUDGET_US, PERIOD_US, 0, 0,
                                          seL4_SchedContext_Sporadic),
         "the watcher's budget");
    world_own_priority(OPERATOR_PRIORITY);
    await_wake();
    await_wake();
    uint64_t first = stamp;
    for (unsigned i = 0; i < QUIET_WAKES; i++) {
        await_wake();
    }
    period = (stamp - first + QUIET_WAKES / 2) / QUIET_WAKES;
}

uint64_t watch_period(void)
{
    return period;
}

uint64_t watch_due(uint64_t later)
{
    await_wake();
    return stamp + later * period;
}

uint64_t watch_us(uint64_t ticks)
{
    return ticks * PERIOD_US / period;
}

void watch_begin(uint64_t offset)
{
    uint64_t nearest = period - period / MARGIN_DIV;
    offset = offset < nearest ? offset : nearest;
    await_wake();
    due = stamp + period;
    uint64_t start = due - offset;
    worst = 0;
    noting = true;
    while (arch_counter() < start) {
    }
}

uint64_t watch_end(void)
{
    noting = false;
    return worst;
}
