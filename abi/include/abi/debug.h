/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Breakpoints of the hardware-debug API: kinds of events, and the accesses that a watchpoint looks
 * for. How many there are is <abi/arch/constants.h>'s.
 */
#pragma once

/* Types of breakpoints, and reasons of a DebugException. */
typedef enum {
    seL4_InstructionBreakpoint = 0,
    seL4_DataBreakpoint = 1,
    seL4_SingleStep = 2,           /* reason only */
    seL4_SoftwareBreakRequest = 3, /* reason only: int3, brk */
    seL4_BreakpointType_force_long = 0x7fffffffffffffff,
} seL4_BreakpointType;

typedef enum {
    seL4_BreakOnRead = 0,
    seL4_BreakOnWrite = 1,
    seL4_BreakOnReadWrite = 2,
    seL4_MaxBreakpointAccess = 3,
    seL4_BreakpointAccess_force_long = 0x7fffffffffffffff,
} seL4_BreakpointAccess;
