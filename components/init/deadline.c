/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The thread runs above init, so that arming hands over to it, it yields at once, and its period
 * starts at the moment of arming. Its budget is not what it uses (a microsecond) but a margin: a
 * kernel entry with less than the kernel's minimum budget (20 us) left would be delayed by one
 * period. It has no IPC buffer and no thread-local storage: it uses only calls that need neither.
 */
#include "deadline.h"

#include <kaal/arena.h>
#include <kaal/assert.h>
#include <kaal/startup.h>

#include "arch.h"
#include "memory.h"

#define DEADLINE_PRIORITY 255u
#define STACK_BYTES       512u
#define BUDGET_MAX_US     1000u
#define DELAY_MIN_US      50u
#define DELAY_MAX_US      (UINT64_C(1) << 43) /* the kernel accepts 2^45 and more */

static seL4_CPtr control;
static seL4_CPtr dormant; /* a notification that nobody signals */

void deadline_start(seL4_CPtr sched_control)
{
    control = sched_control;
}

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
    struct kaal_arena *arena = memory_arena();
    unsigned char *stack = memory_permanent(STACK_BYTES);
    seL4_CPtr tcb;
    if (stack == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    if (dormant == 0 &&
        kaal_arena_allocate(arena, seL4_NotificationObject, 0, 1, &dormant) != KAAL_OK) {
        dormant = 0;
        return KAAL_ERR_NO_SPACE;
    }
    if (kaal_arena_allocate(arena, seL4_TCBObject, 0, 1, &tcb) != KAAL_OK ||
        kaal_arena_allocate(arena, seL4_SchedContextObject, seL4_MinSchedContextBits, 1,
                            &deadline->sched_context) != KAAL_OK) {
        return KAAL_ERR_NO_SPACE;
    }
    seL4_CNode_CapData_t guard = seL4_CNode_CapData_new(0, seL4_WordBits - memory_cspace()->depth);
    if (seL4_TCB_Configure(tcb, memory_cspace()->root, guard.words[0], seL4_CapInitThreadVSpace, 0,
                           0, 0) != seL4_NoError ||
        seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, DEADLINE_PRIORITY,
                                deadline->sched_context, 0) != seL4_NoError) {
        return KAAL_ERR_NO_SPACE;
    }
    deadline->stack_top = (uint64_t)(stack + STACK_BYTES);
    deadline->tcb = tcb;
    return KAAL_OK;
}

void deadline_disarm(struct deadline *deadline)
{
    if (deadline->armed) {
        deadline->armed = false;
        seL4_Error error = seL4_TCB_Suspend(deadline->tcb);
        ASSERT(error == seL4_NoError);
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
    if (deadline->tcb == 0) {
        int error = deadline_create(deadline);
        if (error != KAAL_OK) {
            return error;
        }
    }
    /* A budget equal to the period would be round robin, which does not sleep. */
    uint64_t budget_us = delay_us - 1 < BUDGET_MAX_US ? delay_us - 1 : BUDGET_MAX_US;
    seL4_UserContext context;
    arch_context_init(&context, (uint64_t)deadline_thread, deadline->stack_top, signal);
    if (seL4_SchedControl_ConfigureFlags(control, deadline->sched_context, budget_us, delay_us, 0,
                                         0, 0) != seL4_NoError) {
        return KAAL_ERR_NO_SPACE;
    }
    deadline->armed = true;
    return seL4_TCB_WriteRegisters(deadline->tcb, true, 0, arch_context_words(), &context) ==
                   seL4_NoError
               ? KAAL_OK
               : KAAL_ERR_NO_SPACE;
}
