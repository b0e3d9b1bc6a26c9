/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Scheduling contexts and the scheduler. All functions work on the calling core's node().
 * Time is in ticks of <arch/timer.h>.
 */
#pragma once

#include <kernel/tcb.h>

struct refill {
    ticks_t time;
    ticks_t amount;
};

/* 96 bytes of header, then the ring of refills up to the object's size. */
struct sched_context {
    ticks_t period; /* 0 = round robin */
    ticks_t consumed;
    struct tcb *tcb;
    struct notification *notification;
    struct reply *reply;    /* top of the call stack */
    struct tcb *yield_from; /* whose YieldTo this context must answer */
    word_t badge;
    word_t refill_max; /* 0 = not configured ("inactive") */
    word_t refill_head;
    word_t refill_count;
    uint32_t core;
    bool sporadic;
    word_t reserved;
    struct refill refills[];
};
static_assert(sizeof(struct sched_context) == 96, "objects.md: (2^size - 96) / 16 refills");

static inline bool sc_is_active(const struct sched_context *sc)
{
    return sc->refill_max > 0;
}

/* ---- scheduler (sched.c) ---- */

/* Choose the next thread after an operation and make it current; arms the timer. */
void schedule(void);

/*
 * Run tcb, which is in no queue, from now on, without any choice: the current thread has blocked.
 * Puts pending time on the books if the scheduling context changes.
 */
void sched_switch_directly(struct tcb *tcb);

/* Prepare the current thread for its return to user mode (Restart -> Running at the fault IP). */
void schedule_activate(void);

/* A thread became runnable: make it the switch candidate or queue it. */
void schedule_possible_switch(struct tcb *tcb);

/*
 * A blocked thread was made Running or Restart: check its refills as waking demands and let it run,
 * or wait for its next refill. Does nothing for a thread without an active scheduling context.
 */
void sched_wake(struct tcb *tcb);

/* A full choice has to be made at the end of this entry. */
void schedule_needed(void);

/*
 * Put the thread at the head or tail of its ready queue, unless it is in it already; take it out,
 * if it is in it. The thread must be schedulable and not the one that goes on running.
 */
void sched_enqueue(struct tcb *tcb);
void sched_append(struct tcb *tcb);
void sched_dequeue(struct tcb *tcb);

/* Put the thread's context into the release queue until its head refill's time; take it out. */
void sched_postpone(struct sched_context *sc);
void sched_release_remove(struct tcb *tcb);

/* True if the thread could be switched to: runnable, active context, not waiting for a refill. */
bool sched_is_schedulable(const struct tcb *tcb);

/* Read the clock: what passed since the last reading becomes pending consumption. */
void sched_update_time(void);

/*
 * At a system call or fault entry: false if the current context's budget is used up; then the time
 * was charged and the thread will redo its operation.
 */
bool sched_check_budget_restart(void);

/* As above at an interrupt or preemption point: charges, does not restart anything. */
bool sched_check_budget(void);

/* Put pending consumption on the books of the current context. */
void sched_commit_time(void);

/* Set node()->ready_highest; needed when the domain changes. */
void sched_find_highest(void);

/* The Yield system call: give up what is left of the head refill. */
void sched_yield_current(void);

/* Prepare this core: idle thread, clock, domain schedule (boot only). */
void sched_init(void);

/* Domains (domain.c): true if the current entry's time is used up; go to the next entry. */
bool domain_expired(void);
void domain_next(void);
void domain_init(void);

/* ---- scheduling contexts (sched_context.c) ---- */

/* Resume the thread bound to sc when its budget allows, else postpone it. */
void sc_resume(struct sched_context *sc);

/* True if the thread may be bound to sc: a blocked one only while sc could let it run. */
bool sc_may_serve(const struct sched_context *sc, const struct tcb *tcb);

/* Give an unused context to a thread without one; the thread may become schedulable. */
void sc_bind_tcb(struct sched_context *sc, struct tcb *tcb);

/* Take the context from its thread, or its notification. */
void sc_unbind_tcb(struct sched_context *sc);
void sc_unbind_notification(struct sched_context *sc);

/* Move the context from whoever has it to a thread without one; nobody is queued or woken. */
void sc_donate(struct sched_context *sc, struct tcb *to);

/* A woken thread without context takes the notification's, if nobody uses that. */
void sc_maybe_donate_from_notification(struct tcb *tcb, struct notification *notification);

/* A thread that blocks while it runs on its notification's context gives that back. */
void sc_maybe_return_to_notification(struct tcb *tcb, struct notification *notification);

/* Complete an outstanding YieldTo on sc; cancel the one that a thread has made. */
void sc_complete_yield_to(struct tcb *from);
void sc_cancel_yield_to(struct tcb *from);

/* The unblock check of a sporadic context whose thread wakes; nothing for the current context. */
void sc_unblock_check(struct sched_context *sc);

/* Read and reset the consumed time, in us. */
word_t sc_take_consumed(struct sched_context *sc);

/* The last capability is gone. */
void sc_finalise(struct cap cap);

/* ---- refills (refill.c) ---- */

#define KERNEL_WCET_US 10u
#define MIN_BUDGET_US  (2 * KERNEL_WCET_US)

/* MIN_BUDGET_US in ticks. */
ticks_t refill_min_budget(void);

/* Of an active context: its head refill may be used now; and has `usage` plus the minimum left. */
bool refill_ready(const struct sched_context *sc);
bool refill_sufficient(const struct sched_context *sc, ticks_t usage);

/* The refill in use, of a configured context. */
struct refill *refill_head(struct sched_context *sc);

/*
 * Configure: afresh with the whole budget now; a running thread's, which keeps what it has used;
 * or round robin.
 *   max  refills in the ring, at least 2 and at most what the object holds
 */
void refill_new(struct sched_context *sc, word_t max, ticks_t budget, ticks_t period);
void refill_update(struct sched_context *sc, word_t max, ticks_t budget, ticks_t period);
void refill_round_robin(struct sched_context *sc, ticks_t budget);

/* Account for used ticks: they come back one period after they were due. Not for round robin. */
void refill_charge(struct sched_context *sc, ticks_t used);

/* Round robin: they come back in the next round; then the whole budget is there again. */
void refill_charge_round(struct sched_context *sc, ticks_t used);
void refill_end_round(struct sched_context *sc);

/* A thread that was blocked may not use time of the past: move the head to now, merge overlaps. */
void refill_unblock_check(struct sched_context *sc);
