/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocation labels: the generic ones. abi/arch/invocation.h continues the numbering.
 */
#pragma once

#include <abi/config.h>

enum invocation_label {
    InvalidInvocation = 0,
    UntypedRetype,
    TCBReadRegisters,
    TCBWriteRegisters,
    TCBCopyRegisters,
    TCBConfigure,
    TCBSetPriority,
    TCBSetMCPriority,
    TCBSetSchedParams,
    TCBSetTimeoutEndpoint,
    TCBSetIPCBuffer,
    TCBSetSpace,
    TCBSuspend,
    TCBResume,
    TCBBindNotification,
    TCBUnbindNotification,
#if ABI_HARDWARE_DEBUG_API
    TCBSetBreakpoint,
    TCBGetBreakpoint,
    TCBUnsetBreakpoint,
    TCBConfigureSingleStepping,
#endif
    TCBSetTLSBase,
    TCBSetFlags,
    CNodeRevoke,
    CNodeDelete,
    CNodeCancelBadgedSends,
    CNodeCopy,
    CNodeMint,
    CNodeMove,
    CNodeMutate,
    CNodeRotate,
    IRQIssueIRQHandler,
    IRQAckIRQ,
    IRQSetIRQHandler,
    IRQClearIRQHandler,
    DomainSetSet,
    DomainScheduleConfigure,
    DomainScheduleSetStart,
    SchedControlConfigureFlags,
    SchedContextBind,
    SchedContextUnbind,
    SchedContextUnbindObject,
    SchedContextConsumed,
    SchedContextYieldTo,
    nInvocationLabels,
};

/* Labels that the hardware-debug API inserts. */
#define ABI_DEBUG_API_LABELS (ABI_HARDWARE_DEBUG_API ? 4 : 0)

_Static_assert(TCBUnbindNotification == 15, "label numbers");
_Static_assert(TCBSetTLSBase == 16 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(CNodeRotate == 25 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(SchedContextYieldTo == 38 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(nInvocationLabels == 39 + ABI_DEBUG_API_LABELS, "label numbers");

#include <abi/arch/invocation.h>
