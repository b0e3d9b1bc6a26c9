/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of this architecture's invocations and capabilities, for debug messages. */
#include <kernel/names.h>

const char *const arch_label_names[nArchInvocationLabels] = {
    [ARMVSpaceClean_Data] = "ARMVSpaceClean_Data",
    [ARMVSpaceInvalidate_Data] = "ARMVSpaceInvalidate_Data",
    [ARMVSpaceCleanInvalidate_Data] = "ARMVSpaceCleanInvalidate_Data",
    [ARMVSpaceUnify_Instruction] = "ARMVSpaceUnify_Instruction",
    [ARMSMCCall] = "ARMSMCCall",
    [ARMPageTableMap] = "ARMPageTableMap",
    [ARMPageTableUnmap] = "ARMPageTableUnmap",
    [ARMPageMap] = "ARMPageMap",
    [ARMPageUnmap] = "ARMPageUnmap",
    [ARMPageClean_Data] = "ARMPageClean_Data",
    [ARMPageInvalidate_Data] = "ARMPageInvalidate_Data",
    [ARMPageCleanInvalidate_Data] = "ARMPageCleanInvalidate_Data",
    [ARMPageUnify_Instruction] = "ARMPageUnify_Instruction",
    [ARMPageGetAddress] = "ARMPageGetAddress",
    [ARMASIDControlMakePool] = "ARMASIDControlMakePool",
    [ARMASIDPoolAssign] = "ARMASIDPoolAssign",
    [ARMIRQIssueIRQHandlerTrigger] = "ARMIRQIssueIRQHandlerTrigger",
    [ARMIRQIssueSGISignal] = "ARMIRQIssueSGISignal",
};

const char *const arch_cap_names[CAP_TAG_COUNT] = {
    [ABI_CAP_FRAME] = "frame",           [ABI_CAP_PAGE_TABLE] = "page table",
    [ABI_CAP_VSPACE] = "VSpace",         [ABI_CAP_ASID_CONTROL] = "ASID control",
    [ABI_CAP_ASID_POOL] = "ASID pool",   [ABI_CAP_SMC] = "SMC",
    [ABI_CAP_SGI_SIGNAL] = "SGI signal",
};
