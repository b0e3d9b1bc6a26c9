/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault labels and the message words of the faults that are the same on every architecture.
 * UnknownSyscall, UserException and TimeoutReply words are in abi/arch/faults.h.
 */
#pragma once

#include <abi/arch/faults.h>

enum seL4_Fault_tag {
    seL4_Fault_NullFault = 0, /* never sent */
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_DebugException = 4, /* hardware-debug builds; the number stays reserved */
    seL4_Fault_Timeout = 5,
    seL4_Fault_VMFault = 6,
};
typedef enum seL4_Fault_tag seL4_Fault_tag_t;

/* MR3.. is the lookup failure block of abi/errors.h; the message has 4 to 7 words. */
typedef enum {
    seL4_CapFault_IP = 0,
    seL4_CapFault_Addr = 1,
    seL4_CapFault_InRecvPhase = 2,
    seL4_CapFault_LookupFailureType = 3,
    seL4_CapFault_BitsLeft = 4,
    seL4_CapFault_DepthMismatch_BitsFound = 5,
    seL4_CapFault_GuardMismatch_GuardFound = 5,
    seL4_CapFault_GuardMismatch_BitsFound = 6,
    seL4_CapFault_force_long = 0x7fffffffffffffff,
} seL4_CapFault_Msg;

typedef enum {
    seL4_VMFault_IP = 0,
    seL4_VMFault_Addr = 1,
    seL4_VMFault_PrefetchFault = 2,
    seL4_VMFault_FSR = 3,
    seL4_VMFault_Length = 4,
    seL4_VMFault_force_long = 0x7fffffffffffffff,
} seL4_VMFault_Msg;

/* Consumed is absent (length 1) when the thread has lost its scheduling context. */
typedef enum {
    seL4_Timeout_Data = 0,
    seL4_Timeout_Consumed = 1,
    seL4_Timeout_Length = 2,
    seL4_TimeoutMsg_force_long = 0x7fffffffffffffff,
} seL4_TimeoutMsg;

/* Two words (IP, reason) for a single step and a software break. */
typedef enum {
    seL4_DebugException_FaultIP = 0,
    seL4_DebugException_ExceptionReason = 1,
    seL4_DebugException_TriggerAddress = 2,
    seL4_DebugException_BreakpointNumber = 3,
    seL4_DebugException_Length = 4,
    seL4_DebugException_force_long = 0x7fffffffffffffff,
} seL4_DebugException_Msg;
