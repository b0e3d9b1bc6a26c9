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
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>

/*
 * The current thread has time for a short way, which leaves clock and budget as they are: what
 * passed is accounted for by the next entry that reads the clock, on the same scheduling context.
 */
ALWAYS_INLINE static bool has_budget(void)
{
    return LIKELY(arch_timer_now() < node()->fast_until);
}

/* The normal way of Call and ReplyRecv. */
NOINLINE static void message_slowly(int64_t number)
{
    syscall_slow((word_t)number);
    node()->message_from = &node()->current->context;
}

/*
 * A message of registers only, without capabilities: all below the label is the length, so that
 * the receiver can have the info as it is.
 */
ALWAYS_INLINE static bool is_short(word_t info)
{
    return (info & MASK(seL4_MsgLabelShift)) <= seL4_FastMessageRegisters;
}

static bool has_caps(word_t info)
{
    return message_info_caps(info) != 0;
}

/* True for an endpoint or notification capability with this right: one comparison. */
ALWAYS_INLINE static bool is_with_right(struct cap cap, word_t tag, word_t right)
{
    uint32_t high = (uint32_t)(cap.w0 >> CAP_AUX_SHIFT);
    return (high & ~(RIGHT_ALL ^ right)) == (tag << CAP_AUX_BITS | right);
}

/* True if the scheduler would certainly choose this thread once the current one blocks. */
ALWAYS_INLINE static bool would_run(const struct tcb *tcb)
{
    return (CONFIG_NUM_DOMAINS == 1 || tcb->domain == node()->domain) &&
           (int)tcb->priority >= node()->ready_highest;
}

/* True if the thread's own scheduling context has time now and needs no bookkeeping before. */
ALWAYS_INLINE static bool has_time(const struct tcb *tcb)
{
    const struct sched_context *sc = tcb->sc;
    return sc_is_active(sc) && !sc->sporadic && !tcb->in_release_queue && refill_ready(sc) &&
           refill_sufficient(sc, 0);
}

/*
 * Words, message info and badge of a message without capabilities. A message of just all message
 * registers is not copied: the way out loads them from where the sender's way in has put them.
 */
ALWAYS_INLINE static void transfer(const struct tcb *from, struct tcb *to, word_t badge,
                                   bool is_long)
{
    word_t info = from->context.regs[REG_INFO];
    word_t length = is_long ? message_info_length(info) : info & MASK(seL4_MsgLengthBits);
    node()->message_from = &from->context;
    if (is_long && length > seL4_FastMessageRegisters) {
        length = ipc_write_buffer(to, tcb_message(from), length);
    } else if (length < seL4_FastMessageRegisters) {
        node()->message_from = &to->context;
        for (word_t i = 0; i < length; i++) {
            context_set_message_word(&to->context, i, context_message_word(&from->context, i));
        }
    }
    to->context.regs[REG_INFO] =
        is_long ? message_info(message_info_label(info), 0, 0, length) : info;
    to->context.regs[REG_BADGE] = badge;
}

ALWAYS_INLINE static void dequeue_head(struct ipc_queue *queue, struct tcb *head)
{
    struct tcb *next = head->links[LINK_IPC].next;
    queue->head = next;
    if (next == NULL) {
        queue->tail_state = 0;
    } else {
        next->links[LINK_IPC].prev = NULL;
        head->links[LINK_IPC].next = NULL;
    }
}

static void move_sc(struct sched_context *sc, struct tcb *from, struct tcb *to)
{
    from->sc = NULL;
    to->sc = sc;
    sc->tcb = to;
}

/*
 * Run tcb now in place of the blocked current thread. On the same scheduling context time just goes
 * on: nothing is put on the books and the timer stays as it is.
 */
ALWAYS_INLINE static void run(struct tcb *tcb, bool same_sc)
{
    if (same_sc) {
        struct tcb *previous = node()->current;
        node()->current = tcb;
        tcb_switch(previous, tcb);
    } else {
        sched_update_time();
        sched_switch_directly(tcb);
    }
}

/*
 * Deliver the current thread's message, or its fault if that is not null, to the first receiver
 * that waits at the endpoint of a capability whose rights allow a reply, and run that thread.
 * False if nothing was changed and it has to go the normal way.
 */
ALWAYS_INLINE static bool try_deliver(struct cap cap, bool is_long, const struct fault *fault)
{
    struct tcb *caller = node()->current;
    struct endpoint *endpoint = cap_ptr(cap);
    struct tcb *server = endpoint->queue.head;
    if (ipc_queue_state(&endpoint->queue) != ENDPOINT_RECEIVERS) {
        return false;
    }
    struct reply *reply = server->reply;
    bool passive = server->sc == NULL;
    if (reply == NULL || !would_run(server) || !(passive || has_time(server))) {
        return false;
    }

    dequeue_head(&endpoint->queue, server);
    server->reply = NULL;
    caller->reply = reply;
    reply->tcb = caller;
    caller->state = THREAD_BLOCKED_REPLY;
    server->state = THREAD_RUNNING;
    if (passive) {
        struct sched_context *sc = caller->sc;
        struct reply *below = sc->reply;
        reply->below = below;
        if (below != NULL) {
            below->above = (word_t)reply;
        }
        reply->above = (word_t)sc | REPLY_ABOVE_IS_SC;
        sc->reply = reply;
        move_sc(sc, caller, server);
    }
    if (fault != NULL) {
        caller->fault.kind = fault->kind; /* and what an answer may ask for: */
        caller->fault.details[0] = fault->details[0];
        fault_write_message(caller, fault, server);
        server->context.regs[REG_BADGE] = cap.badge;
    } else {
        transfer(caller, server, cap.badge, is_long);
    }
    run(server, passive);
    return true;
}

ALWAYS_INLINE static bool try_call(bool is_long)
{
    const struct tcb *caller = node()->current;
    const struct slot *slot = cspace_lookup_short(caller, caller->context.regs[REG_CAP]);
    if (slot == NULL || !is_with_right(slot->cap, CAP_ENDPOINT, RIGHT_WRITE) ||
        (slot->cap.rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)) == 0) {
        return false;
    }
    return try_deliver(slot->cap, is_long, NULL);
}

/* True if the thread would take a signal instead of a message, or give its context away. */
ALWAYS_INLINE static bool has_other_news(const struct tcb *tcb)
{
    const struct notification *bound = tcb->bound_notification;
    return bound != NULL &&
           (bound->sc != NULL || ipc_queue_state(&bound->queue) == NOTIFICATION_ACTIVE);
}

/* The reply is for a faulted thread, which goes on where it says. */
NOINLINE static void restart_faulted(const struct tcb *replier, struct tcb *faulted)
{
    fault_apply_reply(replier, faulted);
    faulted->context.regs[REG_NEXT_IP] = faulted->context.regs[REG_FAULT_IP];
    tcb_context_written(faulted);
    node()->message_from = &faulted->context;
}

NOINLINE static void long_message(int64_t number);

/* is_long: with words in the IPC buffers, or an answer to a fault. */
ALWAYS_INLINE static bool try_reply_recv(bool is_long)
{
    struct tcb *server = node()->current;
    const struct slot *receive = cspace_lookup_short(server, server->context.regs[REG_CAP]);
    if (receive == NULL || !is_with_right(receive->cap, CAP_ENDPOINT, RIGHT_READ)) {
        return false;
    }
    struct endpoint *endpoint = cap_ptr(receive->cap);
    const struct slot *answer = cspace_lookup_short(server, server->context.regs[REG_REPLY]);
    if (answer == NULL || answer->cap.tag != CAP_REPLY || endpoint->queue.head != NULL ||
        has_other_news(server)) {
        return false;
    }
    struct reply *reply = cap_ptr(answer->cap);
    struct tcb *caller = reply->tcb;
    if (caller == NULL || caller->state != THREAD_BLOCKED_REPLY || !would_run(caller)) {
        return false;
    }
    word_t fault_kind = caller->fault.kind;
    if (fault_kind != seL4_Fault_NullFault) {
        if (!is_long) {
            long_message(seL4_SysReplyRecv);
            return true;
        }
        if (!fault_reply_restarts(fault_kind, server->context.regs[REG_INFO])) {
            return false;
        }
    }
    struct sched_context *sc = server->sc;
    word_t top = (word_t)sc | REPLY_ABOVE_IS_SC;
    bool passive = caller->sc == NULL;
    if (passive ? reply->above != top
                : reply->above != 0 || reply->below != NULL || !has_time(caller)) {
        return false;
    }

    caller->reply = NULL;
    caller->state = THREAD_RUNNING;
    if (passive) {
        struct reply *below = reply->below;
        sc->reply = below;
        if (below != NULL) {
            below->above = top;
            reply->below = NULL;
        }
        reply->above = 0;
        move_sc(sc, server, caller);
    }
    server->state = THREAD_BLOCKED_RECEIVE;
    server->blocked_on = &endpoint->queue;
    server->reply = reply;
    reply->tcb = server;
    endpoint->queue.head = server;
    endpoint->queue.tail_state = (word_t)server | ENDPOINT_RECEIVERS;
    if (is_long && fault_kind != seL4_Fault_NullFault) {
        restart_faulted(server, caller);
    } else {
        transfer(server, caller, 0, is_long);
    }
    run(caller, passive);
    return true;
}

ALWAYS_INLINE static void try_message(int64_t number, bool is_long)
{
    if (!(number == seL4_SysCall ? try_call(is_long) : try_reply_recv(is_long))) {
        message_slowly(number);
    }
}

NOINLINE static void long_message(int64_t number)
{
    if (has_caps(node()->current->context.regs[REG_INFO])) {
        message_slowly(number);
    } else {
        try_message(number, true);
    }
}

ALWAYS_INLINE static void message(int64_t number)
{
    if (!has_budget()) {
        message_slowly(number);
    } else if (!is_short(node()->current->context.regs[REG_INFO])) {
        long_message(number);
    } else {
        try_message(number, false);
    }
}

void fastpath_call(void)
{
    message(seL4_SysCall);
}

void fastpath_reply_recv(void)
{
    message(seL4_SysReplyRecv);
}

bool fastpath_fault(const struct fault *fault)
{
    struct cap handler = node()->current->slots[TCB_FAULT_HANDLER].cap;
    return has_budget() && handler.tag == CAP_ENDPOINT && try_deliver(handler, false, fault);
}

/*
 * The first waiter of the notification if a signal would make it run at once, before the current
 * thread, which stays runnable; else null.
 */
ALWAYS_INLINE static struct tcb *urgent_waiter(const struct notification *notification)
{
    struct tcb *waiter = notification->queue.head;
    bool is_urgent = notification->sc == NULL && waiter->sc != NULL && has_time(waiter) &&
                     waiter->priority > node()->current->priority &&
                     (CONFIG_NUM_DOMAINS == 1 || waiter->domain == node()->domain);
    return is_urgent ? waiter : NULL;
}

NOINLINE static void wake_and_run(struct notification *notification, struct tcb *waiter,
                                  word_t badge)
{
    dequeue_head(&notification->queue, waiter);
    waiter->state = THREAD_RUNNING;
    waiter->context.regs[REG_BADGE] = badge;
    if (node()->current != node()->idle) {
        sched_enqueue(node()->current);
    }
    sched_update_time();
    sched_switch_directly(waiter);
}

bool fastpath_interrupt(irq_t irq)
{
    struct cap cap = kernel_state.irq_slots[irq].cap;
    struct notification *notification = cap_ptr(cap);
    if (!has_budget() || !is_with_right(cap, CAP_NOTIFICATION, RIGHT_WRITE) ||
        ipc_queue_state(&notification->queue) != NOTIFICATION_WAITING) {
        return false;
    }
    struct tcb *waiter = urgent_waiter(notification);
    if (waiter == NULL) {
        return false;
    }
    wake_and_run(notification, waiter, cap.badge);
    arch_irq_delivered(irq);
    return true;
}

/* False if the signal was not delivered and has to go the normal way. */
ALWAYS_INLINE static bool try_signal(const struct tcb *tcb)
{
    const struct slot *slot = cspace_lookup_short(tcb, tcb->context.regs[REG_CAP]);
    if (slot == NULL || !is_with_right(slot->cap, CAP_NOTIFICATION, RIGHT_WRITE) ||
        has_caps(tcb->context.regs[REG_INFO])) {
        return false;
    }
    struct notification *notification = cap_ptr(slot->cap);
    const struct tcb *bound = notification->bound_tcb;
    struct tcb *waiter;
    switch (ipc_queue_state(&notification->queue)) {
    case NOTIFICATION_ACTIVE:
        notification->badges |= slot->cap.badge;
        return true;
    case NOTIFICATION_IDLE:
        if (bound != NULL && bound->state == THREAD_BLOCKED_RECEIVE) {
            return false;
        }
        notification->badges = slot->cap.badge;
        notification->queue.tail_state = NOTIFICATION_ACTIVE;
        return true;
    default:
        waiter = urgent_waiter(notification);
        if (waiter == NULL) {
            return false;
        }
        wake_and_run(notification, waiter, slot->cap.badge);
        return true;
    }
}

/* True if there were badges to take, or nobody wants to block for them. */
ALWAYS_INLINE static bool try_wait(struct tcb *tcb, bool blocking)
{
    const struct slot *slot = cspace_lookup_short(tcb, tcb->context.regs[REG_CAP]);
    if (slot == NULL || !is_with_right(slot->cap, CAP_NOTIFICATION, RIGHT_READ)) {
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

void fastpath_notification(word_t number)
{
    struct tcb *tcb = node()->current;
    bool is_wait = (int64_t)number <= seL4_SysWait;
    if (!has_budget()) {
        syscall_slow(number);
    } else if (!(is_wait ? try_wait(tcb, (int64_t)number == seL4_SysWait) : try_signal(tcb))) {
        sched_update_time();
        syscall_dispatch(number);
    }
}
