/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults: what a thread did, kept in its TCB until the handler has received and answered it. */
#pragma once

#include <kernel/error.h>

struct tcb;

#define FAULT_DETAILS_MAX (2 + LOOKUP_WORDS_MAX)

/*
 * kind is a seL4_FaultType value; seL4_Fault_NullFault (0) means none. The details are the words of
 * the message that do not come from the thread's registers, in the order of the ABI.
 */
struct fault {
    word_t kind;
    word_t count;
    word_t details[FAULT_DETAILS_MAX];
};

/* status: x86 error code, ARM ESR. */
static inline struct fault fault_vm(word_t address, bool instruction, word_t status)
{
    return (struct fault){seL4_Fault_VMFault, 3, {address, instruction, status}};
}

/* number: x86 vector, ARM ESR. */
static inline struct fault fault_user_exception(word_t number, word_t code)
{
    return (struct fault){seL4_Fault_UserException, 2, {number, code}};
}

/* number: as the user passed it. */
static inline struct fault fault_unknown_syscall(word_t number)
{
    return (struct fault){seL4_Fault_UnknownSyscall, 1, {number}};
}

/* reason: why; address and breakpoint matter for those that the thread has set. */
static inline struct fault fault_debug(word_t reason, word_t address, word_t breakpoint)
{
    return (struct fault){seL4_Fault_DebugException,
                          reason <= seL4_DataBreakpoint ? 3 : 1,
                          {reason, address, breakpoint}};
}

/* Record the fault in tcb and send it to its fault handler, or leave the thread inactive. */
void fault_send(struct tcb *tcb, const struct fault *fault);

/* The same with a CapFault for the reason in node()->lookup. */
void fault_send_cap_fault(struct tcb *tcb, cptr_t address, bool in_receive);

/* Send a timeout fault to tcb's timeout handler, which must exist. */
void fault_send_timeout(struct tcb *tcb);

/* True if tcb has a timeout handler that a timeout fault could be sent to. */
bool fault_has_timeout_handler(const struct tcb *tcb);

/* Write the message words and info of the sender's fault into the receiver. */
void fault_write_message(struct tcb *sender, const struct fault *fault, struct tcb *receiver);

/* True if a reply with this message info lets the faulted thread run again. */
bool fault_reply_restarts(word_t kind, word_t reply_info);

/*
 * Apply the reply that `replier` holds in its message registers to the faulted thread's registers.
 * Clears the fault.
 */
void fault_apply_reply(const struct tcb *replier, struct tcb *faulted);
