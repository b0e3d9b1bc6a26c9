/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault words of x86_64. See <sel4/faults.h>.
 */
#pragma once

#include <sel4/types.h>

/* UnknownSyscall has the most words; one more holds the type. */
#define LIBSEL4_FAULT_WORDS 20

struct seL4_Fault {
    seL4_Uint64 words[LIBSEL4_FAULT_WORDS];
};
typedef struct seL4_Fault seL4_Fault_t;

#define LIBSEL4_ARCH_FAULT_FIELDS                                             \
    LIBSEL4_FAULT_FIELD(UserException, FLAGS, seL4_UserException_FLAGS)       \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RAX, seL4_UnknownSyscall_RAX)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RBX, seL4_UnknownSyscall_RBX)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RCX, seL4_UnknownSyscall_RCX)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RDX, seL4_UnknownSyscall_RDX)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RSI, seL4_UnknownSyscall_RSI)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RDI, seL4_UnknownSyscall_RDI)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RBP, seL4_UnknownSyscall_RBP)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R8, seL4_UnknownSyscall_R8)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R9, seL4_UnknownSyscall_R9)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R10, seL4_UnknownSyscall_R10)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R11, seL4_UnknownSyscall_R11)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R12, seL4_UnknownSyscall_R12)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R13, seL4_UnknownSyscall_R13)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R14, seL4_UnknownSyscall_R14)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, R15, seL4_UnknownSyscall_R15)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, FaultIP, seL4_UnknownSyscall_FaultIP) \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, RSP, seL4_UnknownSyscall_SP)          \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, FLAGS, seL4_UnknownSyscall_FLAGS)     \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, Syscall, seL4_UnknownSyscall_Syscall)

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_UnknownSyscall_new(
    seL4_Uint64 RAX, seL4_Uint64 RBX, seL4_Uint64 RCX, seL4_Uint64 RDX, seL4_Uint64 RSI,
    seL4_Uint64 RDI, seL4_Uint64 RBP, seL4_Uint64 R8, seL4_Uint64 R9, seL4_Uint64 R10,
    seL4_Uint64 R11, seL4_Uint64 R12, seL4_Uint64 R13, seL4_Uint64 R14, seL4_Uint64 R15,
    seL4_Uint64 FaultIP, seL4_Uint64 RSP, seL4_Uint64 FLAGS, seL4_Uint64 Syscall)
{
    return (seL4_Fault_t){
        {RAX, RBX, RCX, RDX, RSI, RDI,     RBP, R8,    R9,      R10,
         R11, R12, R13, R14, R15, FaultIP, RSP, FLAGS, Syscall, seL4_Fault_UnknownSyscall}};
}
