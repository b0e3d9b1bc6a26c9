/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault message words of aarch64.
 */
#pragma once

/* The reply restores words 0..11, in this order. LR is the next IP (ELR), not X30. */
typedef enum {
    seL4_UnknownSyscall_X0 = 0,
    seL4_UnknownSyscall_X1,
    seL4_UnknownSyscall_X2,
    seL4_UnknownSyscall_X3,
    seL4_UnknownSyscall_X4,
    seL4_UnknownSyscall_X5,
    seL4_UnknownSyscall_X6,
    seL4_UnknownSyscall_X7,
    seL4_UnknownSyscall_FaultIP, /* the system call instruction */
    seL4_UnknownSyscall_SP,
    seL4_UnknownSyscall_LR,
    seL4_UnknownSyscall_SPSR,
    seL4_UnknownSyscall_Syscall,
    seL4_UnknownSyscall_Length,
    seL4_UnknownSyscall_force_long = 0x7fffffffffffffff,
} seL4_UnknownSyscall_Msg;
#define ABI_UNKNOWN_SYSCALL_REPLY_WORDS 12

/* The reply restores words 0..2. */
typedef enum {
    seL4_UserException_FaultIP = 0,
    seL4_UserException_SP = 1,
    seL4_UserException_SPSR = 2,
    seL4_UserException_Number = 3, /* ESR_EL1 */
    seL4_UserException_Code = 4,   /* 0 */
    seL4_UserException_Length = 5,
    seL4_UserException_force_long = 0x7fffffffffffffff,
} seL4_UserException_Msg;
#define ABI_USER_EXCEPTION_REPLY_WORDS 3

/* Words of a reply to a Timeout fault. */
typedef enum {
    seL4_TimeoutReply_FaultIP = 0,
    seL4_TimeoutReply_SP,
    seL4_TimeoutReply_SPSR_EL1,
    seL4_TimeoutReply_X0,
    seL4_TimeoutReply_X1,
    seL4_TimeoutReply_X2,
    seL4_TimeoutReply_X3,
    seL4_TimeoutReply_X4,
    seL4_TimeoutReply_X5,
    seL4_TimeoutReply_X6,
    seL4_TimeoutReply_X7,
    seL4_TimeoutReply_X8,
    seL4_TimeoutReply_X16,
    seL4_TimeoutReply_X17,
    seL4_TimeoutReply_X18,
    seL4_TimeoutReply_X29,
    seL4_TimeoutReply_X30,
    seL4_TimeoutReply_X9,
    seL4_TimeoutReply_X10,
    seL4_TimeoutReply_X11,
    seL4_TimeoutReply_X12,
    seL4_TimeoutReply_X13,
    seL4_TimeoutReply_X14,
    seL4_TimeoutReply_X15,
    seL4_TimeoutReply_X19,
    seL4_TimeoutReply_X20,
    seL4_TimeoutReply_X21,
    seL4_TimeoutReply_X22,
    seL4_TimeoutReply_X23,
    seL4_TimeoutReply_X24,
    seL4_TimeoutReply_X25,
    seL4_TimeoutReply_X26,
    seL4_TimeoutReply_X27,
    seL4_TimeoutReply_X28,
    seL4_TimeoutReply_Length,
    seL4_TimeoutReply_force_long = 0x7fffffffffffffff,
} seL4_TimeoutReply_Msg;

_Static_assert(seL4_UnknownSyscall_Length == 13, "fault words");
_Static_assert(seL4_TimeoutReply_Length == 34, "fault words");
