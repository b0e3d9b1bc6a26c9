/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Messages of the model: endpoints, notifications, replies, and what travels. */
#include "model.h"

#include <stddef.h>

enum {
    BUFFER_MESSAGE = 1,
    BUFFER_CAPS = 122,
    BUFFER_RECEIVE = 125
};

static uint64_t info_length(uint64_t info)
{
    uint64_t length = info & 127;
    return length > seL4_MsgMaxLength ? seL4_MsgMaxLength : length;
}

/* ---- fault messages ---- */

struct fault_words {
    struct model_object *to;
    uint64_t *buffer;
    unsigned count;
};

static void put(struct fault_words *out, uint64_t word)
{
    if (out->count < seL4_FastMessageRegisters) {
        out->to->tcb.x[2 + out->count] = word;
    } else if (out->buffer != NULL) {
        out->buffer[BUFFER_MESSAGE + out->count] = word;
    } else {
        return;
    }
    out->count++;
}

static void put_all(struct fault_words *out, const uint64_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put(out, words[i]);
    }
}

static void transfer_fault(struct model_object *from, struct model_object *to)
{
    struct fault_words out = {.to = to, .buffer = model_buffer(to, true)};
    const struct model_tcb *tcb = &from->tcb;
    const struct model_fault *fault = &tcb->fault;
    switch (fault->kind) {
    case seL4_Fault_CapFault:
        put(&out, tcb->fault_ip);
        put_all(&out, fault->words, 2);
        put(&out, fault->lookup.kind);
        put_all(&out, fault->lookup.words, fault->lookup.count);
        break;
    case seL4_Fault_VMFault:
        put(&out, tcb->fault_ip);
        put_all(&out, fault->words, 3);
        break;
    case seL4_Fault_UserException:
        put(&out, tcb->fault_ip);
        put(&out, tcb->sp);
        put(&out, tcb->spsr);
        put_all(&out, fault->words, 2);
        break;
    case seL4_Fault_UnknownSyscall:
        put_all(&out, tcb->x, 8);
        put(&out, tcb->fault_ip);
        put(&out, tcb->sp);
        put(&out, tcb->next_ip);
        put(&out, tcb->spsr);
        put_all(&out, fault->words, 1);
        break;
    default: /* timeout */
        put_all(&out, fault->words, 1);
        if (tcb->sc != NULL) {
            put(&out, 0);
            to->tcb.unknown |= 1u << 3;
        }
        break;
    }
    to->tcb.x[1] = fault->kind << seL4_MsgLabelShift | out.count;
}

/* Write the reply's first words to the registers in the order of the fault's message. */
static void restore(const struct model_object *replier, struct model_object *to, uint64_t **order,
                    uint64_t limit)
{
    uint64_t length = info_length(replier->tcb.x[1]);
    const uint64_t *buffer = model_buffer(replier, false);
    if (length > seL4_FastMessageRegisters && buffer == NULL) {
        length = seL4_FastMessageRegisters;
    }
    for (uint64_t i = 0; i < length && i < limit; i++) {
        uint64_t word =
            i < seL4_FastMessageRegisters ? replier->tcb.x[2 + i] : buffer[BUFFER_MESSAGE + i];
        *order[i] = order[i] == &to->tcb.spsr ? model_sanitise_flags(word) : word;
    }
}

/* True if the thread runs again. */
static bool apply_fault_reply(const struct model_object *replier, struct model_object *to)
{
    struct model_tcb *tcb = &to->tcb;
    uint64_t *x = tcb->x;
    uint64_t *unknown_syscall[] = {&x[0],          &x[1],    &x[2],         &x[3],
                                   &x[4],          &x[5],    &x[6],         &x[7],
                                   &tcb->fault_ip, &tcb->sp, &tcb->next_ip, &tcb->spsr};
    uint64_t *context[ABI_CONTEXT_WORDS];
    model_context_order(to, context);
    uint64_t kind = tcb->fault.kind;
    tcb->fault.kind = seL4_Fault_NullFault;
    switch (kind) {
    case seL4_Fault_UnknownSyscall:
        restore(replier, to, unknown_syscall, 12);
        break;
    case seL4_Fault_UserException:
        restore(replier, to, context, 3);
        break;
    case seL4_Fault_Timeout:
        restore(replier, to, context, seL4_TimeoutReply_Length);
        break;
    default:
        return true;
    }
    return replier->tcb.x[1] >> seL4_MsgLabelShift == 0;
}

/* ---- transfer ---- */

/* The slot where the receiver wants a capability, if it is there and empty. */
static struct model_slot *receive_slot(const struct model_object *to, const uint64_t *buffer)
{
    struct model_slot *root;
    struct model_slot *slot;
    const uint64_t *path = &buffer[BUFFER_RECEIVE];
    if (!model_lookup(to, path[0], &root) ||
        !model_lookup_empty(&root->cap, path[1], path[2], &slot)) {
        return NULL;
    }
    return slot;
}

/* Returns extraCaps and capsUnwrapped as they stand in the receiver's message info. */
static uint64_t transfer_caps(const struct model_object *from, const uint64_t *source,
                              const struct model_object *endpoint, const struct model_object *to,
                              uint64_t *dest, unsigned count)
{
    struct model_slot *offered[seL4_MsgMaxExtraCaps];
    for (unsigned i = 0; i < count; i++) {
        if (!model_lookup(from, source[BUFFER_CAPS + i], &offered[i])) {
            return 0;
        }
    }
    struct model_slot *slot = receive_slot(to, dest);
    uint64_t unwrapped = 0;
    unsigned done = 0;
    for (; done < count; done++) {
        struct model_cap cap = offered[done]->cap;
        if (endpoint != NULL && cap.kind == ABI_CAP_ENDPOINT && cap.object == endpoint) {
            dest[BUFFER_CAPS + done] = cap.value;
            unwrapped |= UINT64_C(1) << done;
            continue;
        }
        if (slot == NULL || !model_cap_derive(offered[done], &cap) || cap.kind == ABI_CAP_NULL) {
            break;
        }
        model_slot_copy(slot, cap, offered[done]);
        model_counts()->capabilities++;
        slot = NULL;
    }
    return (uint64_t)done << seL4_MsgExtraCapsShift | unwrapped << seL4_MsgCapsUnwrappedShift;
}

void model_transfer(struct model_object *from, struct model_object *endpoint, uint64_t badge,
                    bool can_grant, struct model_object *to)
{
    uint64_t info = from->tcb.x[1];
    model_counts()->messages++;
    to->tcb.x[0] = badge;
    if (from->tcb.fault.kind != seL4_Fault_NullFault) {
        transfer_fault(from, to);
        return;
    }
    const uint64_t *source = model_buffer(from, false);
    uint64_t *dest = model_buffer(to, true);
    uint64_t length = info_length(info);
    if (length > seL4_FastMessageRegisters && (source == NULL || dest == NULL)) {
        length = seL4_FastMessageRegisters;
    }
    for (unsigned i = 0; i < length; i++) {
        if (i < seL4_FastMessageRegisters) {
            to->tcb.x[2 + i] = from->tcb.x[2 + i];
        } else {
            dest[BUFFER_MESSAGE + i] = source[BUFFER_MESSAGE + i];
        }
    }
    unsigned count = (unsigned)(info >> seL4_MsgExtraCapsShift & 3);
    uint64_t caps = 0;
    if (can_grant && count > 0 && source != NULL && dest != NULL) {
        caps = transfer_caps(from, source, endpoint, to, dest, count);
    }
    to->tcb.x[1] = info >> seL4_MsgLabelShift << seL4_MsgLabelShift | caps | length;
}

/* ---- endpoints ---- */

static bool can_be_answered(uint64_t rights)
{
    return (rights & (seL4_RightGrant | seL4_RightGrantReply)) != 0;
}

/* The caller waits on the reply object; its context may go along. */
static void push_reply(struct model_object *caller, struct model_object *callee,
                       struct model_object *reply, bool can_donate)
{
    struct model_object *sc = caller->tcb.sc;
    caller->tcb.state = MODEL_BLOCKED_REPLY;
    caller->tcb.reply = reply;
    reply->reply.tcb = caller;
    if (!can_donate || sc == NULL || callee->tcb.sc != NULL) {
        return;
    }
    if (sc->sc.reply != NULL) {
        sc->sc.reply->reply.above = reply;
    }
    reply->reply.below = sc->sc.reply;
    reply->reply.above = sc;
    sc->sc.reply = reply;
    model_sc_donate(sc, callee);
}

static bool is_faulting(const struct model_object *tcb)
{
    return tcb->tcb.fault.kind != seL4_Fault_NullFault;
}

static void block_sender(struct model_object *endpoint, struct model_object *tcb,
                         struct model_send how)
{
    tcb->tcb.state = MODEL_BLOCKED_SEND;
    tcb->tcb.blocked_on = endpoint;
    tcb->tcb.send_badge = how.badge;
    tcb->tcb.send_rights = how.rights;
    tcb->tcb.send_is_call = how.call;
    endpoint->queue.receivers = false;
    model_queue_insert(endpoint, tcb);
}

void model_send(struct model_object *endpoint, struct model_object *tcb, struct model_send how)
{
    struct model_object *receiver = endpoint->queue.head;
    if (receiver == NULL || !endpoint->queue.receivers) {
        if (how.blocking) {
            block_sender(endpoint, tcb, how);
        }
        return;
    }
    struct model_object *reply = receiver->tcb.reply;
    model_queue_remove(endpoint, receiver);
    model_transfer(tcb, endpoint, how.badge, (how.rights & seL4_RightGrant) != 0, receiver);
    receiver->tcb.reply = NULL;
    if (reply != NULL) {
        reply->reply.tcb = NULL;
    }
    if (how.call || is_faulting(tcb)) {
        if (reply != NULL && can_be_answered(how.rights)) {
            push_reply(tcb, receiver, reply, how.can_donate);
        } else {
            tcb->tcb.state = MODEL_INACTIVE;
        }
    } else if (how.can_donate && receiver->tcb.sc == NULL && tcb->tcb.sc != NULL) {
        model_sc_donate(tcb->tcb.sc, receiver);
    }
    receiver->tcb.state = MODEL_RUNNING;
}

static void receive_from(struct model_object *endpoint, struct model_object *tcb,
                         struct model_object *reply)
{
    struct model_object *sender = endpoint->queue.head;
    uint64_t rights = sender->tcb.send_rights;
    model_queue_remove(endpoint, sender);
    model_transfer(sender, endpoint, sender->tcb.send_badge, (rights & seL4_RightGrant) != 0, tcb);
    if (!sender->tcb.send_is_call && !is_faulting(sender)) {
        sender->tcb.state = MODEL_RUNNING;
    } else if (reply != NULL && can_be_answered(rights)) {
        push_reply(sender, tcb, reply, sender->tcb.fault.kind != seL4_Fault_Timeout);
    } else {
        sender->tcb.state = MODEL_INACTIVE;
    }
}

/* A thread that blocks on its notification's context gives that back. */
static void return_sc(struct model_object *tcb, const struct model_object *notification)
{
    if (notification->queue.sc != NULL && notification->queue.sc == tcb->tcb.sc) {
        model_sc_detach(tcb->tcb.sc);
    }
}

void model_receive(struct model_object *endpoint, struct model_object *tcb,
                   struct model_object *reply, bool blocking)
{
    struct model_object *bound = tcb->tcb.bound;
    if (reply != NULL && reply->reply.tcb != NULL && reply->reply.tcb != tcb) {
        model_cancel(reply->reply.tcb);
    }
    if (bound != NULL && bound->queue.active) {
        model_wait(bound, tcb, false);
        return;
    }
    if (blocking && bound != NULL) {
        return_sc(tcb, bound);
    }
    if (endpoint->queue.head != NULL && !endpoint->queue.receivers) {
        receive_from(endpoint, tcb, reply);
    } else if (blocking) {
        tcb->tcb.state = MODEL_BLOCKED_RECEIVE;
        tcb->tcb.blocked_on = endpoint;
        tcb->tcb.reply = reply;
        if (reply != NULL) {
            reply->reply.tcb = tcb;
        }
        endpoint->queue.receivers = true;
        model_queue_insert(endpoint, tcb);
    } else {
        tcb->tcb.x[0] = 0;
    }
}

/* ---- notifications ---- */

static void borrow_sc(struct model_object *tcb, const struct model_object *notification)
{
    struct model_object *sc = notification->queue.sc;
    if (tcb->tcb.sc == NULL && sc != NULL && sc->sc.tcb == NULL) {
        model_sc_donate(sc, tcb);
    }
}

static void wake(struct model_object *tcb, const struct model_object *notification, uint64_t badge)
{
    tcb->tcb.state = MODEL_RUNNING;
    tcb->tcb.x[0] = badge;
    borrow_sc(tcb, notification);
}

void model_signal(struct model_object *notification, uint64_t badge)
{
    struct model_queue_object *queue = &notification->queue;
    struct model_object *waiter = queue->head;
    struct model_object *bound = queue->bound;
    model_counts()->signals++;
    if (waiter != NULL) {
        model_queue_remove(notification, waiter);
        wake(waiter, notification, badge);
    } else if (queue->active) {
        queue->badges |= badge;
    } else if (bound != NULL && bound->tcb.state == MODEL_BLOCKED_RECEIVE) {
        model_cancel(bound);
        wake(bound, notification, badge);
    } else {
        queue->active = true;
        queue->badges = badge;
    }
}

void model_wait(struct model_object *notification, struct model_object *tcb, bool blocking)
{
    struct model_queue_object *queue = &notification->queue;
    if (queue->active) {
        tcb->tcb.x[0] = queue->badges;
        queue->active = false;
        queue->badges = 0;
        borrow_sc(tcb, notification);
    } else if (blocking) {
        tcb->tcb.state = MODEL_BLOCKED_NOTIFICATION;
        tcb->tcb.blocked_on = notification;
        return_sc(tcb, notification);
        model_queue_insert(notification, tcb);
    } else {
        tcb->tcb.x[0] = 0;
    }
}

/* ---- replies ---- */

void model_reply(struct model_object *replier, struct model_object *reply, bool can_grant)
{
    struct model_object *caller = reply->reply.tcb;
    if (caller == NULL || caller->tcb.state != MODEL_BLOCKED_REPLY) {
        return;
    }
    uint64_t kind = caller->tcb.fault.kind;
    model_counts()->replies++;
    model_reply_remove(reply, caller);
    if (kind == seL4_Fault_NullFault) {
        model_transfer(replier, NULL, 0, can_grant, caller);
        caller->tcb.state = MODEL_RUNNING;
    } else {
        bool runs = apply_fault_reply(replier, caller);
        caller->tcb.state = runs ? MODEL_RESTART : MODEL_INACTIVE;
    }
    struct model_object *sc = caller->tcb.sc;
    if (sc != NULL && sc->sc.configured && model_runnable(caller) && !model()->clock.ready(sc) &&
        model_has_timeout_handler(caller) && kind != seL4_Fault_Timeout) {
        model_timeout(caller);
    }
}
