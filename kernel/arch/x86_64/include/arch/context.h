/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The user registers of a thread. RAX..R15, the fault IP, the error code and the CPU's interrupt
 * frame (RIP..SS) lie as trap.S stores them. FS and GS base are live in the CPU while the thread
 * runs.
 */
#pragma once

#include <abi/arch/context.h>
#include <abi/arch/faults.h>
#include <arch/layout.h>
#include <kernel/types.h>

/* What generic code calls them. */
enum context_reg {
    REG_CAP = REG_RDI,
    REG_BADGE = REG_RDI,
    REG_INFO = REG_RSI,
    REG_MR0 = REG_R10,
    REG_REPLY = REG_R12,
    REG_DEST = REG_R13,
    REG_NEXT_IP = REG_RIP,
    REG_SP = REG_RSP,
    REG_FLAGS = REG_RFLAGS,
    REG_TLS_BASE = REG_FS_BASE,
};

/* 16-byte aligned, so that the CPU pushes its frame exactly up to FS_BASE. */
struct user_context {
    word_t regs[CONTEXT_REGS] __attribute__((aligned(16)));
};
static_assert(CONTEXT(REG_FS_BASE) % 16 == 0, "SDM vol. 3A 6.14.2: the CPU aligns RSP to 16 bytes");

/* A value that user code may have in the register. */
static inline word_t context_sanitise(word_t reg, word_t value)
{
    switch (reg) {
    case REG_FAULT_IP:
    case REG_NEXT_IP:
    case REG_FS_BASE:
    case REG_GS_BASE:
        /* Canonical: bits 63..47 all equal. SYSRET and WRFSBASE would fault inside the kernel. */
        return (word_t)((int64_t)(value << 16) >> 16) == value ? value : 0;
    case REG_FLAGS:
        return (value & MASK(12) & ~(BIT(3) | BIT(5) | RFLAGS_TRAP)) | RFLAGS_USER_DEFAULT;
    default:
        return value;
    }
}

static inline void context_init(struct user_context *context)
{
    context->regs[REG_FLAGS] = RFLAGS_USER_DEFAULT;
    context->regs[REG_CS] = SELECTOR_USER_CODE;
    context->regs[REG_SS] = SELECTOR_USER_DATA;
}

/*
 * A system call leaves RCX and R11 as copies of RIP and RFLAGS, which are not saved twice. Before
 * the two are looked at they are completed; once written, the context is restored as a whole.
 */
static inline void context_complete(struct user_context *context)
{
    if (context->regs[REG_ERROR] == (word_t)ERROR_SYSCALL) {
        context->regs[REG_RCX] = context->regs[REG_RIP];
        context->regs[REG_R11] = context->regs[REG_RFLAGS];
    }
}

static inline void context_written(struct user_context *context)
{
    context->regs[REG_ERROR] = 0;
}
