/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Endpoints, notifications and reply objects: their layout in user-supplied memory, and the
 * operations of the system calls on them.
 */
#pragma once

#include <kernel/tcb.h>

enum endpoint_state {
    ENDPOINT_IDLE,
    ENDPOINT_SENDERS,
    ENDPOINT_RECEIVERS,
};

/* Threads, highest priority first, FIFO within one priority. */
struct ipc_queue {
    struct tcb *head;
    word_t tail_state; /* tail thread | state: TCBs are 2^11-byte aligned */
};

struct endpoint {
    struct ipc_queue queue;
};
static_assert(sizeof(struct endpoint) == BIT(seL4_EndpointBits), "objects.md");

enum notification_state {
    NOTIFICATION_IDLE,
    NOTIFICATION_WAITING,
    NOTIFICATION_ACTIVE,
};

struct notification {
    struct ipc_queue queue;
    word_t badges; /* while active */
    struct tcb *bound_tcb;
    struct sched_context *sc;
};
static_assert(sizeof(struct notification) <= BIT(seL4_NotificationBits), "objects.md");

/*
 * A reply object is free (tcb null), offered by a receiver (tcb BLOCKED_RECEIVE) or holds a caller
 * (tcb BLOCKED_REPLY). When a scheduling context was donated over it, it is on that context's call
 * stack: `below` is the older reply, `above` the newer one, or the scheduling context for the top.
 */
struct reply {
    struct tcb *tcb;
    struct reply *below;
    word_t above; /* struct reply *, or struct sched_context * | REPLY_ABOVE_IS_SC; 0 = no stack */
};
#define REPLY_ABOVE_IS_SC ((word_t)1)
static_assert(sizeof(struct reply) <= BIT(seL4_ReplyBits), "objects.md");

#define IPC_QUEUE_STATE ((word_t)3)

static inline word_t ipc_queue_state(const struct ipc_queue *queue)
{
    return queue->tail_state & IPC_QUEUE_STATE;
}

static inline struct tcb *ipc_queue_tail(const struct ipc_queue *queue)
{
    return (struct tcb *)(queue->tail_state & ~IPC_QUEUE_STATE);
}

/* Insert by priority and set the state; remove, leaving state 0 (idle) when it becomes empty. */
void ipc_queue_insert(struct ipc_queue *queue, struct tcb *tcb, word_t state);
void ipc_queue_remove(struct ipc_queue *queue, struct tcb *tcb);

/* The thread, in this state, waits in the queue, which gets that one. */
void ipc_queue_block(struct ipc_queue *queue, struct tcb *tcb, enum thread_state state,
                     word_t queue_state);

/* Send the current message registers (or the pending fault) of tcb through the endpoint. */
void endpoint_send(struct tcb *tcb, struct ipc_send how);

/*
 * Receive. reply is null for Wait/NBWait.
 * The thread's badge register is written when a message or a bound notification was there.
 */
void endpoint_receive(struct endpoint *endpoint, struct tcb *tcb, struct reply *reply,
                      bool blocking);

/*
 * Every thread that waits in the queue, or each sender with this badge if it is not null, repeats
 * its system call, or stays with its fault. False: preempted with some still waiting; call it
 * again.
 */
bool ipc_queue_cancel(struct ipc_queue *queue, const word_t *badge) MUST_CHECK;

/* Wake the first waiter or the bound thread with the badge, or remember it. */
void notification_signal(struct notification *notification, word_t badge);

/* Take the badges into the thread's badge register, or wait; 0 if there are none and !blocking. */
void notification_receive(struct notification *notification, struct tcb *tcb, bool blocking);
/* The last capability is gone, and nobody waits: unbound from TCB and scheduling context. */
void notification_finalise(struct cap cap);
/* Make the notification one that only this thread receives, on any of its endpoints too. */
void notification_bind_tcb(struct notification *notification, struct tcb *tcb);
void notification_unbind_tcb(struct notification *notification);

/* Answer the thread that waits on the object of a reply capability with the replier's message. */
void reply_to_caller(struct tcb *replier, struct cap reply);

/* Link a caller that has sent its message; donates its scheduling context when asked to. */
void reply_push(struct tcb *caller, struct tcb *callee, struct reply *reply, bool can_donate);

/* Detach a receiver that offered the reply object. */
void reply_withdraw(struct tcb *receiver);

/* Take a caller off whose wait is cancelled: the call stack is cut, no scheduling context moves. */
void reply_remove_cancelled(struct tcb *caller);

/* The last capability is gone. */
void reply_finalise(struct cap cap);

/* Cancel whatever tcb waits for; leaves it Inactive if it was blocked. */
void ipc_cancel(struct tcb *tcb);

/* The message info word. */
static inline word_t message_info(word_t label, word_t unwrapped, word_t caps, word_t length)
{
    return label << seL4_MsgLabelShift | unwrapped << seL4_MsgCapsUnwrappedShift |
           caps << seL4_MsgExtraCapsShift | length;
}

static inline word_t message_info_label(word_t info)
{
    return info >> seL4_MsgLabelShift;
}

static inline word_t message_info_caps(word_t info)
{
    return (info >> seL4_MsgExtraCapsShift) & MASK(seL4_MsgExtraCapBits);
}

/* Words announced, at most seL4_MsgMaxLength. */
static inline word_t message_info_length(word_t info)
{
    word_t length = info & MASK(seL4_MsgLengthBits);
    return length > seL4_MsgMaxLength ? seL4_MsgMaxLength : length;
}

/* Words of a message, from those in registers on, to the receiver's buffer; how many arrived. */
word_t ipc_write_buffer(struct tcb *receiver, const word_t *more, word_t length);

/* All words: the first ones, for registers, at regs, the others at more; how many arrived. */
word_t ipc_write_words(struct tcb *receiver, const word_t *regs, const word_t *more, word_t length);

/*
 * Move message words and capabilities, and the receiver's info and badge.
 *   via  the endpoint's or reply capability that is sent on: its badge and its right to grant
 */
void ipc_transfer(struct tcb *sender, struct cap via, struct tcb *receiver);
