/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of the model that make, move and end capabilities: untyped, CNode, interrupts. */
#include "model.h"

#include <stddef.h>

/* ---- Retype ---- */

struct retype {
    uint64_t type;
    uint64_t size;
    uint64_t bits; /* of each object */
    uint64_t count;
    struct model_slot *slots;
};

static uint64_t object_bits(uint64_t type, uint64_t size)
{
    switch (type) {
    case seL4_UntypedObject:
    case seL4_SchedContextObject:
        return size;
    case seL4_TCBObject:
        return seL4_TCBBits;
    case seL4_EndpointObject:
        return seL4_EndpointBits;
    case seL4_NotificationObject:
        return seL4_NotificationBits;
    case seL4_CapTableObject:
        return size + seL4_SlotBits;
    case seL4_ReplyObject:
        return seL4_ReplyBits;
    case seL4_ARM_HugePageObject:
        return seL4_HugePageBits;
    case seL4_ARM_LargePageObject:
        return seL4_LargePageBits;
    default:
        return seL4_PageBits;
    }
}

static bool check_type(struct retype *request)
{
    if (request->type >= seL4_ObjectTypeCount) {
        return model_fail_word(seL4_InvalidArgument, 0);
    }
    if (request->size >= 64 || object_bits(request->type, request->size) > seL4_MaxUntypedBits) {
        return model_fail_range(0, seL4_MaxUntypedBits);
    }
    if ((request->type == seL4_CapTableObject && request->size < 1) ||
        (request->type == seL4_UntypedObject && request->size < seL4_MinUntypedBits) ||
        (request->type == seL4_SchedContextObject && request->size < seL4_MinSchedContextBits)) {
        return model_fail_word(seL4_InvalidArgument, 1);
    }
    request->bits = object_bits(request->type, request->size);
    return true;
}

static bool check_destination(const struct model_invocation *inv, struct retype *request)
{
    uint64_t depth = model_word(inv, 3);
    uint64_t offset = model_word(inv, 4);
    struct model_slot *node = inv->extra[0];
    if (depth != 0 && !model_lookup_slot(&node->cap, model_word(inv, 2), depth, false, &node)) {
        return false;
    }
    if (node->cap.kind != ABI_CAP_CNODE) {
        model_lookup_missing(depth);
        return model_fail_lookup(false);
    }
    uint64_t slots = node->cap.object->slot_count;
    if (offset >= slots) {
        return model_fail_range(0, slots - 1);
    }
    if (request->count < 1 || request->count > seL4_UntypedRetypeMaxObjects) {
        return model_fail_range(1, seL4_UntypedRetypeMaxObjects);
    }
    if (request->count > slots - offset) {
        return model_fail_range(1, slots - offset);
    }
    request->slots = &node->cap.object->slots[offset];
    for (uint64_t i = 0; i < request->count; i++) {
        if (!model_slot_empty(&request->slots[i])) {
            return model_fail(seL4_DeleteFirst);
        }
    }
    return true;
}

static struct model_cap fresh_cap(const struct retype *request, uint64_t paddr)
{
    static const uint8_t kinds[seL4_ObjectTypeCount] = {
        [seL4_TCBObject] = ABI_CAP_TCB,
        [seL4_EndpointObject] = ABI_CAP_ENDPOINT,
        [seL4_NotificationObject] = ABI_CAP_NOTIFICATION,
        [seL4_CapTableObject] = ABI_CAP_CNODE,
        [seL4_SchedContextObject] = ABI_CAP_SCHED_CONTEXT,
        [seL4_ReplyObject] = ABI_CAP_REPLY,
        [seL4_ARM_HugePageObject] = ABI_CAP_FRAME,
        [seL4_ARM_LargePageObject] = ABI_CAP_FRAME,
        [seL4_ARM_SmallPageObject] = ABI_CAP_FRAME,
        [seL4_ARM_PageTableObject] = ABI_CAP_PAGE_TABLE,
        [seL4_ARM_VSpaceObject] = ABI_CAP_VSPACE,
    };
    static const uint8_t rights[] = {
        [ABI_CAP_FRAME] = MODEL_FRAME_WRITE,
        [ABI_CAP_ENDPOINT] = seL4_RightAll,
        [ABI_CAP_NOTIFICATION] = seL4_RightRead | seL4_RightWrite,
        [ABI_CAP_REPLY] = seL4_RightGrant,
        [ABI_CAP_SCHED_CONTEXT] = 0,
    };
    if (request->type == seL4_UntypedObject) {
        return (struct model_cap){
            .kind = ABI_CAP_UNTYPED, .bits = (uint8_t)request->size, .paddr = paddr};
    }
    uint8_t kind = kinds[request->type];
    return (struct model_cap){.kind = kind,
                              .rights = rights[kind],
                              .object = model_object_create(kind, (uint8_t)request->bits, paddr)};
}

bool model_untyped(struct model_invocation *inv)
{
    if (inv->label != UntypedRetype) {
        return model_fail(seL4_IllegalOperation);
    }
    if (inv->length < 6 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    struct retype request = {
        .type = model_word(inv, 0), .size = model_word(inv, 1), .count = model_word(inv, 5)};
    if (!check_type(&request) || !check_destination(inv, &request)) {
        return false;
    }
    uint64_t bytes = UINT64_C(1) << inv->cap.bits;
    uint64_t object_bytes = UINT64_C(1) << request.bits;
    uint64_t used = inv->slot->child == NULL ? 0 : inv->cap.value;
    if ((bytes - used) / object_bytes < request.count) {
        return model_fail_word(seL4_NotEnoughMemory, bytes - used);
    }
    uint64_t paddr = (inv->cap.paddr + used + object_bytes - 1) / object_bytes * object_bytes;
    inv->slot->cap.value = paddr + request.count * object_bytes - inv->cap.paddr;
    for (uint64_t i = 0; i < request.count; i++) {
        model_slot_insert_original(&request.slots[i], fresh_cap(&request, paddr), inv->slot);
        paddr += object_bytes;
    }
    return true;
}

/* ---- CNode ---- */

static bool copy(struct model_invocation *inv, struct model_slot *dest, struct model_slot *source)
{
    bool mint = inv->label == CNodeMint;
    if (inv->length < (mint ? 6 : 5)) {
        return model_fail(seL4_TruncatedMessage);
    }
    struct model_cap cap = model_cap_mask(source->cap, model_word(inv, 4));
    if (mint) {
        cap = model_cap_update(cap, model_word(inv, 5), false);
    }
    if (!model_cap_derive(source, &cap)) {
        return false;
    }
    if (cap.kind == ABI_CAP_NULL) {
        return model_fail(seL4_IllegalOperation);
    }
    model_slot_copy(dest, cap, source);
    return true;
}

static bool move(struct model_invocation *inv, struct model_slot *dest, struct model_slot *source)
{
    struct model_cap cap = source->cap;
    if (inv->label == CNodeMutate) {
        if (inv->length < 5) {
            return model_fail(seL4_TruncatedMessage);
        }
        cap = model_cap_update(cap, model_word(inv, 4), true);
    }
    if (cap.kind == ABI_CAP_NULL) {
        return model_fail(seL4_IllegalOperation);
    }
    model_slot_move(dest, cap, source);
    return true;
}

static bool copy_or_move(struct model_invocation *inv, struct model_slot *dest)
{
    struct model_slot *source;
    if (inv->length < 4 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!model_slot_empty(dest)) {
        return model_fail(seL4_DeleteFirst);
    }
    uint64_t depth = model_word(inv, 3);
    if (!model_lookup_slot(&inv->extra[0]->cap, model_word(inv, 2), depth, true, &source)) {
        return false;
    }
    if (model_slot_empty(source)) {
        model_lookup_missing(depth);
        return model_fail_lookup(true);
    }
    bool copies = inv->label == CNodeCopy || inv->label == CNodeMint;
    return copies ? copy(inv, dest, source) : move(inv, dest, source);
}

static bool rotate(struct model_invocation *inv, struct model_slot *dest)
{
    struct model_slot *source;
    struct model_slot *pivot;
    if (inv->length < 8 || inv->extra_count < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t pivot_depth = model_word(inv, 4);
    uint64_t source_depth = model_word(inv, 7);
    if (!model_lookup_slot(&inv->extra[1]->cap, model_word(inv, 6), source_depth, true, &source) ||
        !model_lookup_slot(&inv->extra[0]->cap, model_word(inv, 3), pivot_depth, true, &pivot)) {
        return false;
    }
    if (pivot == source || pivot == dest) {
        return model_fail(seL4_IllegalOperation);
    }
    if (source != dest && !model_slot_empty(dest)) {
        return model_fail(seL4_DeleteFirst);
    }
    if (model_slot_empty(source) || model_slot_empty(pivot)) {
        bool source_is_empty = model_slot_empty(source);
        model_lookup_missing(source_is_empty ? source_depth : pivot_depth);
        return model_fail_lookup(source_is_empty);
    }
    struct model_cap to_pivot = model_cap_update(source->cap, model_word(inv, 5), true);
    struct model_cap to_dest = model_cap_update(pivot->cap, model_word(inv, 2), true);
    if (to_pivot.kind == ABI_CAP_NULL || to_dest.kind == ABI_CAP_NULL) {
        return model_fail(seL4_IllegalOperation);
    }
    if (source == dest) {
        model_slot_swap(dest, to_dest, pivot, to_pivot);
    } else {
        model_slot_move(dest, to_dest, pivot);
        model_slot_move(pivot, to_pivot, source);
    }
    return true;
}

static bool cancel_badged(const struct model_slot *slot)
{
    const struct model_cap *cap = &slot->cap;
    if (cap->kind != ABI_CAP_ENDPOINT || cap->rights != seL4_RightAll) {
        return model_fail(seL4_IllegalOperation);
    }
    if (cap->value != 0) {
        model_cancel_badged(cap->object, cap->value);
    }
    return true;
}

bool model_cnode(struct model_invocation *inv)
{
    struct model_slot *slot;
    if (inv->label < CNodeRevoke || inv->label > CNodeRotate) {
        return model_fail(seL4_IllegalOperation);
    }
    if (inv->length < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!model_lookup_slot(&inv->cap, model_word(inv, 0), model_word(inv, 1), false, &slot)) {
        return false;
    }
    switch (inv->label) {
    case CNodeRevoke:
        model_slot_revoke(slot);
        return true;
    case CNodeDelete:
        model_slot_delete(slot);
        return true;
    case CNodeCancelBadgedSends:
        return cancel_badged(slot);
    case CNodeRotate:
        return rotate(inv, slot);
    default:
        return copy_or_move(inv, slot);
    }
}

/* ---- interrupts ---- */

enum {
    SGI_COUNT = 16,
    SGI_TARGETS = 8
};

void model_irq_finalise(unsigned number)
{
    struct model_irq *irq = &model()->irqs[number];
    model_slot_delete(&irq->slot);
    irq->issued = false;
    irq->enabled = false;
    irq->pending = false;
}

static bool issue_sgi(struct model_invocation *inv)
{
    struct model_slot *dest;
    if (inv->length < 4 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t number = model_word(inv, 0);
    uint64_t target = model_word(inv, 1);
    if (number >= SGI_COUNT) {
        return model_fail_range(0, SGI_COUNT - 1);
    }
    if (target >= SGI_TARGETS) {
        return model_fail_word(seL4_InvalidArgument, 1);
    }
    if (!model_lookup_empty(&inv->extra[0]->cap, model_word(inv, 2), model_word(inv, 3), &dest)) {
        return false;
    }
    struct model_cap cap = {.kind = ABI_CAP_SGI_SIGNAL, .bits = (uint8_t)number, .value = target};
    model_slot_insert(dest, cap, inv->slot, true);
    return true;
}

bool model_sgi(const struct model_invocation *inv)
{
    if (inv->cap.value == 0) { /* this core */
        model()->irqs[inv->cap.bits].pending = true;
    }
    return true;
}

static bool issue_handler(struct model_invocation *inv, unsigned first)
{
    struct model_slot *dest;
    if (inv->length < first + 2 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t number = model_word(inv, 0);
    if (number >= MODEL_IRQS) {
        return model_fail_range(0, MODEL_IRQS - 1);
    }
    struct model_irq *irq = &model()->irqs[number];
    if (irq->issued || irq->reserved) {
        return model_fail(seL4_RevokeFirst);
    }
    if (!model_lookup_empty(&inv->extra[0]->cap, model_word(inv, first), model_word(inv, first + 1),
                            &dest)) {
        return false;
    }
    irq->issued = true;
    irq->enabled = true;
    struct model_cap cap = {.kind = ABI_CAP_IRQ_HANDLER, .value = number};
    model_slot_insert(dest, cap, inv->slot, true);
    return true;
}

bool model_irq_control(struct model_invocation *inv)
{
    switch (inv->label) {
    case IRQIssueIRQHandler:
        return issue_handler(inv, 1);
    case ARMIRQIssueIRQHandlerTrigger:
        return issue_handler(inv, 2);
    case ARMIRQIssueSGISignal:
        return issue_sgi(inv);
    default:
        return model_fail(seL4_IllegalOperation);
    }
}

bool model_irq_handler(struct model_invocation *inv)
{
    struct model_irq *irq = &model()->irqs[inv->cap.value];
    switch (inv->label) {
    case IRQAckIRQ:
        irq->enabled = true;
        return true;
    case IRQClearIRQHandler:
        model_slot_delete(&irq->slot);
        return true;
    case IRQSetIRQHandler:
        break;
    default:
        return model_fail(seL4_IllegalOperation);
    }
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    struct model_slot *source = inv->extra[0];
    if (source->cap.kind != ABI_CAP_NOTIFICATION || (source->cap.rights & seL4_RightWrite) == 0) {
        return model_fail_word(seL4_InvalidCapability, 0);
    }
    model_slot_delete(&irq->slot);
    model_slot_copy(&irq->slot, source->cap, source);
    return true;
}
