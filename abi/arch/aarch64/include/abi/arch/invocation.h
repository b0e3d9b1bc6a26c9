/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocation labels of aarch64, behind the generic ones.
 */
#pragma once

#include <abi/invocation.h>

enum sel4_arch_invocation_label {
    ARMVSpaceClean_Data = nInvocationLabels,
    ARMVSpaceInvalidate_Data,
    ARMVSpaceCleanInvalidate_Data,
    ARMVSpaceUnify_Instruction,
    ARMSMCCall,
    nSeL4ArchInvocationLabels,
};

enum arch_invocation_label {
    ARMPageTableMap = nSeL4ArchInvocationLabels,
    ARMPageTableUnmap,
    ARMPageMap,
    ARMPageUnmap,
    ARMPageClean_Data,
    ARMPageInvalidate_Data,
    ARMPageCleanInvalidate_Data,
    ARMPageUnify_Instruction,
    ARMPageGetAddress,
    ARMASIDControlMakePool,
    ARMASIDPoolAssign,
    ARMIRQIssueIRQHandlerTrigger,
    ARMIRQIssueSGISignal,
    nArchInvocationLabels,
};

_Static_assert(ARMSMCCall == 43 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(ARMPageMap == 46 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(ARMPageGetAddress == 52 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(nArchInvocationLabels == 57 + ABI_DEBUG_API_LABELS, "label numbers");
