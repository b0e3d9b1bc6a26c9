/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of threads of the model. */
#include "model.h"

#include <stddef.h>

/* ---- registers ---- */

static bool read_registers(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t count = model_word(inv, 1);
    if (count < 1 || count > ABI_CONTEXT_WORDS) {
        return model_fail_range(1, ABI_CONTEXT_WORDS);
    }
    if (tcb == inv->caller) {
        return model_fail(seL4_IllegalOperation);
    }
    if ((model_word(inv, 0) & 1) != 0) {
        model_suspend(tcb);
    }
    uint64_t *order[ABI_CONTEXT_WORDS];
    model_context_order(tcb, order);
    for (unsigned i = 0; i < count; i++) {
        model_result(inv, *order[i]);
    }
    return true;
}

static bool write_registers(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 2 || inv->length - 2 < model_word(inv, 1)) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (tcb == inv->caller) {
        return model_fail(seL4_IllegalOperation);
    }
    uint64_t count = model_word(inv, 1);
    bool resume = (model_word(inv, 0) & 1) != 0;
    uint64_t *order[ABI_CONTEXT_WORDS];
    model_context_order(tcb, order);
    for (unsigned i = 0; i < count && i < ABI_CONTEXT_WORDS; i++) {
        *order[i] = model_word(inv, 2 + i);
    }
    tcb->tcb.spsr = model_sanitise_flags(tcb->tcb.spsr);
    tcb->tcb.next_ip = tcb->tcb.fault_ip;
    if (resume) {
        model_resume(tcb);
    }
    return true;
}

static bool copy_registers(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (inv->extra[0]->cap.kind != ABI_CAP_TCB) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    struct model_object *source = inv->extra[0]->cap.object;
    uint64_t flags = model_word(inv, 0);
    uint64_t *from[ABI_CONTEXT_WORDS];
    uint64_t *to[ABI_CONTEXT_WORDS];
    model_context_order(source, from);
    model_context_order(tcb, to);
    if ((flags & 1) != 0) {
        model_suspend(source);
    }
    if ((flags & 2) != 0) {
        model_resume(tcb);
    }
    unsigned first = (flags & 4) != 0 ? 0 : ABI_CONTEXT_FRAME_WORDS;
    unsigned end = (flags & 8) != 0 ? ABI_CONTEXT_WORDS : ABI_CONTEXT_FRAME_WORDS;
    for (unsigned i = first; i < end; i++) {
        *to[i] = *from[i];
    }
    if ((flags & 4) != 0) {
        tcb->tcb.next_ip = tcb->tcb.fault_ip;
    }
    return true;
}

static bool set_tls_base(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    tcb->tcb.rest[MODEL_REST - 2] = model_word(inv, 0);
    return true;
}

/* ---- slots of the thread ---- */

struct new_cap {
    struct model_cap cap;
    struct model_slot *source;
};

/* What deleting the old one destroyed is not used any more. */
static void replace(struct model_invocation *inv, struct model_object *tcb, unsigned index,
                    struct new_cap new_cap)
{
    model_slot_delete(&tcb->slots[index]);
    bool tcb_is_there =
        inv->slot->cap.kind == ABI_CAP_TCB && inv->slot->cap.object == tcb && tcb->live;
    if (tcb_is_there && new_cap.cap.kind != ABI_CAP_NULL &&
        new_cap.source->cap.kind == new_cap.cap.kind &&
        new_cap.source->cap.object == new_cap.cap.object) {
        model_slot_copy(&tcb->slots[index], new_cap.cap, new_cap.source);
    }
}

static bool take_buffer(struct model_slot *source, uint64_t address, struct new_cap *out)
{
    *out = (struct new_cap){.cap = {.kind = ABI_CAP_NULL}, .source = source};
    if (address == 0) {
        return true;
    }
    if (source->cap.kind != ABI_CAP_FRAME) {
        return model_fail(seL4_IllegalOperation);
    }
    out->cap = source->cap;
    model_cap_derive(source, &out->cap);
    return address % (1u << seL4_IPCBufferSizeBits) == 0 || model_fail(seL4_AlignmentError);
}

static bool take_spaces(struct model_slot *cspace, uint64_t data, struct model_slot *vspace,
                        struct new_cap out[2])
{
    out[0] = (struct new_cap){.cap = cspace->cap, .source = cspace};
    out[1] = (struct new_cap){.cap = vspace->cap, .source = vspace};
    if (data != 0) {
        out[0].cap = model_cap_update(cspace->cap, data, false);
    }
    return (out[0].cap.kind == ABI_CAP_CNODE && vspace->cap.kind == ABI_CAP_VSPACE &&
            vspace->cap.asid != 0) ||
           model_fail(seL4_IllegalOperation);
}

static bool take_handler(struct model_slot *source, uint64_t index, struct new_cap *out)
{
    const struct model_cap *cap = &source->cap;
    *out = (struct new_cap){.cap = *cap, .source = source};
    bool valid = cap->kind == ABI_CAP_NULL ||
                 (cap->kind == ABI_CAP_ENDPOINT && (cap->rights & seL4_RightWrite) != 0 &&
                  (cap->rights & (seL4_RightGrant | seL4_RightGrantReply)) != 0);
    return valid || model_fail_word(seL4_InvalidCapability, index);
}

static bool configure(struct model_invocation *inv, struct model_object *tcb)
{
    struct new_cap buffer;
    struct new_cap spaces[2];
    if (inv->length < 3 || inv->extra_count < 3) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t address = model_word(inv, 2);
    if (!take_buffer(inv->extra[2], address, &buffer) ||
        !take_spaces(inv->extra[0], model_word(inv, 0), inv->extra[1], spaces)) {
        return false;
    }
    replace(inv, tcb, MODEL_CSPACE, spaces[0]);
    replace(inv, tcb, MODEL_VSPACE, spaces[1]);
    replace(inv, tcb, MODEL_BUFFER, buffer);
    tcb->tcb.buffer_address = address;
    return true;
}

static bool set_space(struct model_invocation *inv, struct model_object *tcb)
{
    struct new_cap handler;
    struct new_cap spaces[2];
    if (inv->length < 2 || inv->extra_count < 3) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!take_spaces(inv->extra[1], model_word(inv, 0), inv->extra[2], spaces) ||
        !take_handler(inv->extra[0], 1, &handler)) {
        return false;
    }
    replace(inv, tcb, MODEL_HANDLER, handler);
    replace(inv, tcb, MODEL_CSPACE, spaces[0]);
    replace(inv, tcb, MODEL_VSPACE, spaces[1]);
    return true;
}

static bool set_buffer(struct model_invocation *inv, struct model_object *tcb)
{
    struct new_cap buffer;
    if (inv->length < 1 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!take_buffer(inv->extra[0], model_word(inv, 0), &buffer)) {
        return false;
    }
    uint64_t address = model_word(inv, 0);
    replace(inv, tcb, MODEL_BUFFER, buffer);
    tcb->tcb.buffer_address = address;
    return true;
}

static bool set_timeout_endpoint(struct model_invocation *inv, struct model_object *tcb)
{
    struct new_cap handler;
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (!take_handler(inv->extra[0], 1, &handler)) {
        return false;
    }
    replace(inv, tcb, MODEL_TIMEOUT, handler);
    return true;
}

/* ---- priorities ---- */

static bool set_priority(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (inv->extra[0]->cap.kind != ABI_CAP_TCB) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    uint8_t maximum = inv->extra[0]->cap.object->tcb.mcp;
    uint64_t value = model_word(inv, 0);
    if (value > maximum) {
        return model_fail_range(0, maximum);
    }
    if (inv->label == TCBSetPriority) {
        model_set_priority(tcb, (uint8_t)value);
    } else {
        tcb->tcb.mcp = (uint8_t)value;
    }
    return true;
}

static bool check_new_sc(const struct model_object *tcb, const struct model_object *caller,
                         const struct model_cap *cap)
{
    if (cap->kind == ABI_CAP_NULL) {
        return tcb != caller || model_fail(seL4_IllegalOperation);
    }
    if (cap->kind != ABI_CAP_SCHED_CONTEXT) {
        return model_fail_word(seL4_InvalidCapability, 2);
    }
    const struct model_object *sc = cap->object;
    if ((tcb->tcb.sc != sc && (tcb->tcb.sc != NULL || sc->sc.tcb != NULL)) ||
        (model_blocked(tcb) && !model_sc_ready(sc))) {
        return model_fail(seL4_IllegalOperation);
    }
    return true;
}

static bool set_sched_params(struct model_invocation *inv, struct model_object *tcb)
{
    struct new_cap handler;
    if (inv->length < 2 || inv->extra_count < 3) {
        return model_fail(seL4_TruncatedMessage);
    }
    if (inv->extra[0]->cap.kind != ABI_CAP_TCB) {
        return model_fail_word(seL4_InvalidCapability, 1);
    }
    uint8_t maximum = inv->extra[0]->cap.object->tcb.mcp;
    uint64_t mcp = model_word(inv, 0);
    uint64_t priority = model_word(inv, 1);
    if (mcp > maximum || priority > maximum) {
        return model_fail_range(0, maximum);
    }
    struct model_object *sc = inv->extra[1]->cap.object;
    if (!check_new_sc(tcb, inv->caller, &inv->extra[1]->cap) ||
        !take_handler(inv->extra[2], 3, &handler)) {
        return false;
    }
    replace(inv, tcb, MODEL_HANDLER, handler);
    tcb->tcb.mcp = (uint8_t)mcp;
    model_set_priority(tcb, (uint8_t)priority);
    if (tcb->tcb.sc == sc) {
        return true;
    }
    if (sc == NULL) {
        model_sc_detach(tcb->tcb.sc);
    } else {
        model_sc_donate(sc, tcb);
    }
    return true;
}

/* ---- the small ones ---- */

static bool bind_notification(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->extra_count < 1) {
        return model_fail(seL4_TruncatedMessage);
    }
    const struct model_cap *cap = &inv->extra[0]->cap;
    if (tcb->tcb.bound != NULL || cap->kind != ABI_CAP_NOTIFICATION ||
        (cap->rights & seL4_RightRead) == 0 || cap->object->queue.head != NULL ||
        cap->object->queue.bound != NULL) {
        return model_fail(seL4_IllegalOperation);
    }
    tcb->tcb.bound = cap->object;
    cap->object->queue.bound = tcb;
    return true;
}

static bool unbind_notification(struct model_object *tcb)
{
    if (tcb->tcb.bound == NULL) {
        return model_fail(seL4_IllegalOperation);
    }
    tcb->tcb.bound->queue.bound = NULL;
    tcb->tcb.bound = NULL;
    return true;
}

static bool set_flags(struct model_invocation *inv, struct model_object *tcb)
{
    if (inv->length < 2) {
        return model_fail(seL4_TruncatedMessage);
    }
    uint64_t flags = tcb->tcb.flags & ~model_word(inv, 0);
    flags |= model_word(inv, 1) & 1;
    tcb->tcb.flags = (uint8_t)flags;
    model_result(inv, flags);
    return true;
}

bool model_tcb_invocation(struct model_invocation *inv)
{
    struct model_object *tcb = inv->cap.object;
    switch (inv->label) {
    case TCBReadRegisters:
        return read_registers(inv, tcb);
    case TCBWriteRegisters:
        return write_registers(inv, tcb);
    case TCBCopyRegisters:
        return copy_registers(inv, tcb);
    case TCBConfigure:
        return configure(inv, tcb);
    case TCBSetSpace:
        return set_space(inv, tcb);
    case TCBSetIPCBuffer:
        return set_buffer(inv, tcb);
    case TCBSetTimeoutEndpoint:
        return set_timeout_endpoint(inv, tcb);
    case TCBSetPriority:
    case TCBSetMCPriority:
        return set_priority(inv, tcb);
    case TCBSetSchedParams:
        return set_sched_params(inv, tcb);
    case TCBSuspend:
        model_suspend(tcb);
        return true;
    case TCBResume:
        model_resume(tcb);
        return true;
    case TCBBindNotification:
        return bind_notification(inv, tcb);
    case TCBUnbindNotification:
        return unbind_notification(tcb);
    case TCBSetTLSBase:
        return set_tls_base(inv, tcb);
    case TCBSetFlags:
        return set_flags(inv, tcb);
    default:
        return model_fail(seL4_IllegalOperation);
    }
}
