/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults as messages: sending them to the handlers, their words, and what a reply restores. */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/node.h>
#include <kernel/print.h>

/* ---- sending ---- */

static void send_to(struct tcb *tcb, struct cap handler, bool can_donate)
{
    /* The pending fault alone makes it a call. */
    endpoint_send(tcb,
                  (struct ipc_send){.blocking = true, .can_donate = can_donate, .via = handler});
}

static void print_unhandled(const struct tcb *tcb)
{
    const struct fault *fault = &tcb->fault;
    kernel_print("kernel: %s of '%s' at 0x%lx:", name_of(NAMES_FAULT, fault->kind), tcb->name,
                 tcb->context.regs[REG_FAULT_IP]);
    for (word_t i = 0; i < fault->count; i++) {
        kernel_print(" 0x%lx", fault->details[i]);
    }
    kernel_print(": no fault handler, thread stopped\n");
}

void fault_send(struct tcb *tcb, const struct fault *fault)
{
    struct cap handler = tcb->slots[TCB_FAULT_HANDLER].cap;
    tcb->fault = *fault;
    if (handler.tag == CAP_ENDPOINT) {
        send_to(tcb, handler, tcb->sc != NULL);
    } else {
        if (CONFIG_PRINTING) {
            print_unhandled(tcb);
        }
        tcb_set_state(tcb, THREAD_INACTIVE);
    }
}

void fault_send_cap_fault(struct tcb *tcb, cptr_t address, bool in_receive)
{
    const struct lookup_failure *lookup = &node()->lookup;
    struct fault fault = {seL4_Fault_CapFault, 2 + lookup->count, {address, in_receive}};
    memcpy(&fault.details[2], lookup->words, sizeof(lookup->words));
    fault_send(tcb, &fault);
}

bool fault_has_timeout_handler(const struct tcb *tcb)
{
    return tcb->slots[TCB_TIMEOUT_HANDLER].cap.tag == CAP_ENDPOINT;
}

void fault_send_timeout(struct tcb *tcb)
{
    tcb->fault = (struct fault){seL4_Fault_Timeout, 1, {tcb->sc->badge}};
    send_to(tcb, tcb->slots[TCB_TIMEOUT_HANDLER].cap, false);
}

/* ---- the message ---- */

#define FAULT_WORDS_MAX (ABI_UNKNOWN_SYSCALL_REPLY_WORDS + FAULT_DETAILS_MAX)

static const uint8_t exception_order[] = {REG_FAULT_IP, REG_SP, REG_FLAGS};

/* The registers that a fault's message begins with. */
struct register_list {
    const uint8_t *regs;
    word_t count;
};

static struct register_list message_registers(word_t kind)
{
    switch (kind) {
    case seL4_Fault_UnknownSyscall:
        return (struct register_list){unknown_syscall_order, ABI_UNKNOWN_SYSCALL_REPLY_WORDS};
    case seL4_Fault_UserException:
        return (struct register_list){exception_order, ARRAY_LENGTH(exception_order)};
    case seL4_Fault_Timeout:
        return (struct register_list){NULL, 0};
    default:
        return (struct register_list){exception_order, 1};
    }
}

void fault_write_message(struct tcb *sender, const struct fault *fault, struct tcb *receiver)
{
    struct register_list list = message_registers(fault->kind);
    word_t words[FAULT_WORDS_MAX];
    word_t count = 0;
    if (fault->kind == seL4_Fault_UnknownSyscall) {
        tcb_context_sync(sender);
    }
    while (count < list.count) {
        words[count] = sender->context.regs[list.regs[count]];
        count++;
    }
    for (word_t i = 0; i < fault->count; i++) {
        words[count++] = fault->details[i];
    }
    if (fault->kind == seL4_Fault_Timeout && sender->sc != NULL) {
        words[count++] = sc_take_consumed(sender->sc);
    }
    word_t length = ipc_write_words(receiver, words, words, count);
    receiver->context.regs[REG_INFO] = message_info(fault->kind, 0, 0, length);
}

/* ---- the reply ---- */

bool fault_reply_restarts(word_t kind, word_t reply_info)
{
    return kind == seL4_Fault_CapFault || kind == seL4_Fault_VMFault ||
           message_info_label(reply_info) == 0;
}

/* The registers that the words of a reply to a fault go to. */
static struct register_list reply_registers(word_t kind)
{
    return kind == seL4_Fault_UnknownSyscall || kind == seL4_Fault_UserException
               ? message_registers(kind)
           : kind == seL4_Fault_Timeout
               ? (struct register_list){context_order, seL4_TimeoutReply_Length}
               : (struct register_list){NULL, 0};
}

void fault_apply_reply(const struct tcb *replier, struct tcb *faulted)
{
    struct register_list list = reply_registers(faulted->fault.kind);
    word_t length = message_info_length(replier->context.regs[REG_INFO]);
    const word_t *more = length > seL4_FastMessageRegisters ? tcb_message(replier) : NULL;
    if (more == NULL && length > seL4_FastMessageRegisters) {
        length = seL4_FastMessageRegisters;
    }
    if (CONFIG_HARDWARE_DEBUG_API && faulted->fault.kind == seL4_Fault_DebugException &&
        faulted->fault.details[0] == seL4_SingleStep && length > 0) {
        breakpoint_step(faulted, message_word(replier, more, 0));
    }
    faulted->fault.kind = seL4_Fault_NullFault;
    for (word_t i = 0; i < length && i < list.count; i++) {
        word_t reg = list.regs[i];
        faulted->context.regs[reg] = context_sanitise(reg, message_word(replier, more, i));
    }
    if (list.count > 0) {
        tcb_context_written(faulted);
    }
}
