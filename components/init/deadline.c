/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The thread runs above init, so that arming hands over to it, it yields at once, and its period
 * starts at the moment of arming. Its budget is not what it uses (a microsecond) but a margin: a
 * kernel entry with less than the kernel's minimum budget (20 us) left would be delayed by one
 * period.
 */
#include "deadline.h"

#include <kaal/arena.h>
#include <kaal/startup.h>

#include "memory.h"

#define BUDGET_MAX_US 1000u
#define DELAY_MIN_US  50u
#define DELAY_MAX_US  (UINT64_C(1) << 43) /* the kernel accepts 2^45 and more */

static seL4_CPtr dormant; /* a notification that nobody signals */

/* A deadline thread's whole life after one arming. */
static void deadline_thread(seL4_CPtr signal)
{
    seL4_Yield();
    seL4_Signal(signal);
    for (;;) {
        seL4_WaitWithMRs(dormant, NULL, NULL, NULL, NULL, NULL);
    }
}

static int deadline_create(struct deadline *deadline)
{
    if (dormant == 0 &&
        kaal_arena_allocate(memory_arena(), seL4_NotificationObject, 0, 1, &dormant) != KAAL_OK) {
        dormant = 0;
        return KAAL_ERR_NO_SPACE;
    }
    return helper_create(&deadline->helper);
}

void deadline_disarm(struct deadline *deadline)
{
    if (deadline->armed) {
        deadline->armed = false;
        helper_stop(&deadline->helper);
    }
}

int deadline_arm(struct deadline *deadline, uint64_t when_ns, seL4_CPtr signal)
{
    deadline_disarm(deadline);
    if (when_ns == DEADLINE_NEVER) {
        return KAAL_OK;
    }
    uint64_t now = kaal_now_ns();
    uint64_t delay_us = when_ns > now ? (when_ns - now + 999) / 1000 : 0;
    if (delay_us < DELAY_MIN_US) {
        seL4_Signal(signal);
        return KAAL_OK;
    }
    delay_us = delay_us < DELAY_MAX_US ? delay_us : DELAY_MAX_US;
    if (deadline->helper.tcb == 0) {
        int error = deadline_create(deadline);
        if (error != KAAL_OK) {
            return error;
        }
    }
    /* A budget equal to the period would be round robin, which does not sleep. */
    uint64_t budget_us = delay_us - 1 < BUDGET_MAX_US ? delay_us - 1 : BUDGET_MAX_US;
    if (helper_budget(&deadline->helper, budget_us, delay_us) != KAAL_OK) {
        return KAAL_ERR_NO_SPACE;
    }
    deadline->armed = true;
    return helper_run(&deadline->helper, deadline_thread, signal);
}
