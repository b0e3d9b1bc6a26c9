/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The queues of the scheduler: one FIFO per domain and priority with a two-level bitmap over them,
 * and the release queue of threads that wait for their next refill. The current thread is in none
 * while it runs.
 */
#include <kernel/node.h>

void sched_find_highest(void)
{
    struct node *self = node();
    word_t words = self->priority_words[self->domain];
    if (words == 0) {
        self->ready_highest = -1;
        return;
    }
    word_t word = WORD_BITS - 1 - (word_t)__builtin_clzl(words);
    word_t bit = WORD_BITS - 1 - (word_t)__builtin_clzl(self->priority_bits[self->domain][word]);
    self->ready_highest = (int)(word * WORD_BITS + bit);
}

static void mark_occupied(word_t domain, word_t priority)
{
    struct node *self = node();
    self->priority_bits[domain][priority / WORD_BITS] |= BIT(priority % WORD_BITS);
    self->priority_words[domain] |= BIT(priority / WORD_BITS);
    if (domain == self->domain && (int)priority > self->ready_highest) {
        self->ready_highest = (int)priority;
    }
}

static void mark_empty(word_t domain, word_t priority)
{
    struct node *self = node();
    word_t *bits = &self->priority_bits[domain][priority / WORD_BITS];
    *bits &= ~BIT(priority % WORD_BITS);
    if (*bits == 0) {
        self->priority_words[domain] &= ~BIT(priority / WORD_BITS);
    }
    if (domain == self->domain && (int)priority == self->ready_highest) {
        sched_find_highest();
    }
}

static void ready_insert(struct tcb *tcb, struct tcb *before, struct tcb *after)
{
    struct ready_queue *queue = &node()->ready[tcb->domain][tcb->priority];
    KERNEL_ASSERT(!tcb->in_release_queue);
    tcb->sched_prev = before;
    tcb->sched_next = after;
    if (before != NULL) {
        before->sched_next = tcb;
    } else {
        queue->head = tcb;
    }
    if (after != NULL) {
        after->sched_prev = tcb;
    } else {
        queue->tail = tcb;
    }
    if (before == NULL && after == NULL) {
        mark_occupied(tcb->domain, tcb->priority);
    }
    tcb->in_ready_queue = true;
}

void sched_enqueue(struct tcb *tcb)
{
    if (!tcb->in_ready_queue) {
        ready_insert(tcb, NULL, node()->ready[tcb->domain][tcb->priority].head);
    }
}

void sched_append(struct tcb *tcb)
{
    if (!tcb->in_ready_queue) {
        ready_insert(tcb, node()->ready[tcb->domain][tcb->priority].tail, NULL);
    }
}

void sched_dequeue(struct tcb *tcb)
{
    struct ready_queue *queue = &node()->ready[tcb->domain][tcb->priority];
    if (!tcb->in_ready_queue) {
        return;
    }
    if (tcb->sched_prev != NULL) {
        tcb->sched_prev->sched_next = tcb->sched_next;
    } else {
        queue->head = tcb->sched_next;
    }
    if (tcb->sched_next != NULL) {
        tcb->sched_next->sched_prev = tcb->sched_prev;
    } else {
        queue->tail = tcb->sched_prev;
    }
    if (queue->head == NULL) {
        mark_empty(tcb->domain, tcb->priority);
    }
    tcb->sched_next = NULL;
    tcb->sched_prev = NULL;
    tcb->in_ready_queue = false;
}

void sched_postpone(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    struct tcb *before = NULL;
    struct tcb *after = node()->release_head;
    sched_dequeue(tcb);
    KERNEL_ASSERT(!tcb->in_release_queue);
    while (after != NULL && refill_head(after->sc)->time <= refill_head(sc)->time) {
        before = after;
        after = after->sched_next;
    }
    tcb->sched_prev = before;
    tcb->sched_next = after;
    if (before != NULL) {
        before->sched_next = tcb;
    } else {
        node()->release_head = tcb;
        node()->reprogram_timer = true;
    }
    if (after != NULL) {
        after->sched_prev = tcb;
    }
    tcb->in_release_queue = true;
}

void sched_release_remove(struct tcb *tcb)
{
    if (!tcb->in_release_queue) {
        return;
    }
    if (tcb->sched_prev != NULL) {
        tcb->sched_prev->sched_next = tcb->sched_next;
    } else {
        node()->release_head = tcb->sched_next;
        node()->reprogram_timer = true;
    }
    if (tcb->sched_next != NULL) {
        tcb->sched_next->sched_prev = tcb->sched_prev;
    }
    tcb->sched_next = NULL;
    tcb->sched_prev = NULL;
    tcb->in_release_queue = false;
}
