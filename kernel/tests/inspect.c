/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See inspect.h. */
#include "inspect.h"

#include <kernel/ipc.h>
#include <kernel/node.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check_links(struct slot *slot)
{
    struct slot *next = slot_next(slot);
    if (slot->prev != NULL) {
        assert_ptr_equal(slot_next(slot->prev), slot);
        assert_false(slot_is_empty(slot->prev));
    }
    if (next != NULL) {
        assert_ptr_equal(next->prev, slot);
        assert_false(slot_is_empty(next));
    }
}

static bool overlap(struct cap a, struct cap b)
{
    word_t a_bits = cap_object_bits(a);
    word_t b_bits = cap_object_bits(b);
    return a_bits > 0 && b_bits > 0 && cap_kptr(a) <= cap_kptr(b) + MASK(b_bits) &&
           cap_kptr(b) <= cap_kptr(a) + MASK(a_bits);
}

/* Of two neighbours the second is a child or copy of the first, or their memory is disjoint. */
static void check_neighbours(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    if (next == NULL || slot->cap.tag == CAP_ZOMBIE || next->cap.tag == CAP_ZOMBIE) {
        return;
    }
    if (overlap(slot->cap, next->cap)) {
        assert_true(cap_same_region(slot->cap, next->cap));
    }
}

/* Free memory of an untyped lies behind everything made from it. */
static void check_untyped(const struct slot *slot)
{
    word_t used = slot->cap.untyped.free_index << UNTYPED_UNIT_BITS;
    if (slot->cap.tag != CAP_UNTYPED) {
        return;
    }
    for (const struct slot *child = slot_next(slot); child != NULL && mdb_is_parent_of(slot, child);
         child = slot_next(child)) {
        word_t bits = cap_object_bits(child->cap);
        assert_true(bits > 0);
        assert_true(cap_kptr(child->cap) + BIT(bits) <= cap_kptr(slot->cap) + used);
    }
}

void inspect_tree(void)
{
    struct cap root = node()->current->slots[TCB_CSPACE].cap;
    struct slot *slots = cap_ptr(root);
    assert_int_equal(root.tag, CAP_CNODE);
    for (word_t i = 0; i < BIT(root.cnode.radix); i++) {
        if (slot_is_empty(&slots[i])) {
            assert_null(slots[i].prev);
            assert_int_equal(slots[i].next_flags, 0);
            continue;
        }
        check_links(&slots[i]);
        check_neighbours(&slots[i]);
        check_untyped(&slots[i]);
    }
}

/* ---- objects ---- */

static bool is_queued(const struct ipc_queue *queue, const struct tcb *tcb)
{
    const struct tcb *entry = queue->head;
    while (entry != NULL && entry != tcb) {
        entry = entry->links[LINK_IPC].next;
    }
    return entry == tcb;
}

static void check_ipc_queue(const struct ipc_queue *queue)
{
    const struct tcb *last = NULL;
    for (const struct tcb *tcb = queue->head; tcb != NULL; tcb = tcb->links[LINK_IPC].next) {
        assert_ptr_equal(tcb->links[LINK_IPC].prev, last);
        assert_true(last == NULL || last->priority >= tcb->priority);
        assert_ptr_equal(tcb->blocked_on, queue); /* the queue is the object's first member */
        last = tcb;
    }
    assert_ptr_equal(ipc_queue_tail(queue), last);
}

static bool is_ready(const struct tcb *tcb)
{
    const struct tcb *entry = node()->ready[tcb->domain][tcb->priority].head;
    while (entry != NULL && entry != tcb) {
        entry = entry->links[LINK_SCHED].next;
    }
    return entry == tcb;
}

static bool waits_for_refill(const struct tcb *tcb)
{
    const struct tcb *entry = node()->release.head;
    while (entry != NULL && entry != tcb) {
        assert_true(entry->links[LINK_SCHED].next == NULL ||
                    refill_head(entry->sc)->time <=
                        refill_head(entry->links[LINK_SCHED].next->sc)->time);
        entry = entry->links[LINK_SCHED].next;
    }
    return entry == tcb;
}

static void check_tcb(struct tcb *tcb)
{
    assert_int_equal(is_ready(tcb), tcb->in_ready_queue);
    assert_int_equal(waits_for_refill(tcb), tcb->in_release_queue);
    if (tcb != node()->current && sched_is_schedulable(tcb)) {
        assert_true(tcb->in_ready_queue);
    }
    if (!tcb_is_runnable(tcb)) {
        assert_false(tcb->in_ready_queue || tcb->in_release_queue);
    }
    switch (tcb->state) {
    case THREAD_BLOCKED_SEND:
    case THREAD_BLOCKED_RECEIVE:
    case THREAD_BLOCKED_NOTIFICATION:
        assert_true(is_queued(tcb->blocked_on, tcb));
        break;
    case THREAD_BLOCKED_REPLY:
        assert_non_null(tcb->reply);
        break;
    default:
        assert_null(tcb->reply);
        break;
    }
    if (tcb->reply != NULL) {
        assert_ptr_equal(tcb->reply->tcb, tcb);
    }
    if (tcb->sc != NULL) {
        assert_ptr_equal(tcb->sc->tcb, tcb);
    }
    if (tcb->bound_notification != NULL) {
        assert_ptr_equal(tcb->bound_notification->bound_tcb, tcb);
    }
    if (tcb->yield_to != NULL) {
        assert_ptr_equal(tcb->yield_to->yield_from, tcb);
    }
}

static void check_refills(struct sched_context *sc, word_t size_bits)
{
    word_t capacity = (BIT(size_bits) - sizeof(*sc)) / sizeof(struct refill);
    if (!sc_is_active(sc)) {
        return;
    }
    assert_in_range(sc->refill_max, 2, capacity);
    assert_in_range(sc->refill_count, 1, sc->refill_max);
    assert_true(sc->refill_head < sc->refill_max);
    if (sc->period == 0) {
        assert_int_equal(sc->refill_count, 2);
        return;
    }
    assert_true(refill_head(sc)->amount >= refill_min_budget());
    for (word_t i = 1; i < sc->refill_count; i++) {
        const struct refill *before = &sc->refills[(sc->refill_head + i - 1) % sc->refill_max];
        const struct refill *after = &sc->refills[(sc->refill_head + i) % sc->refill_max];
        assert_true(before->time + before->amount <= after->time);
    }
}

static void check_sched_context(struct sched_context *sc, word_t size_bits)
{
    check_refills(sc, size_bits);
    assert_true(sc->tcb == NULL || sc->tcb->sc == sc);
    assert_true(sc->notification == NULL || sc->notification->sc == sc);
    assert_true(sc->yield_from == NULL || sc->yield_from->yield_to == sc);
    word_t above = (word_t)sc | REPLY_ABOVE_IS_SC;
    for (const struct reply *reply = sc->reply; reply != NULL; reply = reply->below) {
        assert_int_equal(reply->above, above);
        assert_non_null(reply->tcb);
        assert_int_equal(reply->tcb->state, THREAD_BLOCKED_REPLY);
        above = (word_t)reply;
    }
}

static void check_notification(const struct notification *notification)
{
    check_ipc_queue(&notification->queue);
    assert_true(notification->bound_tcb == NULL ||
                notification->bound_tcb->bound_notification == notification);
    assert_true(notification->sc == NULL || notification->sc->notification == notification);
}

static void check_reply(const struct reply *reply)
{
    if (reply->tcb == NULL) {
        assert_int_equal(reply->above, 0);
        assert_null(reply->below);
    } else {
        assert_ptr_equal(reply->tcb->reply, reply);
    }
}

static void check_object(struct cap cap)
{
    switch (cap.tag) {
    case CAP_TCB:
        check_tcb(cap_ptr(cap));
        break;
    case CAP_SCHED_CONTEXT:
        check_sched_context(cap_ptr(cap), cap.aux);
        break;
    case CAP_ENDPOINT:
        check_ipc_queue(&((struct endpoint *)cap_ptr(cap))->queue);
        break;
    case CAP_NOTIFICATION:
        check_notification(cap_ptr(cap));
        break;
    case CAP_REPLY:
        check_reply(cap_ptr(cap));
        break;
    default:
        break;
    }
}

void inspect_objects(void)
{
    struct cap root = node()->current->slots[TCB_CSPACE].cap;
    const struct slot *slots = cap_ptr(root);
    for (word_t i = 0; i < BIT(root.cnode.radix); i++) {
        check_object(slots[i].cap);
    }
}
