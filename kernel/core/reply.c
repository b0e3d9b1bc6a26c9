/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reply objects and the call stacks that they form when scheduling contexts are donated.
 *
 * One typical sequence: a server offers R in Recv (R->tcb = server); a caller sends, so the server
 * is detached and the caller linked (R->tcb = caller, BLOCKED_REPLY), R pushed onto the call stack
 * of the caller's scheduling context, which moves to the server; the reply pops R and gives it
 * back.
 */
#include <kernel/ipc.h>
#include <kernel/sched.h>

/*
 * Let `below` stand directly under `above`, which is a reply object or the scheduling context of
 * the stack, as in struct reply; either may be none.
 */
static void join(word_t above, struct reply *below)
{
    if (above & REPLY_ABOVE_IS_SC) {
        ((struct sched_context *)(above & ~REPLY_ABOVE_IS_SC))->reply = below;
    } else if (above != 0) {
        ((struct reply *)above)->below = below;
    }
    if (below != NULL) {
        below->above = above;
    }
}

static void unlink_tcb(struct reply *reply, struct tcb *tcb)
{
    KERNEL_ASSERT(reply->tcb == tcb && tcb->reply == reply);
    reply->tcb = NULL;
    tcb->reply = NULL;
}

void reply_withdraw(struct tcb *receiver)
{
    if (receiver->reply != NULL) {
        unlink_tcb(receiver->reply, receiver);
    }
}

void reply_push(struct tcb *caller, struct tcb *callee, struct reply *reply, bool can_donate)
{
    struct sched_context *sc = caller->sc;
    KERNEL_ASSERT(reply->tcb == NULL && caller->reply == NULL && reply->above == 0);
    tcb_set_state(caller, THREAD_BLOCKED_REPLY);
    reply->tcb = caller;
    caller->reply = reply;
    if (!can_donate || sc == NULL || callee->sc != NULL) {
        return;
    }
    join((word_t)reply, sc->reply);
    join((word_t)sc | REPLY_ABOVE_IS_SC, reply);
    sc_donate(sc, callee);
}

/* Take the reply out of the stack, which falls apart there without moving, unless it was on top. */
static void take_out(struct reply *reply, bool on_top)
{
    join(reply->above, on_top ? reply->below : NULL);
    if (!on_top) {
        join(0, reply->below);
    }
    reply->above = 0;
    reply->below = NULL;
}

/* Take the caller off its reply object and give it back its scheduling context if that is on top.
 */
static void reply_remove(struct reply *reply, struct tcb *caller)
{
    word_t above = reply->above;
    bool on_top = (above & REPLY_ABOVE_IS_SC) != 0;
    take_out(reply, on_top);
    if (on_top && caller->sc == NULL) {
        sc_donate((struct sched_context *)(above & ~REPLY_ABOVE_IS_SC), caller);
    }
    unlink_tcb(reply, caller);
}

void reply_remove_cancelled(struct tcb *caller)
{
    take_out(caller->reply, false);
    unlink_tcb(caller->reply, caller);
}

/* The thread got its answer: it runs if its scheduling context has time, or waits, or times out. */
static void resume_answered(struct tcb *caller, bool had_timeout)
{
    struct sched_context *sc = caller->sc;
    if (sc == NULL || !sc_is_active(sc) || !tcb_is_runnable(caller)) {
        return;
    }
    if (refill_ready(sc) && refill_sufficient(sc, 0)) {
        schedule_possible_switch(caller);
    } else if (fault_has_timeout_handler(caller) && !had_timeout) {
        fault_send_timeout(caller);
    } else {
        sched_postpone(sc);
    }
}

void reply_to_caller(struct tcb *replier, struct cap cap)
{
    struct reply *reply = cap_ptr(cap);
    struct tcb *caller = reply->tcb;
    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY) {
        return;
    }
    word_t fault_kind = caller->fault.kind;
    reply_remove(reply, caller);
    if (caller->sc != NULL) {
        sc_unblock_check(caller->sc);
    }
    if (fault_kind == seL4_Fault_NullFault) {
        ipc_transfer(replier, cap, caller);
        tcb_set_state(caller, THREAD_RUNNING);
    } else {
        bool restart = fault_reply_restarts(fault_kind, replier->context.regs[REG_INFO]);
        fault_apply_reply(replier, caller);
        tcb_set_state(caller, restart ? THREAD_RESTART : THREAD_INACTIVE);
    }
    resume_answered(caller, fault_kind == seL4_Fault_Timeout);
}

void reply_finalise(struct cap cap)
{
    struct reply *reply = cap_ptr(cap);
    struct tcb *tcb = reply->tcb;
    if (tcb == NULL) {
        return;
    }
    if (tcb->state == THREAD_BLOCKED_REPLY) {
        tcb->fault.kind = seL4_Fault_NullFault;
        reply_remove(reply, tcb);
        tcb_set_state(tcb, THREAD_INACTIVE);
    } else {
        ipc_cancel(tcb);
    }
}
