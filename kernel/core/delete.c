/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Deleting and revoking. Both are preemptible: whatever was done stays done, and the restarted
 * system call finds a consistent tree and continues.
 *
 * Destroying a CNode or TCB turns its last capability into a zombie, which counts the slots that
 * may still be full and is worked off from the last slot to the first. When one of these slots
 * holds the last capability of another CNode, that becomes a zombie too, and is worked off first,
 * without recursion: the inner zombie moves into the slot we work on, and the outer one into the
 * inner CNode's first slot, where it is found again when the inner CNode is otherwise empty. What
 * was in that first slot takes the inner capability's old place in the outer CNode:
 *
 *      slot    outer[k]   inner[0]             slot    outer[k]   inner[0]
 *      OUTER   INNER      x             ->     INNER   x          OUTER
 *
 * Each capability keeps its place in the derivation tree, so a revoke that comes in between finds
 * every zombie.
 */
#include <arch/cap.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/vspace.h>

/* What the end of an object's last capability means; nothing for those without an entry. */
static void (*const finalise[CAP_KINDS])(struct cap cap) = {
    [CAP_NOTIFICATION] = notification_finalise,
    [CAP_REPLY] = reply_finalise,
    [CAP_SCHED_CONTEXT] = sc_finalise,
    [CAP_TCB] = tcb_finalise,
    [CAP_IRQ_HANDLER] = irq_finalise,
    [CAP_PAGE_TABLE] = vspace_unmap,
    [CAP_VSPACE] = asid_forget_root,
    [CAP_ASID_POOL] = asid_forget_pool,
};

/* Release what the capability stands for; the slot is emptied or turned into a zombie afterwards.
 */
static struct cap cap_finalise(struct cap cap, bool final)
{
    if (cap.tag == CAP_FRAME) {
        vspace_unmap(cap); /* each capability has a mapping of its own */
    } else if (final && finalise[cap.tag] != NULL) {
        finalise[cap.tag](cap);
    } else if (final) {
        arch_cap_finalise(cap);
    }
    return !final ? cap_null()
           : cap.tag == CAP_CNODE
               ? cap_make(CAP_ZOMBIE, cap.cnode.radix, cap_kptr(cap), BIT(cap.cnode.radix))
           : cap.tag == CAP_TCB ? cap_make(CAP_ZOMBIE, ZOMBIE_TCB, cap_kptr(cap), TCB_SLOT_COUNT)
                                : cap_null();
}

static void slot_unlink(struct slot *slot)
{
    struct slot *next = slot_next(slot);
    if (slot->prev != NULL) {
        slot_set_next(slot->prev, next);
    }
    if (next != NULL) {
        next->prev = slot->prev;
        /* The group of a badge must not grow into its elder's when its first member goes. */
        next->next_flags |= slot->next_flags & MDB_FIRST_BADGED;
    }
    *slot = (struct slot){0};
    if (kernel_state.unfinished == slot) {
        kernel_state.unfinished = NULL;
    }
}

/*
 * Wake whoever waits for the endpoint or notification that dies with the capability in slot, or for
 * that of a dying interrupt handler. Meanwhile the capability has no rights and so is as good as
 * gone: nobody comes back. False: preempted.
 */
static bool drain_waiters(struct slot *slot)
{
    if (slot->cap.tag == CAP_IRQ_HANDLER && slot_is_final(slot)) {
        slot = &kernel_state.irq_slots[slot->cap.address];
    }
    word_t tag = slot->cap.tag;
    if ((tag != CAP_ENDPOINT && tag != CAP_NOTIFICATION) || !slot_is_final(slot)) {
        return true;
    }
    struct ipc_queue *queue = cap_ptr(slot->cap); /* first member of both objects */
    if (queue->head == NULL) {
        return true;
    }
    slot->cap = cap_mask_rights(slot->cap, 0);
    return ipc_queue_cancel(queue, NULL);
}

/* What a step of deleting leaves in the slot. */
enum slot_rest {
    SLOT_EMPTY,
    SLOT_ZOMBIE,
    SLOT_PREEMPTED, /* the capability, with less behind it */
};

static enum slot_rest slot_finalise(struct slot *slot)
{
    if (slot->cap.tag == CAP_ZOMBIE) {
        return SLOT_ZOMBIE;
    }
    if (!slot_is_empty(slot)) {
        if (!drain_waiters(slot)) {
            return SLOT_PREEMPTED;
        }
        struct cap rest = cap_finalise(slot->cap, slot_is_final(slot));
        if (!cap_is_null(rest)) {
            slot->cap = rest;
            return SLOT_ZOMBIE;
        }
        slot_unlink(slot);
    }
    return SLOT_EMPTY;
}

static struct slot *zombie_slots(struct cap zombie)
{
    if (zombie.zombie.kind == ZOMBIE_TCB) {
        return ((struct tcb *)cap_ptr(zombie))->slots;
    }
    return cap_ptr(zombie);
}

static void swap_slots(struct slot *a, struct slot *b)
{
    if (a != b) {
        slot_swap(a, b->cap, b, a->cap);
    }
}

/* Work on the zombie in `inner` before the one in `slot`; see the picture above. */
static void zombie_descend(struct slot *slot, struct slot *inner)
{
    swap_slots(slot, inner);
    struct slot *link = zombie_slots(slot->cap);
    if (link == slot) {
        link++; /* the slot we work on lies itself in the inner CNode */
    }
    swap_slots(inner, link);
}

/*
 * One step of working off the zombie in *slot_pointer; what it leaves there. The zombie may move to
 * another slot, when its slot is one of those to be cleared.
 */
static enum slot_rest zombie_step(struct slot **slot_pointer)
{
    struct slot *slot = *slot_pointer;
    struct slot *slots = zombie_slots(slot->cap);
    word_t count = slot->cap.zombie.slot_count;
    struct slot *last = slots + count - 1;
    if (count == 0 || (last == slot && count == 1)) {
        slot_unlink(slot);
        return SLOT_EMPTY;
    }
    if (last == slot) {
        swap_slots(slot, slots);
        *slot_pointer = slots;
        return SLOT_ZOMBIE;
    }
    enum slot_rest rest = slot_finalise(last);
    if (rest == SLOT_PREEMPTED) {
        return rest;
    }
    if (rest == SLOT_EMPTY) {
        slot->cap.zombie.slot_count = count - 1;
    } else if (count == 1) {
        /* Nothing else is left of this object: continue with the other zombie, and drop ours. */
        swap_slots(slot, last);
        slot_unlink(last);
    } else {
        zombie_descend(slot, last);
    }
    return SLOT_ZOMBIE;
}

/* A capability may take some hundred instructions: far more than other units of work. */
#define DELETE_UNITS 4

/* Delete what is in *slot_pointer; when preempted, that is where to continue. */
static enum kernel_result delete_from(struct slot **slot_pointer)
{
    enum slot_rest rest = slot_finalise(*slot_pointer);
    while (rest == SLOT_ZOMBIE) {
        rest = zombie_step(slot_pointer);
        if (rest == SLOT_ZOMBIE && preemption_point_after(DELETE_UNITS)) {
            return KRES_PREEMPTED;
        }
    }
    return rest == SLOT_EMPTY ? KRES_OK : KRES_PREEMPTED;
}

enum kernel_result slot_delete(struct slot *slot)
{
    return delete_from(&slot);
}

void slot_delete_short(struct slot *slot)
{
    enum slot_rest rest = slot_finalise(slot);
    KERNEL_ASSERT(rest == SLOT_EMPTY);
}

/*
 * Delete a child. When preempted, the repeated call begins with the first zombie among the
 * children; one that was descended to and belongs to somebody else's memory is not among them, so
 * it is noted for whoever revokes next, which is the repeated call unless its thread is stopped.
 */
static enum kernel_result delete_child(const struct slot *parent, struct slot *child)
{
    enum kernel_result result = delete_from(&child);
    if (result == KRES_PREEMPTED && child->cap.tag == CAP_ZOMBIE &&
        !cap_same_region(parent->cap, child->cap)) {
        kernel_state.unfinished = child;
    }
    return result;
}

enum kernel_result slot_revoke(struct slot *slot)
{
    struct slot *child;
    while ((child = kernel_state.unfinished) != NULL || slot_has_children(slot)) {
        enum kernel_result result = delete_child(slot, child != NULL ? child : slot_next(slot));
        if (result != KRES_OK) {
            return result;
        }
        if (preemption_point_after(DELETE_UNITS)) {
            return KRES_PREEMPTED;
        }
    }
    return KRES_OK;
}
