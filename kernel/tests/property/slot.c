/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Slots and the derivation tree of the model. A node's children are in the order in which a walk
 * over the tree meets them: what is derived last from a capability comes first behind it.
 */
#include "fail.h"
#include "model.h"

#include <string.h>

bool model_slot_empty(const struct model_slot *slot)
{
    return slot->cap.kind == ABI_CAP_NULL;
}

/* ---- links ---- */

/* Make those around a node that has moved to `slot` point there. */
static void relink(struct model_slot *slot)
{
    if (slot->prev != NULL) {
        slot->prev->next = slot;
    } else if (slot->parent != NULL) {
        slot->parent->child = slot;
    }
    if (slot->next != NULL) {
        slot->next->prev = slot;
    }
    for (struct model_slot *child = slot->child; child != NULL; child = child->next) {
        child->parent = slot;
    }
}

static void add_first_child(struct model_slot *slot, struct model_slot *parent)
{
    slot->parent = parent;
    slot->prev = NULL;
    slot->next = parent->child;
    relink(slot);
}

static void add_behind(struct model_slot *slot, struct model_slot *elder)
{
    slot->parent = elder->parent;
    slot->prev = elder;
    slot->next = elder->next;
    relink(slot);
}

static void fill(struct model_slot *slot, struct model_cap cap, bool original)
{
    check(model_slot_empty(slot), "model: slot is full");
    slot->cap = cap;
    slot->original = original;
    slot->child = NULL;
    if (cap.object != NULL) {
        cap.object->refs++;
    }
    if (cap.kind == ABI_CAP_IRQ_HANDLER) {
        model()->irqs[cap.value].handlers++;
    }
}

static void clear(struct model_slot *slot)
{
    void *kernel_slot = slot->kernel_slot;
    *slot = (struct model_slot){.kernel_slot = kernel_slot};
}

/* Take the node out; its children take its place among its siblings. */
static void take_out(struct model_slot *slot)
{
    struct model_slot *first = slot->child;
    struct model_slot *last = first;
    for (struct model_slot *child = first; child != NULL; child = child->next) {
        child->parent = slot->parent;
        last = child;
    }
    struct model_slot *next = slot->next;
    if (first != NULL) {
        first->prev = slot->prev;
        last->next = next;
    }
    struct model_slot *head = first != NULL ? first : next;
    if (slot->prev != NULL) {
        slot->prev->next = head;
    } else if (slot->parent != NULL) {
        slot->parent->child = head;
    }
    if (next != NULL) {
        next->prev = last != NULL ? last : slot->prev;
    }
    clear(slot);
}

struct model_slot *model_slot_successor(struct model_slot *slot)
{
    if (slot->child != NULL) {
        return slot->child;
    }
    while (slot != NULL && slot->next == NULL) {
        slot = slot->parent;
    }
    return slot == NULL ? NULL : slot->next;
}

/* ---- inserting and moving ---- */

void model_slot_insert_original(struct model_slot *slot, struct model_cap cap,
                                struct model_slot *parent)
{
    fill(slot, cap, true);
    if (parent != NULL) {
        add_first_child(slot, parent);
    }
}

void model_slot_insert(struct model_slot *slot, struct model_cap cap, struct model_slot *source,
                       bool original)
{
    fill(slot, cap, original);
    if (source->original) {
        add_first_child(slot, source);
    } else {
        add_behind(slot, source);
    }
}

void model_slot_copy(struct model_slot *slot, struct model_cap cap, struct model_slot *source)
{
    bool original = cap.kind == ABI_CAP_UNTYPED;
    if (cap.kind == ABI_CAP_ENDPOINT || cap.kind == ABI_CAP_NOTIFICATION) {
        original = cap.value != source->cap.value;
    }
    model_slot_insert(slot, cap, source, original);
    if (cap.kind == ABI_CAP_UNTYPED) {
        source->cap.value = UINT64_C(1) << source->cap.bits;
    }
}

void model_slot_move(struct model_slot *dest, struct model_cap cap, struct model_slot *source)
{
    void *kernel_slot = dest->kernel_slot;
    check(model_slot_empty(dest) && dest != source, "model: move to a full slot");
    *dest = *source;
    dest->cap = cap;
    dest->kernel_slot = kernel_slot;
    clear(source);
    relink(dest);
}

void model_slot_swap(struct model_slot *a, struct model_cap cap_a, struct model_slot *b,
                     struct model_cap cap_b)
{
    struct model_slot spare = {0};
    model_slot_move(&spare, a->cap, a);
    model_slot_move(a, cap_a, b);
    model_slot_move(b, cap_b, &spare);
}

/* ---- deleting ---- */

/* Delete what an object's slots hold, from the last to the first. */
static void delete_contents(struct model_object *object)
{
    for (unsigned i = object->slot_count; i-- > 0;) {
        model_slot_delete(&object->slots[i]);
    }
}

void model_slot_delete(struct model_slot *slot)
{
    struct model_cap cap = slot->cap;
    if (model_slot_empty(slot)) {
        return;
    }
    bool final = cap.object != NULL && --cap.object->refs == 0;
    if (cap.kind == ABI_CAP_FRAME) {
        model_unmap_frame(&cap);
    } else if (final && cap.kind == ABI_CAP_PAGE_TABLE) {
        model_unmap_table(&cap);
    } else if (final && cap.kind == ABI_CAP_VSPACE) {
        model_forget_root(&cap);
    } else if (cap.kind == ABI_CAP_IRQ_HANDLER) {
        if (--model()->irqs[cap.value].handlers == 0) {
            model_irq_finalise((unsigned)cap.value);
        }
    }
    if (final && cap.object != NULL) {
        /* While its contents go, nobody finds the capability any more. */
        slot->cap.kind = ABI_CAP_ZOMBIE;
        slot->cap.object = NULL;
        cap.object->live = false;
        model_finalise(cap.object);
        delete_contents(cap.object);
    }
    /* The slot itself may have been among those contents. */
    if (!model_slot_empty(slot)) {
        take_out(slot);
    }
}

void model_slot_revoke(struct model_slot *slot)
{
    while (slot->child != NULL) {
        model_slot_delete(slot->child);
    }
}

/* ---- deriving ---- */

unsigned model_cnode_radix(const struct model_cap *cap)
{
    return cap->object->bits - seL4_SlotBits;
}

bool model_cap_derive(const struct model_slot *slot, struct model_cap *cap)
{
    switch (cap->kind) {
    case ABI_CAP_UNTYPED:
        return slot->child == NULL || model_fail(seL4_RevokeFirst);
    case ABI_CAP_IRQ_CONTROL:
    case ABI_CAP_ZOMBIE:
        cap->kind = ABI_CAP_NULL;
        return true;
    case ABI_CAP_FRAME:
        cap->asid = 0;
        cap->vaddr = 0;
        return true;
    case ABI_CAP_PAGE_TABLE:
    case ABI_CAP_VSPACE:
        return cap->asid != 0 || model_fail(seL4_IllegalOperation);
    default:
        return true;
    }
}

struct model_cap model_cap_mask(struct model_cap cap, uint64_t rights)
{
    bool reads = (rights & seL4_RightRead) != 0;
    bool writes = (rights & seL4_RightWrite) != 0;
    switch (cap.kind) {
    case ABI_CAP_ENDPOINT:
    case ABI_CAP_NOTIFICATION:
    case ABI_CAP_REPLY:
        cap.rights = (uint8_t)(cap.rights & rights);
        break;
    case ABI_CAP_FRAME:
        if (!reads || cap.rights == MODEL_FRAME_NONE) {
            cap.rights = MODEL_FRAME_NONE;
        } else if (!writes || cap.rights == MODEL_FRAME_READ) {
            cap.rights = MODEL_FRAME_READ;
        }
        break;
    default:
        break;
    }
    return cap;
}

struct model_cap model_cap_update(struct model_cap cap, uint64_t data, bool keeps_place)
{
    switch (cap.kind) {
    case ABI_CAP_ENDPOINT:
    case ABI_CAP_NOTIFICATION:
        if (keeps_place || cap.value != 0) {
            cap.kind = ABI_CAP_NULL;
        }
        cap.value = data;
        break;
    case ABI_CAP_CNODE:
        cap.bits = data & 63;
        cap.value = data >> 6 & ((UINT64_C(1) << cap.bits) - 1);
        if (cap.bits + model_cnode_radix(&cap) > 64) {
            cap.kind = ABI_CAP_NULL;
        }
        break;
    default:
        break;
    }
    return cap;
}
