/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Random steps that configure, start and stop threads and scheduling contexts. */
#include "generate.h"
#include "pick.h"
#include <string.h>

enum {
    PLANNED_MAX = 8,
    PRIORITIES = 100,
};

/* Steps of a thread's start that are still to come. */
static struct step planned[PLANNED_MAX];
static unsigned planned_count;

/* ---- threads ---- */

static struct step configure_space(uint64_t tcb)
{
    uint64_t guard = random_one_in(4) ? PICK_OTHER_GUARD : FIELD_GUARD_BITS;
    uint64_t address = random_one_in(10) ? 0 : 0x10000 + random_below(4) * 1024;
    if (random_one_in(3)) {
        return step_call(
            (struct step_request){.slot = tcb,
                                  .label = TCBSetSpace,
                                  .words = 2,
                                  .word = {guard, 0},
                                  .caps = 3,
                                  .cap = {pick_of(ABI_CAP_ENDPOINT), FIELD_CNODE, FIELD_VSPACE}});
    }
    return step_call(
        (struct step_request){.slot = tcb,
                              .label = TCBConfigure,
                              .words = 3,
                              .word = {guard, 0, address},
                              .caps = 3,
                              .cap = {random_one_in(12) ? pick_of(ABI_CAP_CNODE) : FIELD_CNODE,
                                      random_one_in(4) ? pick_of(ABI_CAP_VSPACE) : FIELD_VSPACE,
                                      pick_of(ABI_CAP_FRAME)}});
}

static struct step set_parameters(uint64_t tcb, uint64_t sc)
{
    return step_call((struct step_request){
        .slot = tcb,
        .label = TCBSetSchedParams,
        .words = 2,
        .word = {random_one_in(8) ? 254 : random_below(PRIORITIES), random_below(PRIORITIES)},
        .caps = 3,
        .cap = {random_one_in(8) ? pick_of(ABI_CAP_TCB) : FIELD_AUTHORITY, sc,
                pick_of(ABI_CAP_ENDPOINT)}});
}

static struct step configure_time(uint64_t sc)
{
    uint64_t period = 20 + random_below(3000);
    uint64_t budget = random_one_in(3) ? period : 20 + random_below(period - 19);
    if (random_one_in(30)) {
        budget = random_below(5000);
    }
    return step_call(
        (struct step_request){.slot = FIELD_SCHED_CONTROL,
                              .label = SchedControlConfigureFlags,
                              .words = 5,
                              .word = {budget, period, random_below(random_one_in(10) ? 12 : 3),
                                       random_below(100), random_below(2)},
                              .caps = 1,
                              .cap = {sc}});
}

static struct step write_registers(uint64_t tcb)
{
    return step_call((struct step_request){
        .slot = tcb,
        .label = TCBWriteRegisters,
        .words = 4,
        .word = {random_one_in(4) ? 0 : 1, 1 + random_below(2), 0x4000, random_below(100)}});
}

static struct step simple_tcb(uint64_t tcb)
{
    static const uint64_t labels[] = {
        TCBSuspend,          TCBResume,        TCBResume,        TCBUnbindNotification,
        TCBBindNotification, TCBSetPriority,   TCBSetMCPriority, TCBSetTimeoutEndpoint,
        TCBSetIPCBuffer,     TCBReadRegisters, TCBSetFlags,      TCBSetTLSBase,
        TCBCopyRegisters};
    struct step_request request = {.slot = tcb,
                                   .label = labels[random_below(13)],
                                   .words = 2,
                                   .word = {random_below(PRIORITIES), random_below(2)},
                                   .caps = 1,
                                   .cap = {FIELD_AUTHORITY}};
    switch (request.label) {
    case TCBBindNotification:
        request.cap[0] = pick_of(ABI_CAP_NOTIFICATION);
        break;
    case TCBSetTimeoutEndpoint:
        request.cap[0] = pick_of(ABI_CAP_ENDPOINT);
        break;
    case TCBSetIPCBuffer:
        request.cap[0] = pick_of(ABI_CAP_FRAME);
        request.word[0] = random_below(8) * (random_one_in(20) ? 512 : 1024);
        break;
    case TCBCopyRegisters:
        request.word[0] = random_below(16);
        request.cap[0] = pick_of(ABI_CAP_TCB);
        break;
    case TCBReadRegisters:
        request.word[0] = random_one_in(10);
        request.word[1] = random_one_in(20) ? random_below(40) : 1 + random_below(4);
        break;
    default:
        break;
    }
    return step_call(request);
}

static struct step change_sc(uint64_t sc)
{
    static const uint64_t labels[] = {SchedContextBind,     SchedContextBind,
                                      SchedContextUnbind,   SchedContextUnbindObject,
                                      SchedContextConsumed, SchedContextYieldTo};
    bool to_thread = !random_one_in(4);
    return step_call(
        (struct step_request){.slot = sc,
                              .label = labels[random_below(6)],
                              .caps = 1,
                              .cap = {pick_of(to_thread ? ABI_CAP_TCB : ABI_CAP_NOTIFICATION)}});
}

static struct step set_timeout_handler(uint64_t tcb)
{
    return step_call((struct step_request){.slot = tcb,
                                           .label = TCBSetTimeoutEndpoint,
                                           .caps = 1,
                                           .cap = {pick_of(ABI_CAP_ENDPOINT)}});
}

static void plan(struct step step)
{
    if (planned_count < PLANNED_MAX) {
        planned[planned_count++] = step;
    }
}

bool generate_planned(struct step *step)
{
    if (planned_count == 0) {
        return false;
    }
    *step = planned[0];
    planned_count--;
    memmove(planned, planned + 1, planned_count * sizeof(planned[0]));
    return true;
}

void generate_forget_plans(void)
{
    planned_count = 0;
}

static bool is_free_sc(const struct model_object *object)
{
    return object->sc.tcb == NULL;
}

static bool has_thread(const struct model_object *object)
{
    return object->sc.tcb != NULL && object->sc.tcb != machine_current();
}

struct step generate_yield_to(void)
{
    return step_call((struct step_request){.slot = pick_where(ABI_CAP_SCHED_CONTEXT, has_thread),
                                           .label = SchedContextYieldTo});
}

static bool needs_start(const struct model_object *object)
{
    return object->tcb.state == MODEL_INACTIVE || object->tcb.sc == NULL;
}

/* All that a thread needs to run. */
struct step generate_start(void)
{
    uint64_t tcb = pick_where(ABI_CAP_TCB, needs_start);
    uint64_t sc = pick_where(ABI_CAP_SCHED_CONTEXT, is_free_sc);
    if (tcb == FIELD_AUTHORITY || pick_field()[tcb].cap.kind != ABI_CAP_TCB) {
        return generate_slots();
    }
    const struct model_tcb *thread = &pick_field()[tcb].cap.object->tcb;
    if (thread->sc == NULL && !random_one_in(4)) {
        plan(configure_time(sc));
        plan(set_parameters(tcb, sc));
    }
    if (random_one_in(3)) {
        plan(set_timeout_handler(tcb));
    }
    if (thread->state == MODEL_INACTIVE || random_one_in(3)) {
        plan(write_registers(tcb));
    }
    return configure_space(tcb);
}

struct step generate_threads(void)
{
    switch (random_below(8)) {
    case 0:
        return configure_space(pick_of(ABI_CAP_TCB));
    case 1:
        return set_parameters(pick_of(ABI_CAP_TCB),
                              random_one_in(4) ? 0 : pick_of(ABI_CAP_SCHED_CONTEXT));
    case 2:
        return configure_time(pick_of(ABI_CAP_SCHED_CONTEXT));
    case 3:
        return write_registers(pick_of(ABI_CAP_TCB));
    case 4:
    case 5:
        return change_sc(pick_of(ABI_CAP_SCHED_CONTEXT));
    default:
        return simple_tcb(pick_of(ABI_CAP_TCB));
    }
}
