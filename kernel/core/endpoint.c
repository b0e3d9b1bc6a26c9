/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Endpoints: send, receive, and what becomes of waiting threads when one is destroyed. */
#include <kernel/invocation.h>
#include <kernel/ipc.h>
#include <kernel/sched.h>

/* ---- queues of endpoints and notifications ---- */

void ipc_queue_insert(struct ipc_queue *queue, struct tcb *tcb, word_t state)
{
    struct tcb *tail = ipc_queue_tail(queue);
    struct tcb *before = tail; /* the thread that will stand before us */
    while (before != NULL && before->priority < tcb->priority) {
        before = before->ipc_prev;
    }
    struct tcb *after = before != NULL ? before->ipc_next : queue->head;
    tcb->ipc_prev = before;
    tcb->ipc_next = after;
    if (before != NULL) {
        before->ipc_next = tcb;
    } else {
        queue->head = tcb;
    }
    if (after != NULL) {
        after->ipc_prev = tcb;
    } else {
        tail = tcb;
    }
    queue->tail_state = (word_t)tail | state;
}

void ipc_queue_remove(struct ipc_queue *queue, struct tcb *tcb)
{
    word_t state = ipc_queue_state(queue);
    struct tcb *tail = ipc_queue_tail(queue);
    if (tcb->ipc_prev != NULL) {
        tcb->ipc_prev->ipc_next = tcb->ipc_next;
    } else {
        queue->head = tcb->ipc_next;
    }
    if (tcb->ipc_next != NULL) {
        tcb->ipc_next->ipc_prev = tcb->ipc_prev;
    } else {
        tail = tcb->ipc_prev;
    }
    tcb->ipc_next = NULL;
    tcb->ipc_prev = NULL;
    queue->tail_state = tail == NULL ? 0 : (word_t)tail | state;
}

/* ---- send ---- */

static void block_sender(struct endpoint *endpoint, struct tcb *tcb, struct ipc_send how)
{
    tcb_set_state(tcb, THREAD_BLOCKED_SEND);
    tcb->blocked_on = endpoint;
    tcb->send_badge = how.badge;
    tcb->send_can_grant = how.can_grant;
    tcb->send_can_grant_reply = how.can_grant_reply;
    tcb->send_is_call = how.call;
    ipc_queue_insert(&endpoint->queue, tcb, ENDPOINT_SENDERS);
}

/* The sender's side after its message was delivered to a receiver that offered reply (or null). */
static void finish_send(struct tcb *sender, struct tcb *receiver, struct reply *reply,
                        struct ipc_send how)
{
    if (how.call || sender->fault.kind != seL4_Fault_NullFault) {
        if (reply != NULL && (how.can_grant || how.can_grant_reply)) {
            reply_push(sender, receiver, reply, how.can_donate);
        } else {
            tcb_set_state(sender, THREAD_INACTIVE);
        }
    } else if (how.can_donate && receiver->sc == NULL && sender->sc != NULL) {
        sc_donate(sender->sc, receiver);
    }
}

void endpoint_send(struct endpoint *endpoint, struct tcb *tcb, struct ipc_send how)
{
    if (ipc_queue_state(&endpoint->queue) != ENDPOINT_RECEIVERS) {
        if (how.blocking) {
            block_sender(endpoint, tcb, how);
        }
        return;
    }
    struct tcb *receiver = endpoint->queue.head;
    struct reply *reply = receiver->reply;
    ipc_queue_remove(&endpoint->queue, receiver);
    ipc_transfer(tcb, endpoint, how.badge, how.can_grant, receiver);
    reply_withdraw(receiver);
    finish_send(tcb, receiver, reply, how);
    tcb_set_state(receiver, THREAD_RUNNING);
    sched_wake(receiver);
}

/* ---- receive ---- */

static void receive_from_sender(struct endpoint *endpoint, struct tcb *tcb, struct reply *reply)
{
    struct tcb *sender = endpoint->queue.head;
    ipc_queue_remove(&endpoint->queue, sender);
    ipc_transfer(sender, endpoint, sender->send_badge, sender->send_can_grant, tcb);
    if (sender->send_is_call || sender->fault.kind != seL4_Fault_NullFault) {
        if (reply != NULL && (sender->send_can_grant || sender->send_can_grant_reply)) {
            bool can_donate = sender->fault.kind != seL4_Fault_Timeout;
            reply_push(sender, tcb, reply, can_donate);
        } else {
            tcb_set_state(sender, THREAD_INACTIVE);
        }
    } else {
        tcb_set_state(sender, THREAD_RUNNING);
        sched_wake(sender);
    }
}

static void block_receiver(struct endpoint *endpoint, struct tcb *tcb, struct reply *reply)
{
    tcb_set_state(tcb, THREAD_BLOCKED_RECEIVE);
    tcb->blocked_on = endpoint;
    tcb->reply = reply;
    if (reply != NULL) {
        reply->tcb = tcb;
    }
    ipc_queue_insert(&endpoint->queue, tcb, ENDPOINT_RECEIVERS);
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
        block_receiver(endpoint, tcb, reply);
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

bool ipc_queue_cancel_all(struct ipc_queue *queue)
{
    while (queue->head != NULL) {
        struct tcb *tcb = queue->head;
        ipc_queue_remove(queue, tcb);
        restart_waiter(tcb);
        if (preemption_point()) {
            return queue->head == NULL;
        }
    }
    return true;
}

enum kernel_result endpoint_cancel_badged(struct endpoint *endpoint, word_t badge)
{
    if (ipc_queue_state(&endpoint->queue) != ENDPOINT_SENDERS) {
        return KRES_OK;
    }
    struct tcb *next;
    for (struct tcb *tcb = endpoint->queue.head; tcb != NULL; tcb = next) {
        next = tcb->ipc_next;
        if (tcb->send_badge == badge) {
            ipc_queue_remove(&endpoint->queue, tcb);
            restart_waiter(tcb);
            if (preemption_point()) {
                return KRES_PREEMPTED;
            }
        }
    }
    return KRES_OK;
}

void ipc_cancel(struct tcb *tcb)
{
    tcb->fault.kind = seL4_Fault_NullFault;
    switch (tcb->state) {
    case THREAD_BLOCKED_RECEIVE:
        ipc_queue_remove(&((struct endpoint *)tcb->blocked_on)->queue, tcb);
        reply_withdraw(tcb);
        break;
    case THREAD_BLOCKED_SEND:
        ipc_queue_remove(&((struct endpoint *)tcb->blocked_on)->queue, tcb);
        break;
    case THREAD_BLOCKED_NOTIFICATION:
        ipc_queue_remove(&((struct notification *)tcb->blocked_on)->queue, tcb);
        break;
    case THREAD_BLOCKED_REPLY:
        reply_remove_cancelled(tcb);
        break;
    default:
        return;
    }
    tcb_set_state(tcb, THREAD_INACTIVE);
}
