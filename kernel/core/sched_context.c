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

void sc_unbind_tcb(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    if (tcb != NULL) {
        sched_dequeue(tcb);
        sched_release_remove(tcb);
        tcb->sc = NULL;
        sc->tcb = NULL;
    }
}

bool sc_may_serve(const struct sched_context *sc, const struct tcb *tcb)
{
    return !tcb_is_blocked(tcb) || (sc_is_active(sc) && refill_ready(sc));
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

void sc_unbind_notification(struct sched_context *sc)
{
    if (sc->notification != NULL) {
        sc->notification->sc = NULL;
        sc->notification = NULL;
    }
}

/* Take the context from its thread, its notification, and its call stack. */
static void unbind_all(struct sched_context *sc)
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
    sc_unbind_tcb(sc);
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
        sc_unbind_tcb(notification->sc);
    }
}

void sc_finalise(struct cap cap)
{
    struct sched_context *sc = cap_ptr(cap);
    if (sc->yield_from != NULL) {
        sc_complete_yield_to(sc->yield_from);
    }
    unbind_all(sc);
    sc->refill_max = 0;
    sc->refill_count = 0;
    sc->sporadic = false;
}

/* ---- consumed time and YieldTo ---- */

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
static enum kernel_result yield_to(struct invocation *inv, struct sched_context *sc)
{
    struct tcb *caller = inv->caller;
    struct tcb *target = sc->tcb;
    if (sc->yield_from != NULL) {
        sc_complete_yield_to(sc->yield_from);
    }
    sc_resume(sc);
    bool can_run = sched_is_schedulable(target);
    if (can_run) {
        sched_dequeue(target);
    }
    if (!can_run || target->priority < caller->priority) {
        if (can_run) {
            sched_enqueue(target);
        }
        inv_set_result(inv, 0, sc_take_consumed(sc));
        return KRES_OK;
    }
    if (inv->flags.call) {
        sc->yield_from = caller;
        caller->yield_to = sc;
    }
    sched_enqueue(caller);
    sched_enqueue(target);
    schedule_needed();
    return KRES_OK;
}

/* ---- invocations ---- */

enum kernel_result sched_context_decode_yield_to(struct invocation *inv)
{
    return inv->sc->tcb == NULL || inv->sc->tcb == inv->caller ||
                   inv->sc->tcb->priority > inv->caller->mcp
               ? fail(seL4_IllegalOperation)
               : yield_to(inv, inv->sc);
}

enum kernel_result sched_context_decode_bind(struct invocation *inv)
{
    struct cap cap = inv->extra[0]->cap;
    struct tcb *tcb = cap_ptr(cap);
    struct notification *notification = cap_ptr(cap);
    switch (cap.tag) {
    case CAP_TCB:
        if (inv->sc->tcb != NULL || tcb->sc != NULL || !sc_may_serve(inv->sc, tcb)) {
            return fail(seL4_IllegalOperation);
        }
        sc_bind_tcb(inv->sc, tcb);
        return KRES_OK;
    case CAP_NOTIFICATION:
        if (inv->sc->notification != NULL || notification->sc != NULL) {
            return fail(seL4_IllegalOperation);
        }
        inv->sc->notification = notification;
        notification->sc = inv->sc;
        return KRES_OK;
    default:
        return fail_invalid_capability(1);
    }
}

enum kernel_result sched_context_decode_unbind(struct invocation *inv)
{
    if (inv->sc->tcb == inv->caller) {
        return fail(seL4_IllegalOperation);
    }
    unbind_all(inv->sc);
    return KRES_OK;
}

enum kernel_result sched_context_decode_unbind_object(struct invocation *inv)
{
    struct cap cap = inv->extra[0]->cap;
    bool is_tcb = cap.tag == CAP_TCB;
    const void *bound = is_tcb ? (void *)inv->sc->tcb : (void *)inv->sc->notification;
    if (!is_tcb && cap.tag != CAP_NOTIFICATION) {
        return fail_invalid_capability(1);
    }
    if (bound != cap_ptr(cap) || bound == inv->caller) {
        return fail(seL4_IllegalOperation);
    }
    (is_tcb ? sc_unbind_tcb : sc_unbind_notification)(inv->sc);
    return KRES_OK;
}

enum kernel_result sched_context_decode_consumed(struct invocation *inv)
{
    inv_set_result(inv, 0, sc_take_consumed(cap_ptr(inv->cap)));
    return KRES_OK;
}
