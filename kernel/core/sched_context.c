/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scheduling contexts as objects: who holds one, how it moves, and how YieldTo is answered. */
#include <kernel/invocation.h>
#include <kernel/ipc.h>
#include <kernel/node.h>
#include <kernel/timer.h>

void sc_unblock_check(struct sched_context *sc)
{
    if (sc->sporadic && sc_is_active(sc) && sc != node()->current_sc) {
        refill_unblock_check(sc);
    }
}

void sc_resume(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    if (tcb != NULL && sched_is_schedulable(tcb) &&
        !(refill_ready(sc) && refill_sufficient(sc, 0))) {
        sched_postpone(sc);
    }
}

/* ---- binding ---- */

/* Take the context from its thread, which leaves the scheduler's queues. */
static void detach_tcb(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    sched_dequeue(tcb);
    sched_release_remove(tcb);
    tcb->sc = NULL;
    sc->tcb = NULL;
}

void sc_bind_tcb(struct sched_context *sc, struct tcb *tcb)
{
    KERNEL_ASSERT(sc->tcb == NULL && tcb->sc == NULL);
    sc->tcb = tcb;
    tcb->sc = sc;
    if (!sc_is_active(sc)) {
        return;
    }
    sc_unblock_check(sc);
    sc_resume(sc);
    if (sched_is_schedulable(tcb)) {
        sched_enqueue(tcb);
        schedule_needed();
    }
}

void sc_unbind_tcb(struct sched_context *sc)
{
    if (sc->tcb != NULL) {
        detach_tcb(sc);
    }
}

void sc_unbind_notification(struct sched_context *sc)
{
    if (sc->notification != NULL) {
        sc->notification->sc = NULL;
        sc->notification = NULL;
    }
}

void sc_unbind_all(struct sched_context *sc)
{
    sc_unbind_tcb(sc);
    sc_unbind_notification(sc);
    if (sc->reply != NULL) {
        sc->reply->above = 0;
        sc->reply = NULL;
    }
}

void sc_donate(struct sched_context *sc, struct tcb *to)
{
    KERNEL_ASSERT(to->sc == NULL);
    if (sc->tcb != NULL) {
        detach_tcb(sc);
    }
    sc->tcb = to;
    to->sc = sc;
    if (to == node()->current) {
        schedule_needed(); /* it goes on, but time is on another account from here on */
    }
}

void sc_maybe_donate_from_notification(struct tcb *tcb, struct notification *notification)
{
    struct sched_context *sc = notification->sc;
    if (tcb->sc == NULL && sc != NULL && sc->tcb == NULL) {
        sc_donate(sc, tcb);
        sc_unblock_check(sc);
        sc_resume(sc);
    }
}

void sc_maybe_return_to_notification(struct tcb *tcb, struct notification *notification)
{
    if (notification->sc != NULL && notification->sc == tcb->sc) {
        detach_tcb(notification->sc);
    }
}

void sc_finalise(struct sched_context *sc)
{
    if (sc->yield_from != NULL) {
        sc_complete_yield_to(sc->yield_from);
    }
    sc_unbind_all(sc);
    sc->refill_max = 0;
    sc->refill_count = 0;
    sc->sporadic = false;
}

/* ---- consumed time and YieldTo ---- */

static struct sched_context *sc_of(const struct invocation *inv)
{
    return cap_ptr(inv->cap);
}

word_t sc_take_consumed(struct sched_context *sc)
{
    word_t us = ticks_to_us(sc->consumed);
    sc->consumed = 0;
    return us;
}

void sc_cancel_yield_to(struct tcb *from)
{
    if (from->yield_to != NULL) {
        from->yield_to->yield_from = NULL;
        from->yield_to = NULL;
    }
}

void sc_complete_yield_to(struct tcb *from)
{
    word_t consumed = sc_take_consumed(from->yield_to);
    sc_cancel_yield_to(from);
    from->context.regs[REG_BADGE] = 0;
    from->context.regs[REG_INFO] = message_info(seL4_NoError, 0, 0, 1);
    context_set_message_word(&from->context, 0, consumed);
}

/*
 * The target may run at once if its priority is not below ours; then our answer comes when we run
 * again, and stays an empty success if we are suspended before.
 */
static enum kernel_result invoke_yield_to(struct invocation *inv, struct sched_context *sc)
{
    struct tcb *caller = inv->caller;
    struct tcb *target = sc->tcb;
    if (sc->yield_from != NULL) {
        sc_complete_yield_to(sc->yield_from);
    }
    sc_resume(sc);
    if (!sched_is_schedulable(target)) {
        inv_set_result(inv, 0, sc_take_consumed(sc));
        return KRES_OK;
    }
    sched_dequeue(target);
    if (target->priority < caller->priority) {
        sched_enqueue(target);
        inv_set_result(inv, 0, sc_take_consumed(sc));
        return KRES_OK;
    }
    if (inv->call) {
        sc->yield_from = caller;
        caller->yield_to = sc;
    }
    sched_enqueue(caller);
    sched_enqueue(target);
    schedule_needed();
    return KRES_OK;
}

static enum kernel_result decode_yield_to(struct invocation *inv)
{
    const struct tcb *tcb = sc_of(inv)->tcb;
    if (tcb == NULL || tcb == inv->caller || tcb->priority > inv->caller->mcp) {
        return fail_illegal_operation();
    }
    return invoke_yield_to(inv, sc_of(inv));
}

/* ---- invocations ---- */

static enum kernel_result bind_tcb(struct sched_context *sc, struct tcb *tcb)
{
    if (sc->tcb != NULL || tcb->sc != NULL ||
        (tcb_is_blocked(tcb) && !(sc_is_active(sc) && refill_ready(sc)))) {
        return fail_illegal_operation();
    }
    sc_bind_tcb(sc, tcb);
    return KRES_OK;
}

static enum kernel_result bind_notification(struct sched_context *sc,
                                            struct notification *notification)
{
    if (sc->notification != NULL || notification->sc != NULL) {
        return fail_illegal_operation();
    }
    sc->notification = notification;
    notification->sc = sc;
    return KRES_OK;
}

static enum kernel_result decode_bind(struct invocation *inv)
{
    struct cap cap = inv->extra[0]->cap;
    switch (cap_tag(cap)) {
    case CAP_TCB:
        return bind_tcb(sc_of(inv), cap_ptr(cap));
    case CAP_NOTIFICATION:
        return bind_notification(sc_of(inv), cap_ptr(cap));
    default:
        return fail_invalid_capability(1);
    }
}

static enum kernel_result decode_unbind(struct invocation *inv)
{
    if (sc_of(inv)->tcb == inv->caller) {
        return fail_illegal_operation();
    }
    sc_unbind_all(sc_of(inv));
    return KRES_OK;
}

static enum kernel_result decode_unbind_object(struct invocation *inv)
{
    struct sched_context *sc = sc_of(inv);
    struct cap cap = inv->extra[0]->cap;
    bool is_tcb = cap_tag(cap) == CAP_TCB;
    if (!is_tcb && cap_tag(cap) != CAP_NOTIFICATION) {
        return fail_invalid_capability(1);
    }
    const void *bound = is_tcb ? (void *)sc->tcb : (void *)sc->notification;
    if (bound != cap_ptr(cap) || bound == inv->caller) {
        return fail_illegal_operation();
    }
    if (is_tcb) {
        sc_unbind_tcb(sc);
    } else {
        sc_unbind_notification(sc);
    }
    return KRES_OK;
}

static enum kernel_result decode_consumed(struct invocation *inv)
{
    inv_set_result(inv, 0, sc_take_consumed(sc_of(inv)));
    return KRES_OK;
}

#define FIRST SchedContextBind

enum kernel_result sched_context_decode(struct invocation *inv)
{
    static const struct invocation_rule rules[] = {
        [SchedContextBind - FIRST] = {CAP_SCHED_CONTEXT, 0, 1, decode_bind},
        [SchedContextUnbind - FIRST] = {CAP_SCHED_CONTEXT, 0, 0, decode_unbind},
        [SchedContextUnbindObject - FIRST] = {CAP_SCHED_CONTEXT, 0, 1, decode_unbind_object},
        [SchedContextConsumed - FIRST] = {CAP_SCHED_CONTEXT, 0, 0, decode_consumed},
        [SchedContextYieldTo - FIRST] = {CAP_SCHED_CONTEXT, 0, 0, decode_yield_to},
    };
    return invocation_decode_by(rules, ARRAY_LENGTH(rules), FIRST, inv);
}
