/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of TCB capabilities: registers, spaces, scheduling parameters, and the small ones. */
#include <kernel/arch_hooks.h>
#include <kernel/fpu.h>
#include <kernel/ipc.h>

/* ---- registers ---- */

/* Words: bit 0 suspend_source; count. */
enum kernel_result tcb_decode_read_registers(struct invocation *inv)
{
    word_t count = inv_word(inv, 1);
    if (count < 1 || count > ABI_CONTEXT_WORDS) {
        return fail_range(1, ABI_CONTEXT_WORDS);
    }
    if (inv->tcb == inv->caller) {
        return fail(seL4_IllegalOperation);
    }
    if (inv_word(inv, 0) & BIT(0)) {
        tcb_suspend(inv->tcb);
    }
    tcb_context_sync(inv->tcb);
    for (word_t i = 0; i < count; i++) {
        inv_set_result(inv, i, inv->tcb->context.regs[context_order[i]]);
    }
    return KRES_OK;
}

/* The program counter was written: it is where the thread continues, running or restarted. */
static void pc_written(struct tcb *tcb)
{
    tcb->context.regs[REG_NEXT_IP] = tcb->context.regs[REG_FAULT_IP];
}

/* Words: bit 0 resume_target; count; then the values. */
enum kernel_result tcb_decode_write_registers(struct invocation *inv)
{
    word_t count = inv_word(inv, 1);
    if (inv->length - 2 < count) {
        return fail(seL4_TruncatedMessage);
    }
    if (inv->tcb == inv->caller) {
        return fail(seL4_IllegalOperation);
    }
    tcb_context_sync(inv->tcb);
    for (word_t i = 0; i < count && i < ABI_CONTEXT_WORDS; i++) {
        word_t reg = context_order[i];
        inv->tcb->context.regs[reg] = context_sanitise(reg, inv_word(inv, 2 + i));
    }
    pc_written(inv->tcb);
    tcb_context_written(inv->tcb);
    if (inv_word(inv, 0) & BIT(0)) {
        tcb_resume(inv->tcb);
    }
    return KRES_OK;
}

static void copy_registers(struct tcb *dest, const struct tcb *src, word_t from, word_t to)
{
    for (word_t i = from; i < to; i++) {
        word_t reg = context_order[i];
        dest->context.regs[reg] = context_sanitise(reg, src->context.regs[reg]);
    }
    tcb_context_written(dest);
}

/* Word 0: flags; capability 0: the source. */
enum kernel_result tcb_decode_copy_registers(struct invocation *inv)
{
    if (inv->extra[0]->cap.tag != CAP_TCB) {
        return fail_invalid_capability(1);
    }
    struct tcb *src = cap_ptr(inv->extra[0]->cap);
    word_t flags = inv_word(inv, 0);
    tcb_context_sync(src);
    tcb_context_sync(inv->tcb);
    if (flags & BIT(0)) {
        tcb_suspend(src);
    }
    if (flags & BIT(1)) {
        tcb_resume(inv->tcb);
    }
    if (flags & BIT(2)) {
        copy_registers(inv->tcb, src, 0, ABI_CONTEXT_FRAME_WORDS);
        pc_written(inv->tcb);
    }
    if (flags & BIT(3)) {
        copy_registers(inv->tcb, src, ABI_CONTEXT_FRAME_WORDS, ABI_CONTEXT_WORDS);
        tcb_context_reload(inv->tcb);
    }
    if (inv->tcb == node()->current) {
        schedule_needed();
    }
    return KRES_OK;
}

/* ---- capability slots of the TCB ---- */

/* A capability that shall go into a TCB slot, and the slot it comes from. */
struct new_cap {
    struct cap cap;
    struct slot *src;
};

/*
 * Replace the capability in a TCB slot. Deleting the old one may destroy much, even the TCB's own
 * capability or the new one's source; then nothing is put in.
 */
static enum kernel_result replace_slot(struct invocation *inv, enum tcb_slot index,
                                       struct new_cap new_cap)
{
    struct slot *dest = &inv->tcb->slots[index];
    enum kernel_result result = slot_delete(dest);
    if (result == KRES_OK && !cap_is_null(new_cap.cap) && inv->slot->cap.tag == CAP_TCB &&
        cap_ptr(inv->slot->cap) == inv->tcb && cap_same_object(new_cap.cap, new_cap.src->cap)) {
        slot_insert(dest, new_cap.cap, new_cap.src);
    }
    return result;
}

/* Capability i is an endpoint that faults can be sent to, or null; error InvalidCapability. */
static enum kernel_result check_handler(const struct invocation *inv, word_t i)
{
    struct cap cap = inv->extra[i]->cap;
    return cap_is_null(cap) || (cap.tag == CAP_ENDPOINT && (cap.rights & RIGHT_WRITE) &&
                                (cap.rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY)))
               ? KRES_OK
               : fail_invalid_capability(1 + i);
}

static enum kernel_result set_handler(struct invocation *inv, word_t i, enum tcb_slot index)
{
    return replace_slot(inv, index, (struct new_cap){inv->extra[i]->cap, inv->extra[i]});
}

static enum kernel_result derive_buffer(struct slot *src, vaddr_t address, struct new_cap *out)
{
    *out = (struct new_cap){.src = src};
    return address == 0 ? KRES_OK
           : !cap_is_buffer_frame(src->cap) || cap_derive(src, src->cap, &out->cap) != KRES_OK
               ? fail(seL4_IllegalOperation)
           : IS_ALIGNED(address, seL4_IPCBufferSizeBits) ? KRES_OK
                                                         : fail(seL4_AlignmentError);
}

/* The CSpace and VSpace roots of Configure and SetSpace; word 0: the guard that the CSpace gets. */
static enum kernel_result derive_spaces(const struct invocation *inv, struct slot *cspace,
                                        struct slot *vspace, struct new_cap out[2])
{
    word_t data = inv_word(inv, 0);
    out[0] = (struct new_cap){
        .cap = data != 0 ? cap_update_data(cspace->cap, data, false) : cspace->cap, .src = cspace};
    out[1] = (struct new_cap){.src = vspace};
    return inv->tcb->slots[TCB_CSPACE].cap.tag == CAP_ZOMBIE ||
                   inv->tcb->slots[TCB_VSPACE].cap.tag == CAP_ZOMBIE ||
                   out[0].cap.tag != CAP_CNODE || !cap_is_vspace(vspace->cap) ||
                   cap_derive(vspace, vspace->cap, &out[1].cap) != KRES_OK
               ? fail(seL4_IllegalOperation)
               : KRES_OK;
}

static enum kernel_result set_spaces(struct invocation *inv, const struct new_cap spaces[2])
{
    enum kernel_result result = replace_slot(inv, TCB_CSPACE, spaces[0]);
    inv->tcb->cspace = (struct cspace_shortcut){0}; /* the guard may be another */
    if (result == KRES_OK) {
        result = replace_slot(inv, TCB_VSPACE, spaces[1]);
        tcb_vspace_changed(inv->tcb);
    }
    return result;
}

static enum kernel_result set_buffer(struct invocation *inv, vaddr_t address, struct new_cap buffer)
{
    enum kernel_result result = replace_slot(inv, TCB_BUFFER, buffer);
    if (result == KRES_OK) {
        inv->tcb->ipc_buffer = address;
    }
    return result;
}

/* Words: cspace data, vspace data, buffer address; capabilities: cspace, vspace, buffer frame. */
enum kernel_result tcb_decode_configure(struct invocation *inv)
{
    struct new_cap buffer;
    struct new_cap spaces[2];
    vaddr_t address = inv_word(inv, 2);
    return derive_buffer(inv->extra[2], address, &buffer)
        ?: derive_spaces(inv, inv->extra[0], inv->extra[1], spaces)
        ?: set_spaces(inv, spaces)
        ?: set_buffer(inv, address, buffer);
}

/* Words: cspace data, vspace data; capabilities: fault handler, cspace, vspace. */
enum kernel_result tcb_decode_set_space(struct invocation *inv)
{
    struct new_cap spaces[2];
    return derive_spaces(inv, inv->extra[1], inv->extra[2], spaces)
        ?: check_handler(inv, 0)
        ?: set_handler(inv, 0, TCB_FAULT_HANDLER)
        ?: set_spaces(inv, spaces);
}

enum kernel_result tcb_decode_set_ipc_buffer(struct invocation *inv)
{
    struct new_cap buffer;
    vaddr_t address = inv_word(inv, 0);
    return derive_buffer(inv->extra[0], address, &buffer) ?: set_buffer(inv, address, buffer);
}

enum kernel_result tcb_decode_set_timeout_endpoint(struct invocation *inv)
{
    return check_handler(inv, 0) ?: set_handler(inv, 0, TCB_TIMEOUT_HANDLER);
}

/* ---- scheduling parameters ---- */

/* Checks a priority against the maximum of the authority, capability 0. */
static enum kernel_result check_priority(const struct invocation *inv, word_t priority)
{
    const struct tcb *authority = cap_ptr(inv->extra[0]->cap);
    return inv->extra[0]->cap.tag != CAP_TCB ? fail_invalid_capability(1)
           : priority > authority->mcp       ? fail_range(0, authority->mcp)
                                             : KRES_OK;
}

/* SetPriority and SetMCPriority. Word 0: the value. */
enum kernel_result tcb_decode_set_priority(struct invocation *inv)
{
    word_t value = inv_word(inv, 0);
    enum kernel_result result = check_priority(inv, value);
    if (result == KRES_OK && inv->label == TCBSetPriority) {
        tcb_set_priority(inv->tcb, (uint8_t)value);
    } else if (result == KRES_OK) {
        inv->tcb->mcp = (uint8_t)value;
    }
    return result;
}

/* The scheduling context of SetSchedParams, which may be null. */
static enum kernel_result check_sched_context(const struct invocation *inv, struct cap cap)
{
    const struct sched_context *sc = cap_ptr(cap);
    if (cap_is_null(cap)) {
        return inv->tcb == inv->caller ? fail(seL4_IllegalOperation) : KRES_OK;
    }
    if (cap.tag != CAP_SCHED_CONTEXT) {
        return fail_invalid_capability(2);
    }
    return (inv->tcb->sc == sc || (inv->tcb->sc == NULL && sc->tcb == NULL)) &&
                   sc_may_serve(sc, inv->tcb)
               ? KRES_OK
               : fail(seL4_IllegalOperation);
}

/* Words: mcp, priority; capabilities: authority, scheduling context, fault handler. */
enum kernel_result tcb_decode_set_sched_params(struct invocation *inv)
{
    struct cap cap = inv->extra[1]->cap;
    struct sched_context *sc = cap_ptr(cap);
    word_t mcp = inv_word(inv, 0);
    word_t priority = inv_word(inv, 1);
    enum kernel_result result = check_priority(inv, mcp)
        ?: check_priority(inv, priority)
        ?: check_sched_context(inv, cap)
        ?: check_handler(inv, 2)
        ?: set_handler(inv, 2, TCB_FAULT_HANDLER);
    if (result == KRES_OK) {
        inv->tcb->mcp = (uint8_t)mcp;
        tcb_set_priority(inv->tcb, (uint8_t)priority);
        if (sc == NULL && inv->tcb->sc != NULL) {
            sc_unbind_tcb(inv->tcb->sc);
        } else if (sc != inv->tcb->sc) {
            sc_bind_tcb(sc, inv->tcb);
        }
    }
    return result;
}

/* ---- the small ones ---- */

enum kernel_result tcb_decode_bind_notification(struct invocation *inv)
{
    struct cap cap = inv->extra[0]->cap;
    struct notification *notification = cap_ptr(cap);
    if (inv->tcb->bound_notification != NULL || cap.tag != CAP_NOTIFICATION ||
        (cap.rights & RIGHT_READ) == 0 || notification->queue.head != NULL ||
        notification->bound_tcb != NULL) {
        return fail(seL4_IllegalOperation);
    }
    notification_bind_tcb(notification, inv->tcb);
    return KRES_OK;
}

enum kernel_result tcb_decode_unbind_notification(struct invocation *inv)
{
    if (inv->tcb->bound_notification == NULL) {
        return fail(seL4_IllegalOperation);
    }
    notification_unbind_tcb(inv->tcb->bound_notification);
    return KRES_OK;
}

enum kernel_result tcb_decode_set_tls_base(struct invocation *inv)
{
    tcb_context_sync(inv->tcb);
    inv->tcb->context.regs[REG_TLS_BASE] = context_sanitise(REG_TLS_BASE, inv_word(inv, 0));
    tcb_context_reload(inv->tcb);
    return KRES_OK;
}

/* Words: bits to clear, bits to set. */
enum kernel_result tcb_decode_set_flags(struct invocation *inv)
{
    word_t flags = (inv->tcb->flags & ~inv_word(inv, 0)) | (inv_word(inv, 1) & seL4_TCBFlag_MASK);
    inv->tcb->flags = (uint8_t)flags;
    fpu_flags_changed(inv->tcb);
    inv_set_result(inv, 0, flags);
    return KRES_OK;
}

enum kernel_result tcb_decode_suspend_or_resume(struct invocation *inv)
{
    (inv->label == TCBSuspend ? tcb_suspend : tcb_resume)(inv->tcb);
    return KRES_OK;
}
