/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Invocation labels of x86_64, behind the generic ones. The IOMMU option inserts three.
 */
#pragma once

#include <abi/invocation.h>

enum sel4_arch_invocation_label {
    X86PDPTMap = nInvocationLabels,
    X86PDPTUnmap,
    nSeL4ArchInvocationLabels,
};

enum arch_invocation_label {
    X86PageDirectoryMap = nSeL4ArchInvocationLabels,
    X86PageDirectoryUnmap,
    X86PageTableMap,
    X86PageTableUnmap,
#if ABI_IOMMU
    X86IOPageTableMap,
    X86IOPageTableUnmap,
#endif
    X86PageMap,
    X86PageUnmap,
#if ABI_IOMMU
    X86PageMapIO,
#endif
    X86PageGetAddress,
    X86ASIDControlMakePool,
    X86ASIDPoolAssign,
    X86IOPortControlIssue,
    X86IOPortIn8,
    X86IOPortIn16,
    X86IOPortIn32,
    X86IOPortOut8,
    X86IOPortOut16,
    X86IOPortOut32,
    X86IRQIssueIRQHandlerIOAPIC,
    X86IRQIssueIRQHandlerMSI,
    nArchInvocationLabels,
};

_Static_assert(X86PDPTMap == 39 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(X86PageDirectoryMap == 41 + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(X86PageMap == (ABI_IOMMU ? 47 : 45) + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(X86PageGetAddress == (ABI_IOMMU ? 50 : 47) + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(X86IOPortIn8 == (ABI_IOMMU ? 54 : 51) + ABI_DEBUG_API_LABELS, "label numbers");
_Static_assert(nArchInvocationLabels == (ABI_IOMMU ? 62 : 59) + ABI_DEBUG_API_LABELS,
               "label numbers");
