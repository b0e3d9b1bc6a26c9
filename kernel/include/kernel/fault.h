/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults: what a thread did, kept in its TCB until the handler has received and answered it. */
#pragma once

#include <kernel/error.h>

struct tcb;

/* kind is a seL4_FaultType value; seL4_Fault_NullFault (0) means none. */
struct fault {
    word_t kind;
    union {
        struct {
            word_t address;
            word_t in_receive;
            struct lookup_failure lookup;
        } cap;
        struct {
            word_t address;
            word_t instruction; /* 1 = instruction fetch */
            word_t status;      /* x86 error code, ARM ESR */
        } vm;
        struct {
            word_t number; /* x86 vector, ARM ESR */
            word_t code;
        } user;
        struct {
            word_t number; /* as the user passed it */
        } syscall;
        struct {
            word_t badge;
        } timeout;
        struct {
            word_t reason;
            word_t address;
            word_t breakpoint;
        } debug;
    };
};

static inline struct fault fault_vm(word_t address, bool instruction, word_t status)
{
    return (struct fault){.kind = seL4_Fault_VMFault, .vm = {address, instruction, status}};
}

static inline struct fault fault_user_exception(word_t number, word_t code)
{
    return (struct fault){.kind = seL4_Fault_UserException, .user = {number, code}};
}

static inline struct fault fault_unknown_syscall(word_t number)
{
    return (struct fault){.kind = seL4_Fault_UnknownSyscall, .syscall = {number}};
}

/* Record the fault in tcb and send it to its fault handler, or leave the thread inactive. */
void fault_send(struct tcb *tcb, struct fault fault);

/* Send a timeout fault to tcb's timeout handler, which must exist. */
void fault_send_timeout(struct tcb *tcb);

/* True if tcb has a timeout handler that a timeout fault could be sent to. */
bool fault_has_timeout_handler(const struct tcb *tcb);

/* Write the fault message of sender into receiver; returns the number of words that arrived. */
word_t fault_write_message(struct tcb *sender, struct tcb *receiver, word_t *receiver_buffer);

/*
 * Apply the reply that `replier` holds in its message registers to the faulted thread.
 * Returns true if the thread shall run again. Clears the fault.
 */
bool fault_apply_reply(struct tcb *replier, struct tcb *faulted);
