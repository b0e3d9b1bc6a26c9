/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From "this thread invokes this capability pointer" to the object's decode function and the
 * answer.
 */
#include <arch/cap.h>
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/print.h>
#include <kernel/syscall.h>

/* ---- preemption ---- */

bool preemption_point_after(word_t units)
{
    struct node *self = node();
    self->work_units += units;
    if (self->work_units < CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION) {
        return false;
    }
    self->work_units = 0;
    if (arch_irq_pending()) {
        return true;
    }
    sched_update_time();
    return (sc_is_active(self->current_sc) &&
            !refill_sufficient(self->current_sc, self->consumed)) ||
           domain_expired();
}

/* ---- answers ---- */

void inv_set_result(struct invocation *inv, word_t i, word_t value)
{
    if (!inv->flags.call) {
        return;
    }
    if (i < seL4_FastMessageRegisters) {
        context_set_message_word(&inv->caller->context, i, value);
    } else {
        word_t *buffer = tcb_ipc_buffer(inv->caller, true);
        if (buffer == NULL) {
            return;
        }
        buffer[IPC_BUFFER_MESSAGE + i] = value;
    }
    inv->result_length = i + 1;
}

static void answer(struct invocation *inv, word_t label)
{
    inv->caller->context.regs[REG_BADGE] = 0;
    inv->caller->context.regs[REG_INFO] = message_info(label, 0, 0, inv->result_length);
}

static void answer_error(struct invocation *inv)
{
    const struct syscall_error *error = &node()->error;
    inv->result_length = 0;
    for (word_t i = 0; i < error->count; i++) {
        inv_set_result(inv, i, error->words[i]);
    }
    answer(inv, error->code);
}

static void print_error(const struct invocation *inv)
{
    const struct syscall_error *error = &node()->error;
    kernel_print("kernel: %s", name_of(NAMES_ERROR, error->code));
    for (word_t i = 0; i < error->count; i++) {
        kernel_print(i == 0 ? "(" : ", ");
        if (error->code == seL4_FailedLookup && i == 1) {
            kernel_print("%s", name_of(NAMES_LOOKUP, error->words[i]));
        } else {
            kernel_print("%lu", error->words[i]);
        }
    }
    kernel_print("%s: %s on %s capability 0x%lx by '%s'\n", error->count > 0 ? ")" : "",
                 name_of(NAMES_LABEL, inv->label), name_of(NAMES_CAP, inv->cap.tag),
                 inv->caller->context.regs[REG_CAP], inv->caller->name);
}

/* ---- dispatch ---- */

static enum kernel_result decode_by_rule(struct invocation *inv)
{
    word_t label = inv->label;
    inv->object = cap_ptr(inv->cap);
    if (label >= nArchInvocationLabels) {
        return fail(seL4_IllegalOperation);
    }
    const struct invocation_rule *rule = label < nInvocationLabels
                                             ? &invocation_rules[label]
                                             : &arch_invocations[label - nInvocationLabels];
    return rule->tag != cap_identify(inv->cap) ? fail(seL4_IllegalOperation)
           : inv->length < rule->words || inv->extra_count < rule->caps
               ? fail(seL4_TruncatedMessage)
               : rule->decode(inv);
}

enum kernel_result invocation_decode(struct invocation *inv)
{
    struct cap cap = inv->cap;
    bool writable = (cap.rights & RIGHT_WRITE) != 0;
    switch (cap.tag) {
    case CAP_ENDPOINT:
        if (!writable) {
            return fail_invalid_capability(0);
        }
        endpoint_send(inv->caller, (struct ipc_send){inv->flags.blocking, inv->flags.call,
                                                     inv->flags.can_donate, cap});
        return KRES_OK;
    case CAP_NOTIFICATION:
        if (!writable) {
            return fail_invalid_capability(0);
        }
        notification_signal(cap_ptr(cap), cap.badge);
        return KRES_OK;
    case CAP_REPLY:
        reply_to_caller(inv->caller, cap);
        return KRES_OK;
    case CAP_NULL:
    case CAP_ZOMBIE:
        return fail_invalid_capability(0);
    default:
        return arch_cap_invoke(inv->cap) ? KRES_OK : decode_by_rule(inv);
    }
}

/* Capabilities that the first phase of a compound system call refuses. */
#define REFUSED_IN_FIRST_PHASE                                                  \
    (BIT(CAP_TCB) | BIT(CAP_CNODE) | BIT(CAP_DOMAIN) | BIT(CAP_SCHED_CONTROL) | \
     BIT(CAP_SCHED_CONTEXT))

/* ---- one invocation ---- */

static void send_phase_fault(struct tcb *tcb, cptr_t address, bool blocking)
{
    if (blocking) {
        fault_send_cap_fault(tcb, address, false);
    }
}

/* Resolve the extra capabilities; false, after a fault where that is due, if one does not. */
static bool lookup_extra_caps(struct invocation *inv, word_t info)
{
    word_t count = inv->words == NULL ? 0 : message_info_caps(info);
    for (word_t i = 0; i < count; i++) {
        cptr_t cptr = inv->words[IPC_BUFFER_CAPS - IPC_BUFFER_MESSAGE + i];
        if (cspace_lookup(inv->caller, cptr, &inv->extra[i]) != KRES_OK) {
            send_phase_fault(inv->caller, cptr, inv->flags.blocking);
            return false;
        }
    }
    inv->extra_count = count;
    return true;
}

enum kernel_result syscall_invoke(cptr_t cptr, struct syscall_invoke_flags flags)
{
    struct tcb *caller = node()->current;
    word_t info = caller->context.regs[REG_INFO];
    /* Member by member: zeroing extra[] and what is set below would be felt in every call. */
    struct invocation inv;
    inv.label = message_info_label(info);
    inv.length = message_info_length(info);
    inv.caller = caller;
    inv.flags = flags;
    inv.result_length = 0;
    if (cspace_lookup(caller, cptr, &inv.slot) != KRES_OK) {
        send_phase_fault(caller, cptr, flags.blocking);
        return KRES_OK;
    }
    inv.cap = inv.slot->cap;
    inv.words = tcb_message(caller);
    if (!lookup_extra_caps(&inv, info)) {
        return KRES_OK;
    }
    if (inv.length > seL4_FastMessageRegisters && inv.words == NULL) {
        inv.length = seL4_FastMessageRegisters;
    }
    enum kernel_result result = flags.first_phase && (BIT(inv.cap.tag) & REFUSED_IN_FIRST_PHASE)
                                    ? fail_invalid_capability(0)
                                    : invocation_decode(&inv);
    if (result == KRES_ERROR) {
        if (CONFIG_DEBUG_BUILD && flags.call) {
            print_error(&inv);
        }
        if (flags.call) {
            answer_error(&inv);
        }
    } else if (result == KRES_OK && flags.call && caller->state == THREAD_RUNNING) {
        answer(&inv, seL4_NoError);
    }
    return result;
}
