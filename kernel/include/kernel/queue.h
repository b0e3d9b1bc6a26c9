/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Doubly linked lists of threads: the ready, release and debug queues, and, inside ipc_queue_*(),
 * those of endpoints and notifications. Which links of a thread a list uses is said at each call.
 */
#pragma once

#include <kernel/tcb.h>

/* Where the pointer to what follows `before` is kept: in that, or for null in the queue. */
static inline struct tcb **queue_next(struct tcb_queue *queue, enum tcb_link link,
                                      struct tcb *before)
{
    return before != NULL ? &before->links[link].next : &queue->head;
}

static inline struct tcb **queue_prev(struct tcb_queue *queue, enum tcb_link link,
                                      struct tcb *after)
{
    return after != NULL ? &after->links[link].prev : &queue->tail;
}

/* Put tcb behind `before`, or at the head if that is null. */
static inline void queue_insert(struct tcb_queue *queue, enum tcb_link link, struct tcb *tcb,
                                struct tcb *before)
{
    struct tcb *after = *queue_next(queue, link, before);
    tcb->links[link] = (struct tcb_links){.next = after, .prev = before};
    *queue_next(queue, link, before) = tcb;
    *queue_prev(queue, link, after) = tcb;
}

static inline void queue_remove(struct tcb_queue *queue, enum tcb_link link, struct tcb *tcb)
{
    struct tcb_links gone = tcb->links[link];
    *queue_next(queue, link, gone.prev) = gone.next;
    *queue_prev(queue, link, gone.next) = gone.prev;
    tcb->links[link] = (struct tcb_links){0};
}
