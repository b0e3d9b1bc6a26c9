/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fault messages as values. words[i] of a seL4_Fault_t is message word i; the low four bits of the
 * last word are the type.
 */
#pragma once

#include <sel4/functions.h>

#include <sel4/arch/faults.h>

/* As LIBSEL4_WORD_FIELD, for a whole word of a fault. */
#define LIBSEL4_FAULT_FIELD(fault, field, index)                                               \
    LIBSEL4_INLINE seL4_Uint64 seL4_Fault_##fault##_get_##field(seL4_Fault_t value)            \
    {                                                                                          \
        return value.words[index];                                                             \
    }                                                                                          \
    LIBSEL4_INLINE seL4_Fault_t seL4_Fault_##fault##_set_##field(seL4_Fault_t value,           \
                                                                 seL4_Uint64 field)            \
    {                                                                                          \
        value.words[index] = field;                                                            \
        return value;                                                                          \
    }                                                                                          \
    LIBSEL4_INLINE seL4_Uint64 seL4_Fault_##fault##_ptr_get_##field(const seL4_Fault_t *value) \
    {                                                                                          \
        return value->words[index];                                                            \
    }                                                                                          \
    LIBSEL4_INLINE void seL4_Fault_##fault##_ptr_set_##field(seL4_Fault_t *value,              \
                                                             seL4_Uint64 field)                \
    {                                                                                          \
        value->words[index] = field;                                                           \
    }

#define LIBSEL4_FAULT_TYPE_WORD (LIBSEL4_FAULT_WORDS - 1)

LIBSEL4_INLINE seL4_Uint64 seL4_Fault_get_seL4_FaultType(seL4_Fault_t fault)
{
    return fault.words[LIBSEL4_FAULT_TYPE_WORD] & 0xf;
}

LIBSEL4_INLINE seL4_Uint64 seL4_Fault_ptr_get_seL4_FaultType(const seL4_Fault_t *fault)
{
    return seL4_Fault_get_seL4_FaultType(*fault);
}

LIBSEL4_INLINE int seL4_Fault_seL4_FaultType_equals(seL4_Fault_t fault, seL4_Uint64 type)
{
    return seL4_Fault_get_seL4_FaultType(fault) == type;
}

LIBSEL4_FAULT_FIELD(CapFault, IP, seL4_CapFault_IP)
LIBSEL4_FAULT_FIELD(CapFault, Addr, seL4_CapFault_Addr)
LIBSEL4_FAULT_FIELD(CapFault, InRecvPhase, seL4_CapFault_InRecvPhase)
LIBSEL4_FAULT_FIELD(CapFault, LookupFailureType, seL4_CapFault_LookupFailureType)
LIBSEL4_FAULT_FIELD(CapFault, MR4, 4)
LIBSEL4_FAULT_FIELD(CapFault, MR5, 5)
LIBSEL4_FAULT_FIELD(CapFault, MR6, 6)
LIBSEL4_FAULT_FIELD(VMFault, IP, seL4_VMFault_IP)
LIBSEL4_FAULT_FIELD(VMFault, Addr, seL4_VMFault_Addr)
LIBSEL4_FAULT_FIELD(VMFault, PrefetchFault, seL4_VMFault_PrefetchFault)
LIBSEL4_FAULT_FIELD(VMFault, FSR, seL4_VMFault_FSR)
LIBSEL4_FAULT_FIELD(UserException, FaultIP, seL4_UserException_FaultIP)
LIBSEL4_FAULT_FIELD(UserException, Stack, seL4_UserException_SP)
LIBSEL4_FAULT_FIELD(UserException, Number, seL4_UserException_Number)
LIBSEL4_FAULT_FIELD(UserException, Code, seL4_UserException_Code)
LIBSEL4_FAULT_FIELD(Timeout, data, seL4_Timeout_Data)
LIBSEL4_FAULT_FIELD(Timeout, consumed, seL4_Timeout_Consumed)
LIBSEL4_FAULT_FIELD(DebugException, FaultAddress, seL4_DebugException_FaultIP)
LIBSEL4_FAULT_FIELD(DebugException, ExceptionReason, seL4_DebugException_ExceptionReason)
LIBSEL4_FAULT_FIELD(DebugException, TriggerAddress, seL4_DebugException_TriggerAddress)
LIBSEL4_FAULT_FIELD(DebugException, BreakpointNumber, seL4_DebugException_BreakpointNumber)
LIBSEL4_ARCH_FAULT_FIELDS

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_NullFault_new(void)
{
    return (seL4_Fault_t){.words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_NullFault};
}

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_CapFault_new(seL4_Uint64 IP, seL4_Uint64 Addr,
                                                    seL4_Uint64 InRecvPhase,
                                                    seL4_Uint64 LookupFailureType, seL4_Uint64 MR4,
                                                    seL4_Uint64 MR5, seL4_Uint64 MR6)
{
    return (seL4_Fault_t){.words = {IP, Addr, InRecvPhase, LookupFailureType, MR4, MR5, MR6},
                          .words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_CapFault};
}

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_VMFault_new(seL4_Uint64 IP, seL4_Uint64 Addr,
                                                   seL4_Uint64 PrefetchFault, seL4_Uint64 FSR)
{
    return (seL4_Fault_t){.words = {IP, Addr, PrefetchFault, FSR},
                          .words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_VMFault};
}

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_UserException_new(seL4_Uint64 FaultIP, seL4_Uint64 Stack,
                                                         seL4_Uint64 flags, seL4_Uint64 Number,
                                                         seL4_Uint64 Code)
{
    return (seL4_Fault_t){.words = {FaultIP, Stack, flags, Number, Code},
                          .words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_UserException};
}

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_Timeout_new(seL4_Uint64 data, seL4_Uint64 consumed)
{
    return (seL4_Fault_t){.words = {data, consumed},
                          .words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_Timeout};
}

LIBSEL4_INLINE seL4_Fault_t seL4_Fault_DebugException_new(seL4_Uint64 FaultAddress,
                                                          seL4_Uint64 ExceptionReason,
                                                          seL4_Uint64 TriggerAddress,
                                                          seL4_Uint64 BreakpointNumber)
{
    return (seL4_Fault_t){
        .words = {FaultAddress, ExceptionReason, TriggerAddress, BreakpointNumber},
        .words[LIBSEL4_FAULT_TYPE_WORD] = seL4_Fault_DebugException};
}

/* The fault that a received message tells of: its words are taken from the IPC buffer. */
LIBSEL4_INLINE seL4_Fault_t seL4_getFault(seL4_MessageInfo_t tag)
{
    seL4_Fault_t fault = {{0}};
    seL4_Word type = seL4_MessageInfo_get_label(tag);
    if (type > seL4_Fault_VMFault) {
        return fault;
    }
    seL4_Word length = seL4_MessageInfo_get_length(tag);
    for (seL4_Word i = 0; i < length && i < LIBSEL4_FAULT_TYPE_WORD; i++) {
        fault.words[i] = seL4_GetMR((int)i);
    }
    fault.words[LIBSEL4_FAULT_TYPE_WORD] = type;
    return fault;
}

/* Faults whose words the architecture defines; the others give a null fault. */
LIBSEL4_INLINE seL4_Fault_t seL4_getArchFault(seL4_MessageInfo_t tag)
{
    switch (seL4_MessageInfo_get_label(tag)) {
    case seL4_Fault_UnknownSyscall:
    case seL4_Fault_UserException:
    case seL4_Fault_VMFault:
        return seL4_getFault(tag);
    default:
        return seL4_Fault_NullFault_new();
    }
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isNullFault_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_NullFault;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isCapFault_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_CapFault;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isUnknownSyscall_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UnknownSyscall;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isUserException_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UserException;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isDebugException_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_DebugException;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isTimeoutFault_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_Timeout;
}

LIBSEL4_INLINE_FUNC seL4_Bool seL4_isVMFault_tag(seL4_MessageInfo_t tag)
{
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_VMFault;
}

/* The reply to a Timeout fault: resume with these registers, or stop the thread. */
LIBSEL4_INLINE seL4_MessageInfo_t seL4_TimeoutReply_new(seL4_Bool resume, seL4_UserContext regs,
                                                        seL4_Word length)
{
    const seL4_Word *words = (const seL4_Word *)&regs;
    for (seL4_Word i = 0; i < length && i < seL4_TimeoutReply_Length; i++) {
        seL4_SetMR((int)i, words[i]);
    }
    return seL4_MessageInfo_new(!resume, 0, 0, length);
}
