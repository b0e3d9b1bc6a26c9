/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a message carries: words, and capabilities. */
#include <kernel/cspace.h>
#include <kernel/ipc.h>

/* ---- words ---- */

NOINLINE word_t ipc_write_buffer(struct tcb *receiver, const word_t *more, word_t length)
{
    word_t *to = tcb_ipc_buffer(receiver, true);
    if (more == NULL || to == NULL) {
        return seL4_FastMessageRegisters;
    }
    to += IPC_BUFFER_MESSAGE;
    word_t i = seL4_FastMessageRegisters;
    if (length % 2 != 0) {
        to[i] = more[i];
        i++;
    }
    for (; i < length; i += 2) { /* in pairs: a quarter less to do */
        word_t first = more[i];
        word_t second = more[i + 1];
        to[i] = first;
        to[i + 1] = second;
    }
    return length;
}

word_t ipc_write_words(struct tcb *receiver, const word_t *regs, const word_t *more, word_t length)
{
    for (word_t i = 0; i < length && i < seL4_FastMessageRegisters; i++) {
        context_set_message_word(&receiver->context, i, regs[i]);
    }
    return length <= seL4_FastMessageRegisters ? length : ipc_write_buffer(receiver, more, length);
}

/* ---- capabilities ---- */

/* The empty slot in which the receiver wants a capability; null if there is none. */
static struct slot *receive_slot(struct tcb *receiver, const word_t *buffer)
{
    struct slot *root;
    struct slot *slot;
    const word_t *path = &buffer[IPC_BUFFER_RECEIVE];
    return cspace_lookup(receiver, path[0], &root) == KRES_OK &&
                   cspace_lookup_empty_slot(root->cap, path[1], path[2], &slot) == KRES_OK
               ? slot
               : NULL;
}

/* Resolve the offered capabilities again; none is transferred if one no longer resolves. */
static word_t lookup_offered(struct tcb *sender, const word_t *from,
                             struct slot *offered[seL4_MsgMaxExtraCaps])
{
    word_t count = message_info_caps(sender->context.regs[REG_INFO]);
    for (word_t i = 0; i < count; i++) {
        if (cspace_lookup(sender, from[IPC_BUFFER_CAPS + i], &offered[i]) != KRES_OK) {
            return 0;
        }
    }
    return count;
}

/* Put a derived copy of src's capability into dest; false if it cannot be derived. */
static bool transfer_copy(struct slot *src, struct slot *dest)
{
    struct cap cap;
    bool derived = cap_derive(src, src->cap, &cap) == KRES_OK && !cap_is_null(cap);
    if (derived) {
        slot_insert(dest, cap, src);
    }
    return derived;
}

/* Returns what the receiver's info says of them: how many, and which became a badge. */
static word_t transfer_caps(struct tcb *sender, const word_t *from, const void *object,
                            struct tcb *receiver, word_t *to)
{
    struct slot *offered[seL4_MsgMaxExtraCaps];
    word_t count = lookup_offered(sender, from, offered);
    struct slot *dest = count > 0 ? receive_slot(receiver, to) : NULL;
    word_t unwrapped = 0; /* bit i: capability i became a badge */
    word_t i = 0;
    for (; i < count; i++) {
        struct slot *src = offered[i];
        if (src->cap.tag == CAP_ENDPOINT && cap_ptr(src->cap) == object) {
            to[IPC_BUFFER_CAPS + i] = src->cap.badge;
            unwrapped |= BIT(i);
        } else if (dest == NULL || !transfer_copy(src, dest)) {
            break;
        } else {
            dest = NULL;
        }
    }
    return message_info(0, unwrapped, i, 0);
}

/* ---- the whole message ---- */

void ipc_transfer(struct tcb *sender, struct cap via, struct tcb *receiver)
{
    word_t info = sender->context.regs[REG_INFO];
    word_t length = message_info_length(info);
    word_t caps = 0;
    receiver->context.regs[REG_BADGE] = via.badge;
    if (UNLIKELY(sender->fault.kind != seL4_Fault_NullFault)) {
        fault_write_message(sender, &sender->fault, receiver);
        return;
    }
    length =
        ipc_write_words(receiver, &sender->context.regs[REG_MR0],
                        length > seL4_FastMessageRegisters ? tcb_message(sender) : NULL, length);
    if ((via.rights & RIGHT_GRANT) && message_info_caps(info) > 0) {
        const word_t *from = tcb_ipc_buffer(sender, false);
        word_t *to = tcb_ipc_buffer(receiver, true);
        if (from != NULL && to != NULL) {
            caps = transfer_caps(sender, from, cap_ptr(via), receiver, to);
        }
    }
    receiver->context.regs[REG_INFO] = message_info(message_info_label(info), 0, 0, length) | caps;
}
