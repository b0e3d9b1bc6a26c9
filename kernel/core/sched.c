/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who runs next, and who pays for the time.
 *
 * Each kernel entry reads the clock once (sched_update_time); the time since the last reading is
 * pending consumption of the current scheduling context. Operations queue threads or name a
 * candidate; schedule() at the end of the entry chooses, puts pending time on the books when the
 * context changes, and arms the timer.
 */
#include <kernel/arch_hooks.h>
#include <kernel/node.h>
#include <kernel/timer.h>

/* ---- waking ---- */

bool sched_is_schedulable(const struct tcb *tcb)
{
    return tcb_is_runnable(tcb) && tcb->sc != NULL && sc_is_active(tcb->sc) &&
           !tcb->in_release_queue;
}

void schedule_needed(void)
{
    struct node *self = node();
    if (self->action == SCHED_CANDIDATE && sched_is_schedulable(self->candidate)) {
        sched_enqueue(self->candidate);
    }
    self->action = SCHED_CHOOSE;
    self->candidate = NULL;
}

void schedule_possible_switch(struct tcb *tcb)
{
    struct node *self = node();
    if (tcb->sc == NULL || !sc_is_active(tcb->sc) || tcb->in_release_queue ||
        tcb == self->current) {
        return;
    }
    if (CONFIG_NUM_DOMAINS > 1 && tcb->domain != self->domain) {
        sched_enqueue(tcb);
    } else if (self->action != SCHED_RESUME_CURRENT) {
        schedule_needed();
        sched_enqueue(tcb);
    } else {
        self->candidate = tcb;
        self->action = SCHED_CANDIDATE;
    }
}

void sched_wake(struct tcb *tcb)
{
    struct sched_context *sc = tcb->sc;
    if (sc == NULL || !sc_is_active(sc) || tcb->in_release_queue) {
        return;
    }
    sc_unblock_check(sc);
    if (refill_ready(sc)) {
        schedule_possible_switch(tcb);
    } else {
        sched_postpone(sc);
    }
}

/* ---- time ---- */

void sched_update_time(void)
{
    struct node *self = node();
    ticks_t now = arch_timer_now();
    ticks_t passed = now - self->now;
    self->now = now;
    self->consumed += passed;
    if (CONFIG_NUM_DOMAINS > 1) {
        self->domain_time = passed < self->domain_time ? self->domain_time - passed : 0;
    }
}

void sched_commit_time(void)
{
    struct node *self = node();
    struct sched_context *sc = self->current_sc;
    if (self->consumed > 0 && sc_is_active(sc)) {
        sc->consumed += self->consumed;
        if (sc->period == 0) {
            refill_charge_round(sc, self->consumed);
        } else {
            refill_charge(sc, self->consumed);
        }
    }
    self->consumed = 0;
}

/* The current thread's slice is over: time-out fault, back of its queue, or wait for a refill. */
static void end_slice(bool can_fault)
{
    struct tcb *current = node()->current;
    struct sched_context *sc = current->sc;
    if (can_fault && sc->period != 0 && fault_has_timeout_handler(current)) {
        fault_send_timeout(current);
    } else if (refill_ready(sc) && refill_sufficient(sc, 0)) {
        sched_append(current);
    } else {
        sched_postpone(sc);
    }
    schedule_needed();
}

/* End the current slice after charging `used` ticks. */
static void charge(ticks_t used, bool can_fault)
{
    struct node *self = node();
    struct sched_context *sc = self->current_sc;
    if (!sc_is_active(sc)) {
        self->consumed = 0;
        return;
    }
    sc->consumed += self->consumed;
    self->consumed = 0;
    if (sc->period == 0) {
        refill_end_round(sc);
    } else {
        refill_charge(sc, used);
    }
    self->reprogram_timer = true;
    if (self->current->sc == sc && sched_is_schedulable(self->current)) {
        end_slice(can_fault);
    }
}

bool sched_check_budget(void)
{
    struct sched_context *sc = node()->current_sc;
    if (sc_is_active(sc) && !refill_sufficient(sc, node()->consumed)) {
        charge(node()->consumed, true);
        return false;
    }
    return !domain_expired();
}

bool sched_check_budget_restart(void)
{
    struct tcb *current = node()->current;
    if (LIKELY(sched_check_budget())) {
        return true;
    }
    if (tcb_is_runnable(current)) {
        tcb_set_state(current, THREAD_RESTART);
    }
    return false;
}

void sched_yield_current(void)
{
    charge(refill_head(node()->current_sc)->amount, false);
}

/* ---- choosing ---- */

/*
 * No more at once than keeps interrupts off for a short time, but always the most urgent one. The
 * rest follow at the next entry, of which the timer makes sure.
 */
#define RELEASE_MAX 64

static struct tcb *most_urgent_due(ticks_t due)
{
    struct tcb *best = node()->release.head;
    for (struct tcb *tcb = best->links[LINK_SCHED].next;
         tcb != NULL && refill_head(tcb->sc)->time <= due; tcb = tcb->links[LINK_SCHED].next) {
        best = tcb->priority > best->priority ? tcb : best;
    }
    return best;
}

static void release_due_threads(void)
{
    struct tcb *tcb;
    ticks_t due = node()->now + timer_precision(); /* the timer strikes that much early */
    for (int left = RELEASE_MAX;
         left > 0 && (tcb = node()->release.head) != NULL && refill_head(tcb->sc)->time <= due;
         left--) {
        if (left == 1) {
            tcb = most_urgent_due(due);
        }
        sched_release_remove(tcb);
        node()->reprogram_timer = true; /* also if it was not the first one */
        schedule_possible_switch(tcb);
        if (tcb == node()->current) {
            sched_enqueue(tcb);
            schedule_needed();
        }
    }
}

/*
 * A timer that strikes early does no harm, while setting it is dear: a later deadline leaves it as
 * it is, and the interrupt sets it again. Only "never" turns it off at once, for an idle machine.
 */
static void arm_timer_by(ticks_t deadline)
{
    if (deadline < node()->armed_deadline ||
        (deadline == UINT64_MAX && node()->armed_deadline != UINT64_MAX)) {
        node()->armed_deadline = deadline;
        arch_timer_set_deadline(deadline);
    }
}

static ticks_t min_ticks(ticks_t a, ticks_t b)
{
    return a < b ? a : b;
}

/* When the current slice ends, the domain's time is over, or a thread gets its refill. */
static void set_next_deadline(void)
{
    struct node *self = node();
    ticks_t slice_end = UINT64_MAX;
    ticks_t release = UINT64_MAX;
    if (LIKELY(sc_is_active(self->current_sc))) {
        slice_end = self->now + refill_head(self->current_sc)->amount;
    }
    if (CONFIG_NUM_DOMAINS > 1 && self->domain_time < slice_end - self->now) {
        slice_end = self->now + self->domain_time;
    }
    if (self->release.head != NULL) {
        release = refill_head(self->release.head->sc)->time - timer_precision();
    }
    self->fast_until = min_ticks(slice_end - refill_min_budget(), release);
    if (release <= self->now) {
        release = self->now + us_to_ticks(KERNEL_WCET_US); /* left over: the others' turn first */
    }
    if (slice_end != UINT64_MAX) {
        slice_end -= timer_precision();
    }
    arm_timer_by(min_ticks(slice_end, release));
}

/* Time passes on account of the new current thread's context from here on. */
static void switch_sched_context(void)
{
    struct sched_context *next = node()->current->sc;
    if (next == node()->current_sc) {
        return;
    }
    node()->reprogram_timer = true;
    if (next->period != 0 && !next->sporadic && sc_is_active(next)) {
        refill_unblock_check(next);
    }
    sched_commit_time();
    node()->current_sc = next;
}

static void arm_timer(void)
{
    if (UNLIKELY(node()->reprogram_timer)) {
        sched_commit_time();
        set_next_deadline();
        node()->reprogram_timer = false;
    }
}

void sched_switch_directly(struct tcb *tcb)
{
    tcb_switch(node()->current, tcb);
    node()->current = tcb;
    if (tcb->sc != node()->current_sc) {
        switch_sched_context();
    }
    arm_timer();
}

static void switch_to(struct tcb *tcb)
{
    sched_dequeue(tcb);
    if (tcb != node()->current) {
        tcb_switch(node()->current, tcb);
        node()->current = tcb;
    }
}

/* True if the candidate was switched to or queued for later without need for a full choice. */
static bool consider_candidate(struct tcb *candidate, bool can_run)
{
    struct tcb *current = node()->current;
    if (can_run) {
        if (candidate->priority > current->priority) {
            sched_enqueue(current);
            switch_to(candidate);
        } else if (candidate->priority == current->priority) {
            sched_append(candidate);
        } else {
            sched_enqueue(candidate);
        }
        return true;
    }
    if (node()->ready_highest <= (int)candidate->priority) {
        switch_to(candidate);
        return true;
    }
    sched_enqueue(candidate);
    return false;
}

static void schedule_slow(void)
{
    struct node *self = node();
    if (CONFIG_NUM_DOMAINS > 1 && domain_expired()) {
        schedule_needed();
        domain_next();
    }
    bool can_run = sched_is_schedulable(self->current) && self->current->domain == self->domain;
    struct tcb *candidate = self->action == SCHED_CANDIDATE ? self->candidate : NULL;
    bool done = candidate != NULL && sched_is_schedulable(candidate)
                    ? consider_candidate(candidate, can_run)
                    : can_run && self->action != SCHED_CHOOSE;
    if (!done) {
        if (sched_is_schedulable(self->current)) {
            sched_enqueue(self->current);
        }
        int priority = self->ready_highest;
        switch_to(priority < 0 ? self->idle : self->ready[self->domain][priority].head);
    }
    self->action = SCHED_RESUME_CURRENT;
    self->candidate = NULL;
}

void schedule(void)
{
    if (node()->release.head != NULL) {
        release_due_threads();
    }
    if (node()->action != SCHED_RESUME_CURRENT || !sched_is_schedulable(node()->current) ||
        CONFIG_NUM_DOMAINS > 1) {
        schedule_slow();
        switch_sched_context();
    }
    arm_timer();
}

void schedule_activate(void)
{
    struct tcb *current = node()->current;
    if (current->state == THREAD_RESTART) {
        current->context.regs[REG_NEXT_IP] = current->context.regs[REG_FAULT_IP];
        context_written(&current->context);
        tcb_set_state(current, THREAD_RUNNING);
    } else if (UNLIKELY(current->yield_to != NULL)) {
        sc_complete_yield_to(current);
    }
}

void sched_init(void)
{
    struct node *self = node();
    self->idle = &self->idle_tcb;
    self->idle->state = THREAD_IDLE;
    self->idle->sc = &self->idle_sc;
    self->idle_sc.tcb = self->idle;
    arch_idle_init(self->idle);
    self->current = self->idle;
    self->current_sc = &self->idle_sc;
    self->now = arch_timer_now();
    self->ready_highest = -1;
    self->armed_deadline = UINT64_MAX;
    kernel_state.vspace_epoch = 1;
    domain_init();
}
