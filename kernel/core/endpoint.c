/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Endpoints: send, receive, and what becomes of waiting threads when one is destroyed. */
#include <kernel/invocation.h>
#include <kernel/ipc.h>
#include <kernel/queue.h>
#include <kernel/sched.h>

/* ---- queues of endpoints and notifications ---- */

static struct tcb_queue list_of(const struct ipc_queue *queue)
{
    return (struct tcb_queue){queue->head, ipc_queue_tail(queue)};
}

void ipc_queue_insert(struct ipc_queue *queue, struct tcb *tcb, word_t state)
{
    struct tcb_queue list = list_of(queue);
    struct tcb *before = list.tail; /* the thread that will stand before us */
    while (before != NULL && before->priority < tcb->priority) {
        before = before->links[LINK_IPC].prev;
    }
    queue_insert(&list, LINK_IPC, tcb, before);
    *queue = (struct ipc_queue){list.head, (word_t)list.tail | state};
}

void ipc_queue_block(struct ipc_queue *queue, struct tcb *tcb, enum thread_state state,
                     word_t queue_state)
{
    tcb_set_state(tcb, state);
    tcb->blocked_on = queue;
    ipc_queue_insert(queue, tcb, queue_state);
}

void ipc_queue_remove(struct ipc_queue *queue, struct tcb *tcb)
{
    struct tcb_queue list = list_of(queue);
    word_t state = ipc_queue_state(queue);
    queue_remove(&list, LINK_IPC, tcb);
    *queue = (struct ipc_queue){list.head, list.tail == NULL ? 0 : (word_t)list.tail | state};
}

/* ---- send ---- */

/*
 * The sender's message was delivered to a receiver that offered reply (or null). False if nothing
 * more is due to it; a call or a fault waits for its answer, if one may be given.
 */
static bool waits_for_answer(struct tcb *sender, struct tcb *receiver, struct reply *reply,
                             struct ipc_send how)
{
    if (!how.call && sender->fault.kind == seL4_Fault_NullFault) {
        return false;
    }
    if (reply != NULL && (how.via.rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) != 0) {
        reply_push(sender, receiver, reply, how.can_donate);
    } else {
        tcb_set_state(sender, THREAD_INACTIVE);
    }
    return true;
}

void endpoint_send(struct tcb *tcb, struct ipc_send how)
{
    struct endpoint *endpoint = cap_ptr(how.via);
    if (ipc_queue_state(&endpoint->queue) != ENDPOINT_RECEIVERS) {
        if (how.blocking) {
            tcb->send = how;
            ipc_queue_block(&endpoint->queue, tcb, THREAD_BLOCKED_SEND, ENDPOINT_SENDERS);
        }
        return;
    }
    struct tcb *receiver = endpoint->queue.head;
    struct reply *reply = receiver->reply;
    ipc_queue_remove(&endpoint->queue, receiver);
    ipc_transfer(tcb, how.via, receiver);
    reply_withdraw(receiver);
    if (!waits_for_answer(tcb, receiver, reply, how) && how.can_donate && receiver->sc == NULL &&
        tcb->sc != NULL) {
        sc_donate(tcb->sc, receiver);
    }
    tcb_set_state(receiver, THREAD_RUNNING);
    sched_wake(receiver);
}

/* ---- receive ---- */

static void receive_from_sender(struct endpoint *endpoint, struct tcb *tcb, struct reply *reply)
{
    struct tcb *sender = endpoint->queue.head;
    struct ipc_send how = sender->send;
    how.can_donate = sender->fault.kind != seL4_Fault_Timeout;
    ipc_queue_remove(&endpoint->queue, sender);
    ipc_transfer(sender, how.via, tcb);
    if (!waits_for_answer(sender, tcb, reply, how)) {
        tcb_set_state(sender, THREAD_RUNNING);
        sched_wake(sender);
    }
}

void endpoint_receive(struct endpoint *endpoint, struct tcb *tcb, struct reply *reply,
                      bool blocking)
{
    struct notification *bound = tcb->bound_notification;
    if (reply != NULL && reply->tcb != NULL && reply->tcb != tcb) {
        ipc_cancel(reply->tcb);
    }
    if (bound != NULL && ipc_queue_state(&bound->queue) == NOTIFICATION_ACTIVE) {
        notification_receive(bound, tcb, false);
        return;
    }
    if (blocking && bound != NULL) {
        sc_maybe_return_to_notification(tcb, bound);
    }
    if (ipc_queue_state(&endpoint->queue) == ENDPOINT_SENDERS) {
        receive_from_sender(endpoint, tcb, reply);
    } else if (blocking) {
        tcb->reply = reply;
        if (reply != NULL) {
            reply->tcb = tcb;
        }
        ipc_queue_block(&endpoint->queue, tcb, THREAD_BLOCKED_RECEIVE, ENDPOINT_RECEIVERS);
    } else {
        tcb->context.regs[REG_BADGE] = 0;
    }
}

/* ---- cancelling ---- */

/* The thread has been taken off the queue; it repeats its system call, or stays with its fault. */
static void restart_waiter(struct tcb *tcb)
{
    if (tcb->state == THREAD_BLOCKED_RECEIVE) {
        reply_withdraw(tcb);
    }
    if (tcb->fault.kind != seL4_Fault_NullFault) {
        tcb_set_state(tcb, THREAD_INACTIVE);
    } else {
        tcb_set_state(tcb, THREAD_RESTART);
        sched_wake(tcb);
        schedule_needed(); /* restarted threads stand before those that were ready */
    }
}

bool ipc_queue_cancel(struct ipc_queue *queue, const word_t *badge)
{
    struct tcb *next;
    for (struct tcb *tcb = queue->head; tcb != NULL; tcb = next) {
        next = tcb->links[LINK_IPC].next;
        if (badge == NULL || tcb->send.via.badge == *badge) {
            ipc_queue_remove(queue, tcb);
            restart_waiter(tcb);
            if (preemption_point()) {
                return queue->head == NULL;
            }
        }
    }
    return true;
}

void ipc_cancel(struct tcb *tcb)
{
    tcb->fault.kind = seL4_Fault_NullFault;
    if (!tcb_is_blocked(tcb)) {
        return;
    }
    if (tcb->state == THREAD_BLOCKED_REPLY) {
        reply_remove_cancelled(tcb);
    } else {
        ipc_queue_remove(tcb->blocked_on, tcb);
    }
    if (tcb->state == THREAD_BLOCKED_RECEIVE) {
        reply_withdraw(tcb);
    }
    tcb_set_state(tcb, THREAD_INACTIVE);
}
