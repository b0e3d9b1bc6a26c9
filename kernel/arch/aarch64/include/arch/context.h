/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Register context of an aarch64 thread. The order is that in which entry.S saves registers, two
 * at a time; context_order translates it to the ABI's seL4_UserContext.
 */
#pragma once

#include <abi/abi.h>
#include <arch/cpu_regs.h>

enum context_reg {
    REG_X0 = 0, /* .. X30 = 30 */
    REG_CAP = REG_X0,
    REG_BADGE = REG_X0,
    REG_INFO = 1,
    REG_MR0 = 2,
    REG_REPLY = 6,
    REG_SYSCALL = 7,
    REG_DEST = 8,
    REG_SP = 31,      /* SP_EL0 */
    REG_NEXT_IP = 32, /* ELR_EL1 */
    REG_FLAGS = 33,   /* SPSR_EL1 */
    REG_FAULT_IP = 34,
    REG_TLS_BASE = 35, /* TPIDR_EL0: live in the CPU while the thread is current */
    REG_TPIDRRO = 36,
    CONTEXT_REGS = 37,
};

struct user_context {
    word_t regs[CONTEXT_REGS];
    word_t padding;
};

/* Of a written SPSR only the condition flags are kept. */
static inline word_t context_sanitise(word_t reg, word_t value)
{
    return reg == REG_FLAGS ? (value & SPSR_NZCV) | ABI_USER_FLAGS_DEFAULT : value;
}

static inline void context_init(struct user_context *context)
{
    context->regs[REG_FLAGS] = ABI_USER_FLAGS_DEFAULT;
}

/* Every entry saves and every exit restores everything, so nothing needs to be remembered. */
static inline void context_complete(struct user_context *context)
{
}

static inline void context_written(struct user_context *context)
{
}
