/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A helper outranks init, so that starting it hands over to it until it waits.
 */
#include "helper.h"

#include <kaal/arena.h>
#include <kaal/assert.h>

#include "arch.h"
#include "memory.h"
#include "serve.h"

#define HELPER_PRIORITY 255u
#define STACK_BYTES     512u

int helper_create(struct helper *helper)
{
    struct kaal_arena *arena = memory_arena();
    unsigned char *stack = memory_permanent(STACK_BYTES);
    seL4_CPtr tcb;
    if (stack == NULL || kaal_arena_allocate(arena, seL4_TCBObject, 0, 1, &tcb) != KAAL_OK ||
        kaal_arena_allocate(arena, seL4_SchedContextObject, seL4_MinSchedContextBits, 1,
                            &helper->sched_context) != KAAL_OK) {
        return KAAL_ERR_NO_SPACE;
    }
    seL4_CNode_CapData_t guard = seL4_CNode_CapData_new(0, seL4_WordBits - memory_cspace()->depth);
    if (seL4_TCB_Configure(tcb, memory_cspace()->root, guard.words[0], seL4_CapInitThreadVSpace, 0,
                           0, 0) != seL4_NoError ||
        seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 0, HELPER_PRIORITY,
                                helper->sched_context, 0) != seL4_NoError) {
        return KAAL_ERR_NO_SPACE;
    }
    helper->stack_top = (uint64_t)(stack + STACK_BYTES);
    helper->tcb = tcb;
    return KAAL_OK;
}

int helper_budget(struct helper *helper, uint64_t budget_us, uint64_t period_us)
{
    return seL4_SchedControl_ConfigureFlags(sched_control(), helper->sched_context, budget_us,
                                            period_us, 0, 0, 0) == seL4_NoError
               ? KAAL_OK
               : KAAL_ERR_NO_SPACE;
}

int helper_run(struct helper *helper, void (*function)(seL4_Word), seL4_Word argument)
{
    seL4_UserContext context;
    arch_context_init(&context, (uint64_t)function, helper->stack_top, argument);
    return seL4_TCB_WriteRegisters(helper->tcb, true, 0, arch_context_words(), &context) ==
                   seL4_NoError
               ? KAAL_OK
               : KAAL_ERR_NO_SPACE;
}

void helper_stop(struct helper *helper)
{
    seL4_Error error = seL4_TCB_Suspend(helper->tcb);
    ASSERT(error == seL4_NoError);
}
