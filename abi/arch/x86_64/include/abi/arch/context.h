/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The register context of x86_64, in the order of TCB_ReadRegisters and WriteRegisters.
 */
#pragma once

#include <stddef.h>

#include <abi/types.h>

typedef struct seL4_UserContext_ {
    seL4_Word rip, rsp, rflags, rax, rbx, rcx, rdx, rsi, rdi, rbp;
    seL4_Word r8, r9, r10, r11, r12, r13, r14, r15;
    seL4_Word fs_base, gs_base;
} seL4_UserContext;

/* TCB_CopyRegisters: "frame" registers are the first ones, "integer" registers the rest. */
#define ABI_CONTEXT_WORDS       20
#define ABI_CONTEXT_FRAME_WORDS 18

/* Flags of a fresh thread: interrupts on, and the bit that always reads 1. */
#define ABI_USER_FLAGS_DEFAULT 0x202ul

_Static_assert(sizeof(seL4_UserContext) == 8 * ABI_CONTEXT_WORDS, "context");
_Static_assert(offsetof(seL4_UserContext, r8) == 8 * 10, "context");
_Static_assert(offsetof(seL4_UserContext, fs_base) == 8 * 18, "context");
