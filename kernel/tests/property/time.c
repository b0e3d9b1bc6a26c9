/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of the model that govern time: scheduling contexts, their control, domains. */
#include "model.h"

#include <stddef.h>

#define SCHED_MIN_US 20

bool model_sc_ready(const struct model_object *sc)
{
    return sc->sc.configured && model()->clock.ready(sc);
}

/* ---- scheduling contexts ---- */

static bool bind(struct model_invocation *inv, struct model_object *sc)
{
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    const struct model_cap *cap = &inv->extra[0]->cap;
    struct model_object *object = cap->object;
    if (cap->kind == ABI_CAP_TCB) {
        if (sc->sc.tcb != NULL || object->tcb.sc != NULL ||
            (model_blocked(object) && !model_sc_ready(sc))) {
            return model_fail(seL4_IllegalOperation);
        }
        model_sc_donate(sc, object);
        return true;
    }
    if (cap->kind == ABI_CAP_NOTIFICATION) {
        if (sc->sc.notification != NULL || object->queue.sc != NULL) {
            return model_fail(seL4_IllegalOperation);
        }
        sc->sc.notification = object;
        object->queue.sc = sc;
        return true;
    }
    return model_fail_word(seL4_InvalidCapability, 1);
}

static bool unbind_object(struct model_invocation *inv, struct model_object *sc)
{
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    const struct model_cap *cap = &inv->extra[0]->cap;
    if (cap->kind == ABI_CAP_TCB) {
        if (sc->sc.tcb != cap->object || cap->object == inv->caller) {
            return model_fail(seL4_IllegalOperation);
        }
        model_sc_detach(sc);
        return true;
    }
    if (cap->kind == ABI_CAP_NOTIFICATION) {
        if (sc->sc.notification != cap->object) {
            return model_fail(seL4_IllegalOperation);
        }
        sc->sc.notification->queue.sc = NULL;
        sc->sc.notification = NULL;
        return true;
    }
    return model_fail_word(seL4_InvalidCapability, 1);
}

static void result_is_a_time(struct model_invocation *inv)
{
    inv->unknown_results = 1;
    model_result(inv, 0);
}

static bool yield_to(struct model_invocation *inv, struct model_object *sc)
{
    struct model_object *target = sc->sc.tcb;
    struct model_object *caller = inv->caller;
    if (target == NULL || target == caller || target->tcb.priority > caller->tcb.mcp) {
        return model_fail(seL4_IllegalOperation);
    }
    if (sc->sc.yield_from != NULL) {
        model_yield_complete(sc->sc.yield_from);
    }
    bool schedulable = model_runnable(target) && model_sc_ready(sc);
    if (!schedulable || target->tcb.priority < caller->tcb.priority) {
        result_is_a_time(inv);
        return true;
    }
    if (inv->call) {
        sc->sc.yield_from = caller;
        caller->tcb.yield_to = sc;
    }
    return true;
}

bool model_sched_context(struct model_invocation *inv)
{
    struct model_object *sc = inv->cap.object;
    switch (inv->label) {
    case SchedContextConsumed:
        result_is_a_time(inv);
        return true;
    case SchedContextBind:
        return bind(inv, sc);
    case SchedContextUnbind:
        if (sc->sc.tcb == inv->caller) {
            return model_fail(seL4_IllegalOperation);
        }
        model_sc_unbind_all(sc);
        return true;
    case SchedContextUnbindObject:
        return unbind_object(inv, sc);
    case SchedContextYieldTo:
        return yield_to(inv, sc);
    default:
        return model_fail(seL4_IllegalOperation);
    }
}

bool model_sched_control(struct model_invocation *inv)
{
    uint64_t maximum = UINT64_MAX / 62500 / 8;
    if (inv->label != SchedControlConfigureFlags) {
        return model_fail(seL4_IllegalOperation);
    }
    if (inv->extra_count < 1 || inv->length < 5) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t budget = model_word(inv, 0);
    uint64_t period = model_word(inv, 1);
    uint64_t extra = model_word(inv, 2);
    if (budget > maximum || period > maximum || budget < SCHED_MIN_US || period < SCHED_MIN_US) {
        return model_fail_range(SCHED_MIN_US, maximum);
    }
    if (budget > period) {
        return model_fail_range(SCHED_MIN_US, period);
    }
    if (inv->extra[0]->cap.kind != ABI_CAP_SCHED_CONTEXT) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    struct model_object *sc = inv->extra[0]->cap.object;
    uint64_t limit = ((UINT64_C(1) << sc->bits) - 96) / 16 - 2;
    if (extra > limit) {
        return model_fail_range(0, limit);
    }
    sc->sc.configured = true;
    sc->sc.round_robin = budget == period;
    sc->sc.budget_us = budget;
    sc->sc.period_us = period;
    sc->sc.refills_max = extra + 2;
    sc->sc.badge = model_word(inv, 3);
    sc->sc.sporadic = (model_word(inv, 4) & 1) != 0;
    return true;
}

/* ---- domains: one, and a schedule of one entry and the end marker ---- */

bool model_domain(const struct model_invocation *inv)
{
    switch (inv->label) {
    case DomainSetSet:
        if (inv->length < 1) {
            return model_fail(seL4_TruncatedMessage);
        }
        if (model_word(inv, 0) != 0) {
            return model_fail_word(seL4_InvalidArgument, 0);
        }
        if (inv->extra_count < 1) {
            return model_fail(seL4_TruncatedMessage);
        }
        return inv->extra[0]->cap.kind == ABI_CAP_TCB || model_fail_word(seL4_InvalidArgument, 1);
    case DomainScheduleConfigure:
        if (inv->length < 3) {
            return model_fail(seL4_TruncatedMessage);
        }
        if (model_word(inv, 0) > 0 || model_word(inv, 1) > 0) {
            return model_fail_range(0, 0);
        }
        return (model_word(inv, 2) != 0 && model_word(inv, 2) >> 56 == 0) ||
               model_fail_word(seL4_InvalidArgument, 2);
    case DomainScheduleSetStart:
        if (inv->length < 1) {
            return model_fail(seL4_TruncatedMessage);
        }
        if (model_word(inv, 0) > 1) {
            return model_fail_range(0, 1);
        }
        return model_word(inv, 0) == 0 || model_fail_word(seL4_InvalidArgument, 0);
    default:
        return model_fail(seL4_IllegalOperation);
    }
}
