/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault words of aarch64. See <sel4/faults.h>.
 */
#pragma once

#include <sel4/types.h>

/* UnknownSyscall has the most words; one more holds the type. */
#define LIBSEL4_FAULT_WORDS 14

struct seL4_Fault {
    seL4_Uint64 words[LIBSEL4_FAULT_WORDS];
};
typedef struct seL4_Fault seL4_Fault_t;

#define LIBSEL4_ARCH_FAULT_FIELDS                                             \
    LIBSEL4_FAULT_FIELD(UserException, SPSR, seL4_UserException_SPSR)         \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X0, seL4_UnknownSyscall_X0)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X1, seL4_UnknownSyscall_X1)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X2, seL4_UnknownSyscall_X2)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X3, seL4_UnknownSyscall_X3)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X4, seL4_UnknownSyscall_X4)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X5, seL4_UnknownSyscall_X5)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X6, seL4_UnknownSyscall_X6)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, X7, seL4_UnknownSyscall_X7)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, FaultIP, seL4_UnknownSyscall_FaultIP) \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, SP, seL4_UnknownSyscall_SP)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, LR, seL4_UnknownSyscall_LR)           \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, SPSR, seL4_UnknownSyscall_SPSR)       \
    LIBSEL4_FAULT_FIELD(UnknownSyscall, Syscall, seL4_UnknownSyscall_Syscall)

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_UnknownSyscall_new(
    seL4_Uint64 X0, seL4_Uint64 X1, seL4_Uint64 X2, seL4_Uint64 X3, seL4_Uint64 X4, seL4_Uint64 X5,
    seL4_Uint64 X6, seL4_Uint64 X7, seL4_Uint64 FaultIP, seL4_Uint64 SP, seL4_Uint64 LR,
    seL4_Uint64 SPSR, seL4_Uint64 Syscall)
{
    return (seL4_Fault_t){{X0, X1, X2, X3, X4, X5, X6, X7, FaultIP, SP, LR, SPSR, Syscall,
                           seL4_Fault_UnknownSyscall}};
}
