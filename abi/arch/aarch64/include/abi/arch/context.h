/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The register context of aarch64, in the order of TCB_ReadRegisters and WriteRegisters.
 */
#pragma once

#include <stddef.h>

#include <abi/config.h>
#include <abi/types.h>

typedef struct seL4_UserContext_ {
    seL4_Word pc, sp, spsr, x0, x1, x2, x3, x4, x5, x6, x7, x8, x16, x17, x18, x29, x30;
    seL4_Word x9, x10, x11, x12, x13, x14, x15;
    seL4_Word x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
    seL4_Word tpidr_el0, tpidrro_el0;
} seL4_UserContext;

/* TCB_CopyRegisters: "frame" registers are the first ones, "integer" registers the rest. */
#define ABI_CONTEXT_WORDS       36
#define ABI_CONTEXT_FRAME_WORDS 17

/* SPSR of a fresh thread: FIQ masked; release kernels mask SError too. */
#define ABI_USER_FLAGS_DEFAULT (ABI_DEBUG_BUILD ? 0x40ul : 0x140ul)

/* Registers of a secure monitor call, in and out. */
typedef struct seL4_ARM_SMCContext_ {
    seL4_Word x0, x1, x2, x3, x4, x5, x6, x7;
} seL4_ARM_SMCContext;

_Static_assert(sizeof(seL4_UserContext) == 8 * ABI_CONTEXT_WORDS, "context");
_Static_assert(offsetof(seL4_UserContext, x16) == 8 * 12, "context");
_Static_assert(offsetof(seL4_UserContext, x9) == 8 * 17, "context");
_Static_assert(offsetof(seL4_UserContext, x19) == 8 * 24, "context");
_Static_assert(offsetof(seL4_UserContext, tpidr_el0) == 8 * 34, "context");
