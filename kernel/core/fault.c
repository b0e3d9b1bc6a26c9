/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults as messages: sending them to the handlers, their words, and what a reply restores. */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/names.h>
#include <kernel/print.h>
#include <kernel/sched.h>

/* ---- sending ---- */

static void send_to(struct tcb *tcb, struct cap handler, bool can_donate)
{
    struct ipc_send how = {
        .blocking = true,
        .call = false, /* the pending fault alone makes it one */
        .can_donate = can_donate,
        .can_grant = (cap_rights(handler) & RIGHT_GRANT) != 0,
        .can_grant_reply = (cap_rights(handler) & RIGHT_GRANT_REPLY) != 0,
        .badge = cap_badge(handler),
    };
    endpoint_send(cap_ptr(handler), tcb, how);
}

static void print_unhandled(const struct tcb *tcb)
{
    const struct fault *fault = &tcb->fault;
    kernel_print("kernel: %s of '%s' at 0x%lx", name_of_fault(fault->kind), tcb->name,
                 tcb->context.regs[REG_FAULT_IP]);
    switch (fault->kind) {
    case seL4_Fault_CapFault:
        kernel_print(" on capability 0x%lx (%s)", fault->cap.address,
                     name_of_lookup_failure(fault->cap.lookup.kind));
        break;
    case seL4_Fault_VMFault:
        kernel_print(" on address 0x%lx, status 0x%lx", fault->vm.address, fault->vm.status);
        break;
    case seL4_Fault_UserException:
        kernel_print(" number 0x%lx, code 0x%lx", fault->user.number, fault->user.code);
        break;
    case seL4_Fault_UnknownSyscall:
        kernel_print(" number %ld", (int64_t)fault->syscall.number);
        break;
    default:
        break;
    }
    kernel_print(": no fault handler, thread stopped\n");
}

void fault_send(struct tcb *tcb, struct fault fault)
{
    struct cap handler = tcb->slots[TCB_FAULT_HANDLER].cap;
    tcb->fault = fault;
    if (cap_tag(handler) == CAP_ENDPOINT) {
        send_to(tcb, handler, tcb->sc != NULL);
    } else {
        if (CONFIG_PRINTING) {
            print_unhandled(tcb);
        }
        tcb_set_state(tcb, THREAD_INACTIVE);
    }
}

bool fault_has_timeout_handler(const struct tcb *tcb)
{
    return cap_tag(tcb->slots[TCB_TIMEOUT_HANDLER].cap) == CAP_ENDPOINT;
}

void fault_send_timeout(struct tcb *tcb)
{
    tcb->fault = (struct fault){.kind = seL4_Fault_Timeout, .timeout = {tcb->sc->badge}};
    send_to(tcb, tcb->slots[TCB_TIMEOUT_HANDLER].cap, false);
}

/* ---- the message ---- */

/* Where fault words go: registers, then the receiver's buffer if it has one. */
struct fault_words {
    struct tcb *receiver;
    word_t *buffer;
    word_t length;
};

static void put(struct fault_words *out, word_t value)
{
    word_t i = out->length;
    if (i < seL4_FastMessageRegisters) {
        context_set_message_word(&out->receiver->context, i, value);
    } else if (out->buffer != NULL) {
        out->buffer[IPC_BUFFER_MESSAGE + i] = value;
    } else {
        return;
    }
    out->length = i + 1;
}

static void put_lookup(struct fault_words *out, const struct lookup_failure *lookup)
{
    put(out, lookup->kind);
    switch (lookup->kind) {
    case seL4_MissingCapability:
        put(out, lookup->bits_left);
        break;
    case seL4_DepthMismatch:
        put(out, lookup->bits_left);
        put(out, lookup->bits_found);
        break;
    case seL4_GuardMismatch:
        put(out, lookup->bits_left);
        put(out, lookup->guard_found);
        put(out, lookup->bits_found);
        break;
    default:
        break;
    }
}

static void put_timeout(struct fault_words *out, struct tcb *sender)
{
    put(out, sender->fault.timeout.badge);
    if (sender->sc != NULL) {
        put(out, sc_take_consumed(sender->sc));
    }
}

word_t fault_write_message(struct tcb *sender, struct tcb *receiver, word_t *receiver_buffer)
{
    struct fault_words out = {.receiver = receiver, .buffer = receiver_buffer, .length = 0};
    const struct fault *fault = &sender->fault;
    const word_t *regs = sender->context.regs;
    switch (fault->kind) {
    case seL4_Fault_CapFault:
        put(&out, regs[REG_FAULT_IP]);
        put(&out, fault->cap.address);
        put(&out, fault->cap.in_receive);
        put_lookup(&out, &fault->cap.lookup);
        break;
    case seL4_Fault_VMFault:
        put(&out, regs[REG_FAULT_IP]);
        put(&out, fault->vm.address);
        put(&out, fault->vm.instruction);
        put(&out, fault->vm.status);
        break;
    case seL4_Fault_UserException:
        put(&out, regs[REG_FAULT_IP]);
        put(&out, regs[REG_SP]);
        put(&out, regs[REG_FLAGS]);
        put(&out, fault->user.number);
        put(&out, fault->user.code);
        break;
    case seL4_Fault_UnknownSyscall:
        for (word_t i = 0; i < UNKNOWN_SYSCALL_WORDS; i++) {
            put(&out, regs[unknown_syscall_order[i]]);
        }
        put(&out, fault->syscall.number);
        break;
    case seL4_Fault_Timeout:
        put_timeout(&out, sender);
        break;
    default:
        KERNEL_ASSERT(fault->kind == seL4_Fault_DebugException);
        put(&out, regs[REG_FAULT_IP]);
        put(&out, fault->debug.reason);
        if (fault->debug.reason <= seL4_DataBreakpoint) {
            put(&out, fault->debug.address);
            put(&out, fault->debug.breakpoint);
        }
        break;
    }
    return out.length;
}

/* ---- the reply ---- */

static word_t reply_word(const struct tcb *replier, const word_t *buffer, word_t i)
{
    return i < seL4_FastMessageRegisters ? context_message_word(&replier->context, i)
                                         : buffer[IPC_BUFFER_MESSAGE + i];
}

/* Write the reply's first words, at most `limit`, to the registers of `order`. */
static void restore_registers(const struct tcb *replier, struct tcb *faulted, const uint8_t *order,
                              word_t limit)
{
    word_t length = message_info_length(replier->context.regs[REG_INFO]);
    const word_t *buffer = NULL;
    if (length > seL4_FastMessageRegisters) {
        buffer = tcb_ipc_buffer(replier, false);
        if (buffer == NULL) {
            length = seL4_FastMessageRegisters;
        }
    }
    for (word_t i = 0; i < length && i < limit; i++) {
        word_t reg = order[i];
        faulted->context.regs[reg] = context_sanitise(reg, reply_word(replier, buffer, i));
    }
    tcb_context_written(faulted);
}

bool fault_apply_reply(struct tcb *replier, struct tcb *faulted)
{
    static const uint8_t exception_order[] = {REG_FAULT_IP, REG_SP, REG_FLAGS};
    word_t kind = faulted->fault.kind;
    faulted->fault.kind = seL4_Fault_NullFault;
    switch (kind) {
    case seL4_Fault_UnknownSyscall:
        restore_registers(replier, faulted, unknown_syscall_order, UNKNOWN_SYSCALL_WORDS);
        break;
    case seL4_Fault_UserException:
        restore_registers(replier, faulted, exception_order, ARRAY_LENGTH(exception_order));
        break;
    case seL4_Fault_Timeout:
        restore_registers(replier, faulted, context_order, TIMEOUT_REPLY_WORDS);
        break;
    case seL4_Fault_DebugException:
        if (CONFIG_HARDWARE_DEBUG_API && faulted->fault.debug.reason == seL4_SingleStep &&
            message_info_length(replier->context.regs[REG_INFO]) > 0) {
            breakpoint_step(faulted, context_message_word(&replier->context, 0));
        }
        break;
    default:
        return true;
    }
    return message_info_label(replier->context.regs[REG_INFO]) == 0;
}
