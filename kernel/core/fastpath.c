/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The short way of the most frequent system calls.
 *
 * Call and ReplyRecv: one thread blocks, the other runs at once. Covered are servers that run on
 * their caller's scheduling context (it moves along the call stack as reply_push() and
 * reply_remove() do it) and servers with one of their own, messages of any length, and nothing that
 * can fail or takes capabilities along. Signals that wake nobody or a thread that is more urgent
 * than the current one; waiting for what is there.
 *
 * First all conditions are checked; from the first change on there is no way back. What is written
 * here a second time is kept next to its origin by the unit tests, which run every case both ways.
 * Each entry ends in a tail call, and long messages have a copy of their own, so that the usual
 * case needs no stack frame.
 */
#include <kernel/fastpath.h>

#include <kernel/arch_hooks.h>
#include <kernel/cspace.h>
#include <kernel/ipc.h>
#include <kernel/node.h>
#include <kernel/syscall.h>

/* node(), kept in one register: the compiler would build the address anew for each field. */
ALWAYS_INLINE static struct node *hot_node(void)
{
    struct node *self = node();
    __asm__("" : "+r"(self));
    return self;
}

/* The capability pointer's slot if one CNode resolves it completely, else null. */
ALWAYS_INLINE static struct slot *lookup(const struct tcb *tcb, cptr_t cptr)
{
    return cspace_lookup_one_level(tcb->slots[TCB_CSPACE].cap, cptr);
}

static bool has_caps(word_t info)
{
    return (info & MASK(seL4_MsgExtraCapBits) << seL4_MsgExtraCapsShift) != 0;
}

/* Read the clock. True if the current thread may go on and nothing is due at the end of the call.
 */
ALWAYS_INLINE static bool clock_allows(const struct node *self)
{
    sched_update_time();
    return sc_is_active(self->current_sc) && refill_sufficient(self->current_sc, self->consumed) &&
           (CONFIG_NUM_DOMAINS == 1 || !domain_expired()) &&
           (self->release_head == NULL || !refill_ready(self->release_head->sc)) &&
           self->action == SCHED_RESUME_CURRENT;
}

/* True if the scheduler would certainly choose this thread once the current one blocks. */
ALWAYS_INLINE static bool would_run(const struct tcb *tcb)
{
    return (CONFIG_NUM_DOMAINS == 1 || tcb->domain == node()->domain) &&
           (int)tcb->priority >= sched_highest_priority();
}

/* True if the thread's own scheduling context has time now and needs no bookkeeping before. */
ALWAYS_INLINE static bool has_time(const struct tcb *tcb)
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
ALWAYS_INLINE static void transfer(const struct tcb *from, struct tcb *to, word_t badge,
                                   bool is_long)
{
    word_t info = from->context.regs[REG_INFO];
    /* A short length needs no upper bound. */
    word_t length = is_long ? message_info_length(info) : info & MASK(seL4_MsgLengthBits);
    for (word_t i = 0; i < seL4_FastMessageRegisters; i++) {
        if (i < length) {
            context_set_message_word(&to->context, i, context_message_word(&from->context, i));
        }
    }
    if (is_long) {
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

static void move_sc(struct sched_context *sc, struct tcb *from, struct tcb *to)
{
    from->sc = NULL;
    to->sc = sc;
    sc->tcb = to;
}

/* Run tcb now; most often the scheduling context has come along and the timer stays as it is. */
ALWAYS_INLINE static void run(struct node *self, struct tcb *tcb)
{
    if (tcb->sc == self->current_sc && !self->reprogram_timer) {
        struct tcb *previous = self->current;
        self->current = tcb;
        arch_switch_thread(previous, tcb);
    } else {
        sched_switch_directly(tcb);
    }
}

ALWAYS_INLINE static bool message_is_long(const struct tcb *tcb)
{
    return message_info_length(tcb->context.regs[REG_INFO]) > seL4_FastMessageRegisters;
}

/* Both return the thread to run, or null without having changed anything. */
ALWAYS_INLINE static struct tcb *try_call(struct node *self, bool is_long)
{
    struct tcb *caller = self->current;
    const struct slot *slot = lookup(caller, caller->context.regs[REG_CAP]);
    if (slot == NULL || cap_tag(slot->cap) != CAP_ENDPOINT ||
        has_caps(caller->context.regs[REG_INFO])) {
        return NULL;
    }
    word_t rights = cap_rights(slot->cap);
    struct endpoint *endpoint = cap_ptr(slot->cap);
    if ((rights & RIGHT_WRITE) == 0 || (rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) == 0 ||
        ipc_queue_state(&endpoint->queue) != ENDPOINT_RECEIVERS) {
        return NULL;
    }
    struct tcb *server = endpoint->queue.head;
    struct reply *reply = server->reply;
    struct sched_context *sc = caller->sc;
    bool passive = server->sc == NULL;
    if (reply == NULL || !(passive || has_time(server)) || !would_run(server)) {
        return NULL;
    }

    dequeue_head(&endpoint->queue);
    transfer(caller, server, cap_badge(slot->cap), is_long);
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
    return server;
}

ALWAYS_INLINE static struct tcb *try_reply_recv(struct node *self, bool is_long)
{
    struct tcb *server = self->current;
    const struct notification *bound = server->bound_notification;
    const struct slot *receive = lookup(server, server->context.regs[REG_CAP]);
    const struct slot *answer = lookup(server, server->context.regs[REG_REPLY]);
    if (receive == NULL || cap_tag(receive->cap) != CAP_ENDPOINT || answer == NULL ||
        cap_tag(answer->cap) != CAP_REPLY || has_caps(server->context.regs[REG_INFO])) {
        return NULL;
    }
    struct endpoint *endpoint = cap_ptr(receive->cap);
    if ((cap_rights(receive->cap) & RIGHT_READ) == 0 ||
        ipc_queue_state(&endpoint->queue) != ENDPOINT_IDLE ||
        (bound != NULL &&
         (bound->sc != NULL || ipc_queue_state(&bound->queue) == NOTIFICATION_ACTIVE))) {
        return NULL;
    }
    struct reply *reply = cap_ptr(answer->cap);
    struct tcb *caller = reply->tcb;
    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY ||
        caller->fault.kind != seL4_Fault_NullFault) {
        return NULL;
    }
    struct sched_context *sc = server->sc;
    bool passive = reply->above == ((word_t)sc | REPLY_ABOVE_IS_SC) && caller->sc == NULL;
    bool active = reply->above == 0 && reply->below == NULL && caller->sc != NULL;
    if (!(passive || (active && has_time(caller))) || !would_run(caller)) {
        return NULL;
    }

    transfer(server, caller, 0, is_long);
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
    endpoint->queue.head = server;
    endpoint->queue.tail_state = (word_t)server | ENDPOINT_RECEIVERS;
    return caller;
}

ALWAYS_INLINE static void run_or_go_slowly(struct node *self, struct tcb *next, word_t number)
{
    if (next != NULL) {
        run(self, next);
    } else {
        syscall_dispatch(number);
    }
}

NOINLINE static void long_call(word_t number)
{
    struct node *self = hot_node();
    run_or_go_slowly(self, try_call(self, true), number);
}

NOINLINE static void long_reply_recv(word_t number)
{
    struct node *self = hot_node();
    run_or_go_slowly(self, try_reply_recv(self, true), number);
}

NOINLINE void fastpath_call(word_t number)
{
    struct node *self = hot_node();
    if (!clock_allows(self)) {
        syscall_slow(number);
    } else if (message_is_long(self->current)) {
        long_call(number);
    } else {
        run_or_go_slowly(self, try_call(self, false), number);
    }
}

NOINLINE void fastpath_reply_recv(word_t number)
{
    struct node *self = hot_node();
    if (!clock_allows(self)) {
        syscall_slow(number);
    } else if (message_is_long(self->current)) {
        long_reply_recv(number);
    } else {
        run_or_go_slowly(self, try_reply_recv(self, false), number);
    }
}

/* The notification that the current thread names with this right, else null. */
ALWAYS_INLINE static const struct slot *lookup_notification(const struct tcb *tcb, word_t right)
{
    const struct slot *slot = lookup(tcb, tcb->context.regs[REG_CAP]);
    if (slot == NULL || cap_tag(slot->cap) != CAP_NOTIFICATION ||
        (cap_rights(slot->cap) & right) == 0) {
        return NULL;
    }
    return slot;
}

/*
 * The first waiter of the notification if a signal would make it run at once, before the current
 * thread, which stays runnable; else null.
 */
ALWAYS_INLINE static struct tcb *urgent_waiter(const struct node *self,
                                               const struct notification *notification)
{
    struct tcb *waiter = notification->queue.head;
    if (notification->sc != NULL || waiter->sc == NULL || !has_time(waiter) ||
        waiter->priority <= self->current->priority ||
        (CONFIG_NUM_DOMAINS > 1 && waiter->domain != self->domain)) {
        return NULL;
    }
    return waiter;
}

NOINLINE static void wake_and_run(struct notification *notification, struct tcb *waiter,
                                  word_t badge)
{
    dequeue_head(&notification->queue);
    waiter->state = THREAD_RUNNING;
    waiter->context.regs[REG_BADGE] = badge;
    sched_enqueue(node()->current);
    sched_switch_directly(waiter);
}

/* False if the signal was not delivered and has to go the normal way. */
ALWAYS_INLINE static bool try_signal(const struct node *self)
{
    const struct tcb *tcb = self->current;
    const struct slot *slot = lookup_notification(tcb, RIGHT_WRITE);
    if (slot == NULL || has_caps(tcb->context.regs[REG_INFO])) {
        return false;
    }
    struct notification *notification = cap_ptr(slot->cap);
    const struct tcb *bound = notification->bound_tcb;
    struct tcb *waiter;
    switch (ipc_queue_state(&notification->queue)) {
    case NOTIFICATION_ACTIVE:
        notification->badges |= cap_badge(slot->cap);
        return true;
    case NOTIFICATION_IDLE:
        if (bound != NULL && bound->state == THREAD_BLOCKED_RECEIVE) {
            return false;
        }
        notification->badges = cap_badge(slot->cap);
        notification->queue.tail_state = NOTIFICATION_ACTIVE;
        return true;
    default:
        waiter = urgent_waiter(self, notification);
        if (waiter == NULL) {
            return false;
        }
        wake_and_run(notification, waiter, cap_badge(slot->cap));
        return true;
    }
}

NOINLINE void fastpath_signal(word_t number)
{
    struct node *self = hot_node();
    if (!clock_allows(self)) {
        syscall_slow(number);
    } else if (!try_signal(self)) {
        syscall_dispatch(number);
    }
}

/* True if there were badges to take, or nobody wants to block for them. */
ALWAYS_INLINE static bool try_wait(struct tcb *tcb, bool blocking)
{
    const struct slot *slot = lookup_notification(tcb, RIGHT_READ);
    if (slot == NULL) {
        return false;
    }
    struct notification *notification = cap_ptr(slot->cap);
    if ((notification->bound_tcb != NULL && notification->bound_tcb != tcb) ||
        notification->sc != NULL) {
        return false;
    }
    if (ipc_queue_state(&notification->queue) == NOTIFICATION_ACTIVE) {
        tcb->context.regs[REG_BADGE] = notification->badges;
        notification->badges = 0;
        notification->queue.tail_state = NOTIFICATION_IDLE;
        return true;
    }
    if (!blocking) {
        tcb->context.regs[REG_BADGE] = 0;
        return true;
    }
    return false;
}

NOINLINE void fastpath_wait(word_t number)
{
    struct node *self = hot_node();
    if (!clock_allows(self)) {
        syscall_slow(number);
    } else if (!try_wait(self->current, (int64_t)number == seL4_SysWait)) {
        syscall_dispatch(number);
    }
}
