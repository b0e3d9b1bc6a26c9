/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The queues of the scheduler: one FIFO per domain and priority with a two-level bitmap over them,
 * and the release queue of threads that wait for their next refill. The current thread is in none
 * while it runs.
 */
#include <kernel/node.h>
#include <kernel/queue.h>

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
    word_t *bits = &node()->priority_bits[domain][priority / WORD_BITS];
    *bits &= ~BIT(priority % WORD_BITS);
    if (*bits == 0) {
        node()->priority_words[domain] &= ~BIT(priority / WORD_BITS);
    }
    if (domain == node()->domain && (int)priority == node()->ready_highest) {
        sched_find_highest();
    }
}

static void ready_insert(struct tcb *tcb, bool at_tail)
{
    struct tcb_queue *queue = &node()->ready[tcb->domain][tcb->priority];
    if (tcb->in_ready_queue) {
        return;
    }
    KERNEL_ASSERT(!tcb->in_release_queue);
    if (queue->head == NULL) {
        mark_occupied(tcb->domain, tcb->priority);
    }
    queue_insert(queue, LINK_SCHED, tcb, at_tail ? queue->tail : NULL);
    tcb->in_ready_queue = true;
}

void sched_enqueue(struct tcb *tcb)
{
    ready_insert(tcb, false);
}

void sched_append(struct tcb *tcb)
{
    ready_insert(tcb, true);
}

void sched_dequeue(struct tcb *tcb)
{
    struct tcb_queue *queue = &node()->ready[tcb->domain][tcb->priority];
    if (!tcb->in_ready_queue) {
        return;
    }
    queue_remove(queue, LINK_SCHED, tcb);
    if (queue->head == NULL) {
        mark_empty(tcb->domain, tcb->priority);
    }
    tcb->in_ready_queue = false;
}

void sched_postpone(struct sched_context *sc)
{
    struct tcb *tcb = sc->tcb;
    struct tcb *before = NULL;
    struct tcb *after = node()->release.head;
    sched_dequeue(tcb);
    KERNEL_ASSERT(!tcb->in_release_queue);
    while (after != NULL && refill_head(after->sc)->time <= refill_head(sc)->time) {
        before = after;
        after = after->links[LINK_SCHED].next;
    }
    if (before == NULL) {
        node()->reprogram_timer = true;
    }
    queue_insert(&node()->release, LINK_SCHED, tcb, before);
    tcb->in_release_queue = true;
}

void sched_release_remove(struct tcb *tcb)
{
    if (!tcb->in_release_queue) {
        return;
    }
    if (tcb == node()->release.head) {
        node()->reprogram_timer = true;
    }
    queue_remove(&node()->release, LINK_SCHED, tcb);
    tcb->in_release_queue = false;
}
