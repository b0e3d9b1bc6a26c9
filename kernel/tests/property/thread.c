/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads of the model: states, queues, faults, scheduling contexts, and what ends with an object.
 */
#include "fail.h"
#include "model.h"

#include <stddef.h>

bool model_runnable(const struct model_object *tcb)
{
    return tcb->tcb.state == MODEL_RUNNING || tcb->tcb.state == MODEL_RESTART;
}

bool model_blocked(const struct model_object *tcb)
{
    return tcb->tcb.state >= MODEL_BLOCKED_RECEIVE;
}

uint64_t *model_buffer(const struct model_object *tcb, bool writable)
{
    const struct model_cap *frame = &tcb->slots[MODEL_BUFFER].cap;
    uint8_t needed = writable ? MODEL_FRAME_WRITE : MODEL_FRAME_READ;
    if (frame->kind != ABI_CAP_FRAME || frame->rights < needed) {
        return NULL;
    }
    return &frame->object->page[tcb->tcb.buffer_address / sizeof(uint64_t) % MODEL_PAGE_WORDS];
}

void model_context_order(struct model_object *tcb, uint64_t *order[ABI_CONTEXT_WORDS])
{
    unsigned count = 0;
    order[count++] = &tcb->tcb.fault_ip;
    order[count++] = &tcb->tcb.sp;
    order[count++] = &tcb->tcb.spsr;
    for (unsigned i = 0; i < MODEL_REGISTERS; i++) {
        order[count++] = &tcb->tcb.x[i];
    }
    for (unsigned i = 0; i < MODEL_REST; i++) {
        order[count++] = &tcb->tcb.rest[i];
    }
}

uint64_t model_sanitise_flags(uint64_t flags)
{
    return (flags & UINT64_C(0xf) << 28) | ABI_USER_FLAGS_DEFAULT;
}

/* ---- queues: highest priority first, then first come ---- */

void model_queue_insert(struct model_object *queue, struct model_object *tcb)
{
    struct model_object **link = &queue->queue.head;
    while (*link != NULL && (*link)->tcb.priority >= tcb->tcb.priority) {
        link = &(*link)->tcb.queue_next;
    }
    tcb->tcb.queue_next = *link;
    *link = tcb;
}

void model_queue_remove(struct model_object *queue, struct model_object *tcb)
{
    struct model_object **link = &queue->queue.head;
    while (*link != tcb) {
        check(*link != NULL, "model: thread is not in its queue");
        link = &(*link)->tcb.queue_next;
    }
    *link = tcb->tcb.queue_next;
    tcb->tcb.queue_next = NULL;
}

static bool in_queue(const struct model_object *tcb)
{
    return model_blocked(tcb) && tcb->tcb.state != MODEL_BLOCKED_REPLY;
}

void model_set_priority(struct model_object *tcb, uint8_t priority)
{
    if (in_queue(tcb)) {
        model_queue_remove(tcb->tcb.blocked_on, tcb);
    }
    tcb->tcb.priority = priority;
    if (in_queue(tcb)) {
        model_queue_insert(tcb->tcb.blocked_on, tcb);
    }
}

/* ---- scheduling contexts and reply objects ---- */

void model_sc_detach(struct model_object *sc)
{
    if (sc->sc.tcb != NULL) {
        sc->sc.tcb->tcb.sc = NULL;
        sc->sc.tcb = NULL;
    }
}

void model_sc_donate(struct model_object *sc, struct model_object *to)
{
    model_sc_detach(sc);
    model_counts()->donations++;
    sc->sc.tcb = to;
    to->tcb.sc = sc;
}

static void unbind_notification(struct model_object *sc)
{
    if (sc->sc.notification != NULL) {
        sc->sc.notification->queue.sc = NULL;
        sc->sc.notification = NULL;
    }
}

void model_sc_unbind_all(struct model_object *sc)
{
    model_sc_detach(sc);
    unbind_notification(sc);
    if (sc->sc.reply != NULL) {
        sc->sc.reply->reply.above = NULL;
        sc->sc.reply = NULL;
    }
}

static void unlink_reply(struct model_object *reply)
{
    reply->reply.tcb->tcb.reply = NULL;
    reply->reply.tcb = NULL;
}

/* Everything above keeps what it has, everything below gets nothing any more. */
static void cut_stack(struct model_object *reply)
{
    struct model_object *above = reply->reply.above;
    if (above != NULL && above->kind == ABI_CAP_SCHED_CONTEXT) {
        above->sc.reply = NULL;
    } else if (above != NULL) {
        above->reply.below = NULL;
    }
    if (reply->reply.below != NULL) {
        reply->reply.below->reply.above = NULL;
    }
    reply->reply.above = NULL;
    reply->reply.below = NULL;
}

void model_reply_remove(struct model_object *reply, struct model_object *caller)
{
    struct model_object *sc = reply->reply.above;
    if (sc == NULL || sc->kind != ABI_CAP_SCHED_CONTEXT) {
        cut_stack(reply);
    } else {
        sc->sc.reply = reply->reply.below;
        if (sc->sc.reply != NULL) {
            sc->sc.reply->reply.above = sc;
        }
        reply->reply.above = NULL;
        reply->reply.below = NULL;
        if (caller->tcb.sc == NULL) {
            model_sc_donate(sc, caller);
        }
    }
    unlink_reply(reply);
}

/* ---- cancelling ---- */

void model_cancel(struct model_object *tcb)
{
    tcb->tcb.fault.kind = seL4_Fault_NullFault;
    switch (tcb->tcb.state) {
    case MODEL_BLOCKED_RECEIVE:
        if (tcb->tcb.reply != NULL) {
            unlink_reply(tcb->tcb.reply);
        }
        model_queue_remove(tcb->tcb.blocked_on, tcb);
        break;
    case MODEL_BLOCKED_SEND:
    case MODEL_BLOCKED_NOTIFICATION:
        model_queue_remove(tcb->tcb.blocked_on, tcb);
        break;
    case MODEL_BLOCKED_REPLY: {
        struct model_object *reply = tcb->tcb.reply;
        cut_stack(reply);
        unlink_reply(reply);
        break;
    }
    default:
        return;
    }
    tcb->tcb.state = MODEL_INACTIVE;
}

void model_yield_cancel(struct model_object *from)
{
    if (from->tcb.yield_to != NULL) {
        from->tcb.yield_to->sc.yield_from = NULL;
        from->tcb.yield_to = NULL;
    }
}

void model_yield_complete(struct model_object *from)
{
    model_yield_cancel(from);
    from->tcb.x[0] = 0;
    from->tcb.x[1] = 1; /* one word: a time */
    from->tcb.unknown |= 1u << 2;
}

void model_suspend(struct model_object *tcb)
{
    model_cancel(tcb);
    /* One that suspends itself is still inside that system call. */
    if (tcb->tcb.state == MODEL_RUNNING && tcb != model()->entered) {
        tcb->tcb.fault_ip = tcb->tcb.next_ip;
    }
    model_yield_cancel(tcb);
    tcb->tcb.state = MODEL_INACTIVE;
}

void model_resume(struct model_object *tcb)
{
    if (model_runnable(tcb)) {
        return;
    }
    model_cancel(tcb);
    tcb->tcb.state = MODEL_RESTART;
}

/* Off its queue: repeats its system call, or stays with its fault. */
static void restart(struct model_object *tcb)
{
    if (tcb->tcb.state == MODEL_BLOCKED_RECEIVE && tcb->tcb.reply != NULL) {
        unlink_reply(tcb->tcb.reply);
    }
    bool faulted = tcb->tcb.fault.kind != seL4_Fault_NullFault;
    tcb->tcb.state = faulted ? MODEL_INACTIVE : MODEL_RESTART;
}

void model_cancel_badged(struct model_object *endpoint, uint64_t badge)
{
    struct model_object *next;
    for (struct model_object *tcb = endpoint->queue.head; tcb != NULL; tcb = next) {
        next = tcb->tcb.queue_next;
        if (tcb->tcb.state == MODEL_BLOCKED_SEND && tcb->tcb.send_badge == badge) {
            model_queue_remove(endpoint, tcb);
            restart(tcb);
        }
    }
}

/* ---- faults ---- */

static void send_to_handler(struct model_object *tcb, const struct model_cap *handler,
                            bool can_donate)
{
    struct model_send how = {.blocking = true,
                             .can_donate = can_donate,
                             .rights = handler->rights,
                             .badge = handler->value};
    model_send(handler->object, tcb, how);
}

void model_fault_send(struct model_object *tcb, struct model_fault fault)
{
    const struct model_cap *handler = &tcb->slots[MODEL_HANDLER].cap;
    tcb->tcb.fault = fault;
    model_counts()->faults[fault.kind]++;
    if (handler->kind == ABI_CAP_ENDPOINT) {
        send_to_handler(tcb, handler, tcb->tcb.sc != NULL);
    } else {
        tcb->tcb.state = MODEL_INACTIVE;
    }
}

bool model_has_timeout_handler(const struct model_object *tcb)
{
    return tcb->slots[MODEL_TIMEOUT].cap.kind == ABI_CAP_ENDPOINT;
}

void model_timeout(struct model_object *tcb)
{
    tcb->tcb.fault =
        (struct model_fault){.kind = seL4_Fault_Timeout, .words = {tcb->tcb.sc->sc.badge}};
    model_counts()->faults[seL4_Fault_Timeout]++;
    send_to_handler(tcb, &tcb->slots[MODEL_TIMEOUT].cap, false);
}

/* ---- the end of an object ---- */

static void finalise_queue(struct model_object *object)
{
    struct model_queue_object *queue = &object->queue;
    if (object->kind == ABI_CAP_NOTIFICATION) {
        if (queue->sc != NULL) {
            unbind_notification(queue->sc);
        }
        if (queue->bound != NULL) {
            queue->bound->tcb.bound = NULL;
            queue->bound = NULL;
        }
    }
    while (queue->head != NULL) {
        struct model_object *tcb = queue->head;
        model_queue_remove(object, tcb);
        restart(tcb);
    }
}

static void finalise_tcb(struct model_object *tcb)
{
    if (tcb->tcb.bound != NULL) {
        tcb->tcb.bound->queue.bound = NULL;
        tcb->tcb.bound = NULL;
    }
    if (tcb->tcb.sc != NULL) {
        if (tcb->tcb.sc->sc.yield_from != NULL) {
            model_yield_complete(tcb->tcb.sc->sc.yield_from);
        }
        model_sc_detach(tcb->tcb.sc);
    }
    model_suspend(tcb);
}

static void finalise_reply(struct model_object *reply)
{
    struct model_object *tcb = reply->reply.tcb;
    if (tcb == NULL) {
        return;
    }
    if (tcb->tcb.state == MODEL_BLOCKED_REPLY) {
        tcb->tcb.fault.kind = seL4_Fault_NullFault;
        model_reply_remove(reply, tcb);
        tcb->tcb.state = MODEL_INACTIVE;
    } else {
        model_cancel(tcb);
    }
}

void model_finalise(struct model_object *object)
{
    switch (object->kind) {
    case ABI_CAP_ENDPOINT:
    case ABI_CAP_NOTIFICATION:
        finalise_queue(object);
        break;
    case ABI_CAP_TCB:
        finalise_tcb(object);
        break;
    case ABI_CAP_REPLY:
        finalise_reply(object);
        break;
    case ABI_CAP_SCHED_CONTEXT:
        if (object->sc.yield_from != NULL) {
            model_yield_complete(object->sc.yield_from);
        }
        model_sc_unbind_all(object);
        break;
    case ABI_CAP_ASID_POOL:
        for (unsigned i = 0; i < MODEL_ASID_POOLS; i++) {
            if (model()->asid_pools[i] == object) {
                model()->asid_pools[i] = NULL;
            }
        }
        break;
    default:
        break;
    }
}
