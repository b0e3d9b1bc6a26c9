/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Names that older programs still use.
 */
#pragma once

#include <sel4/faults.h>

#define seL4_NoFault        seL4_Fault_NullFault
#define seL4_CapFault       seL4_Fault_CapFault
#define seL4_UnknownSyscall seL4_Fault_UnknownSyscall
#define seL4_UserException  seL4_Fault_UserException
#define seL4_VMFault        seL4_Fault_VMFault

#define SEL4_PFIPC_LABEL           seL4_Fault_VMFault
#define SEL4_PFIPC_LENGTH          seL4_VMFault_Length
#define SEL4_PFIPC_FAULT_IP        seL4_VMFault_IP
#define SEL4_PFIPC_FAULT_ADDR      seL4_VMFault_Addr
#define SEL4_PFIPC_PREFETCH_FAULT  seL4_VMFault_PrefetchFault
#define SEL4_PFIPC_FSR             seL4_VMFault_FSR
#define SEL4_EXCEPT_IPC_LABEL      seL4_Fault_UnknownSyscall
#define SEL4_EXCEPT_IPC_LENGTH     seL4_UnknownSyscall_Length
#define SEL4_USER_EXCEPTION_LABEL  seL4_Fault_UserException
#define SEL4_USER_EXCEPTION_LENGTH seL4_UserException_Length
