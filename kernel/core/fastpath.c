/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The short way of Call and ReplyRecv: one thread blocks, the other runs at once. It covers servers
 * that run on their caller's scheduling context (it moves along the call stack as reply_push() and
 * reply_remove() do it) and servers with one of their own, messages of any length, and nothing that
 * can fail or takes capabilities along.
 *
 * First all conditions are checked; from the first change on there is no way back. What is written
 * here a second time is kept next to its origin by the unit tests, which run every case both ways.
 */
#include <kernel/fastpath.h>

#include <kernel/arch_hooks.h>
#include <kernel/cspace.h>
#include <kernel/ipc.h>
#include <kernel/node.h>

/* The capability pointer's slot if one CNode resolves it completely, else null. */
ALWAYS_INLINE static struct slot *lookup(const struct tcb *tcb, cptr_t cptr)
{
    return cspace_lookup_one_level(tcb->slots[TCB_CSPACE].cap, cptr);
}

static bool has_caps(word_t info)
{
    return (info & MASK(seL4_MsgExtraCapBits) << seL4_MsgExtraCapsShift) != 0;
}

/* True if the scheduler would certainly choose this thread once the current one blocks. */
ALWAYS_INLINE static bool would_run(const struct tcb *tcb)
{
    const struct node *self = node();
    if (CONFIG_NUM_DOMAINS > 1 && (tcb->domain != self->domain || domain_expired())) {
        return false;
    }
    if (self->release_head != NULL && refill_ready(self->release_head->sc)) {
        return false;
    }
    return self->action == SCHED_RESUME_CURRENT && (int)tcb->priority >= sched_highest_priority();
}

/* True if the thread's own scheduling context has time now and needs no bookkeeping before. */
static bool has_time(const struct tcb *tcb)
{
    const struct sched_context *sc = tcb->sc;
    return sc_is_active(sc) && !sc->sporadic && !tcb->in_release_queue && refill_ready(sc) &&
           refill_sufficient(sc, 0);
}

/* Returns how many words arrived. */
NOINLINE static word_t transfer_buffer_words(const struct tcb *from, const struct tcb *to,
                                             word_t length)
{
    const word_t *source = tcb_ipc_buffer(from, false);
    word_t *dest = tcb_ipc_buffer(to, true);
    if (source == NULL || dest == NULL) {
        return seL4_FastMessageRegisters;
    }
    for (word_t i = seL4_FastMessageRegisters; i < length; i++) {
        dest[IPC_BUFFER_MESSAGE + i] = source[IPC_BUFFER_MESSAGE + i];
    }
    return length;
}

/* Words, message info and badge of a message without capabilities. */
ALWAYS_INLINE static void transfer(const struct tcb *from, struct tcb *to, word_t badge)
{
    word_t info = from->context.regs[REG_INFO];
    word_t length = message_info_length(info);
    for (word_t i = 0; i < seL4_FastMessageRegisters; i++) {
        if (i < length) {
            context_set_message_word(&to->context, i, context_message_word(&from->context, i));
        }
    }
    if (UNLIKELY(length > seL4_FastMessageRegisters)) {
        length = transfer_buffer_words(from, to, length);
    }
    to->context.regs[REG_INFO] = message_info(message_info_label(info), 0, 0, length);
    to->context.regs[REG_BADGE] = badge;
}

ALWAYS_INLINE static void dequeue_head(struct ipc_queue *queue)
{
    struct tcb *head = queue->head;
    struct tcb *next = head->ipc_next;
    queue->head = next;
    if (next == NULL) {
        queue->tail_state = 0;
    } else {
        next->ipc_prev = NULL;
        head->ipc_next = NULL;
    }
}

ALWAYS_INLINE static void enqueue_receiver(struct ipc_queue *queue, struct tcb *tcb)
{
    if (LIKELY(queue->head == NULL)) {
        queue->head = tcb;
        queue->tail_state = (word_t)tcb | ENDPOINT_RECEIVERS;
    } else {
        ipc_queue_insert(queue, tcb, ENDPOINT_RECEIVERS);
    }
}

static void move_sc(struct sched_context *sc, struct tcb *from, struct tcb *to)
{
    from->sc = NULL;
    to->sc = sc;
    sc->tcb = to;
}

/* Run tcb now; most often the scheduling context has come along and the timer stays as it is. */
ALWAYS_INLINE static void run(struct tcb *tcb)
{
    struct node *self = node();
    if (tcb->sc == self->current_sc && !self->reprogram_timer) {
        struct tcb *previous = self->current;
        self->current = tcb;
        arch_switch_thread(previous, tcb);
    } else {
        sched_switch_directly(tcb);
    }
}

bool fastpath_call(void)
{
    struct tcb *caller = node()->current;
    const struct slot *slot = lookup(caller, caller->context.regs[REG_CAP]);
    if (slot == NULL || cap_tag(slot->cap) != CAP_ENDPOINT ||
        has_caps(caller->context.regs[REG_INFO])) {
        return false;
    }
    word_t rights = cap_rights(slot->cap);
    struct endpoint *endpoint = cap_ptr(slot->cap);
    if ((rights & RIGHT_WRITE) == 0 || (rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) == 0 ||
        ipc_queue_state(&endpoint->queue) != ENDPOINT_RECEIVERS) {
        return false;
    }
    struct tcb *server = endpoint->queue.head;
    struct reply *reply = server->reply;
    struct sched_context *sc = caller->sc;
    bool passive = server->sc == NULL;
    if (reply == NULL || !(passive || has_time(server)) || !would_run(server)) {
        return false;
    }

    dequeue_head(&endpoint->queue);
    transfer(caller, server, cap_badge(slot->cap));
    server->reply = NULL;
    caller->reply = reply;
    reply->tcb = caller;
    if (passive) {
        if (sc->reply != NULL) {
            sc->reply->above = (word_t)reply;
        }
        reply->below = sc->reply;
        reply->above = (word_t)sc | REPLY_ABOVE_IS_SC;
        sc->reply = reply;
        move_sc(sc, caller, server);
    }
    caller->state = THREAD_BLOCKED_REPLY;
    server->state = THREAD_RUNNING;
    run(server);
    return true;
}

bool fastpath_reply_recv(void)
{
    struct tcb *server = node()->current;
    const struct notification *bound = server->bound_notification;
    const struct slot *receive = lookup(server, server->context.regs[REG_CAP]);
    const struct slot *answer = lookup(server, server->context.regs[REG_REPLY]);
    if (receive == NULL || cap_tag(receive->cap) != CAP_ENDPOINT || answer == NULL ||
        cap_tag(answer->cap) != CAP_REPLY || has_caps(server->context.regs[REG_INFO])) {
        return false;
    }
    struct endpoint *endpoint = cap_ptr(receive->cap);
    if ((cap_rights(receive->cap) & RIGHT_READ) == 0 ||
        ipc_queue_state(&endpoint->queue) == ENDPOINT_SENDERS ||
        (bound != NULL &&
         (bound->sc != NULL || ipc_queue_state(&bound->queue) == NOTIFICATION_ACTIVE))) {
        return false;
    }
    struct reply *reply = cap_ptr(answer->cap);
    struct tcb *caller = reply->tcb;
    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY ||
        caller->fault.kind != seL4_Fault_NullFault) {
        return false;
    }
    struct sched_context *sc = server->sc;
    bool passive = reply->above == ((word_t)sc | REPLY_ABOVE_IS_SC) && caller->sc == NULL;
    bool active = reply->above == 0 && reply->below == NULL && caller->sc != NULL;
    if (!(passive || (active && has_time(caller))) || !would_run(caller)) {
        return false;
    }

    transfer(server, caller, 0);
    caller->reply = NULL;
    if (passive) {
        sc->reply = reply->below;
        if (reply->below != NULL) {
            reply->below->above = (word_t)sc | REPLY_ABOVE_IS_SC;
            reply->below = NULL;
        }
        reply->above = 0;
        move_sc(sc, server, caller);
    }
    caller->state = THREAD_RUNNING;
    server->state = THREAD_BLOCKED_RECEIVE;
    server->blocked_on = endpoint;
    server->reply = reply;
    reply->tcb = server;
    enqueue_receiver(&endpoint->queue, server);
    run(caller);
    return true;
}
