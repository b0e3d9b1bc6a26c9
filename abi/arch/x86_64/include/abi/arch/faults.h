/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault message words of x86_64.
 */
#pragma once

/* The reply restores words 0..17, in this order. */
typedef enum {
    seL4_UnknownSyscall_RAX = 0,
    seL4_UnknownSyscall_RBX,
    seL4_UnknownSyscall_RCX,
    seL4_UnknownSyscall_RDX,
    seL4_UnknownSyscall_RSI,
    seL4_UnknownSyscall_RDI,
    seL4_UnknownSyscall_RBP,
    seL4_UnknownSyscall_R8,
    seL4_UnknownSyscall_R9,
    seL4_UnknownSyscall_R10,
    seL4_UnknownSyscall_R11,
    seL4_UnknownSyscall_R12,
    seL4_UnknownSyscall_R13,
    seL4_UnknownSyscall_R14,
    seL4_UnknownSyscall_R15,
    seL4_UnknownSyscall_FaultIP, /* the system call instruction */
    seL4_UnknownSyscall_SP,
    seL4_UnknownSyscall_FLAGS,
    seL4_UnknownSyscall_Syscall,
    seL4_UnknownSyscall_Length,
    seL4_UnknownSyscall_force_long = 0x7fffffffffffffff,
} seL4_UnknownSyscall_Msg;
#define ABI_UNKNOWN_SYSCALL_REPLY_WORDS 18

/* The reply restores words 0..2. */
typedef enum {
    seL4_UserException_FaultIP = 0,
    seL4_UserException_SP = 1,
    seL4_UserException_FLAGS = 2,
    seL4_UserException_Number = 3, /* vector */
    seL4_UserException_Code = 4,   /* the hardware's error code */
    seL4_UserException_Length = 5,
    seL4_UserException_force_long = 0x7fffffffffffffff,
} seL4_UserException_Msg;
#define ABI_USER_EXCEPTION_REPLY_WORDS 3

/* Words of a reply to a Timeout fault. */
typedef enum {
    seL4_TimeoutReply_FaultIP = 0,
    seL4_TimeoutReply_RSP,
    seL4_TimeoutReply_FLAGS,
    seL4_TimeoutReply_RAX,
    seL4_TimeoutReply_RBX,
    seL4_TimeoutReply_RCX,
    seL4_TimeoutReply_RDX,
    seL4_TimeoutReply_RSI,
    seL4_TimeoutReply_RDI,
    seL4_TimeoutReply_RBP,
    seL4_TimeoutReply_R8,
    seL4_TimeoutReply_R9,
    seL4_TimeoutReply_R10,
    seL4_TimeoutReply_R11,
    seL4_TimeoutReply_R12,
    seL4_TimeoutReply_R13,
    seL4_TimeoutReply_R14,
    seL4_TimeoutReply_R15,
    seL4_TimeoutReply_TLS_BASE,
    seL4_TimeoutReply_Length,
    seL4_TimeoutReply_force_long = 0x7fffffffffffffff,
} seL4_TimeoutReply_Msg;

_Static_assert(seL4_UnknownSyscall_Length == 19, "fault words");
_Static_assert(seL4_TimeoutReply_Length == 19, "fault words");
