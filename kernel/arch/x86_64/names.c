/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of this architecture's invocations and capabilities, for debug messages. */
#include <kernel/names.h>

const char *const arch_label_names[nArchInvocationLabels] = {
    [X86PDPTMap] = "X86PDPTMap",
    [X86PDPTUnmap] = "X86PDPTUnmap",
    [X86PageDirectoryMap] = "X86PageDirectoryMap",
    [X86PageDirectoryUnmap] = "X86PageDirectoryUnmap",
    [X86PageTableMap] = "X86PageTableMap",
    [X86PageTableUnmap] = "X86PageTableUnmap",
#if ABI_IOMMU
    [X86IOPageTableMap] = "X86IOPageTableMap",
    [X86IOPageTableUnmap] = "X86IOPageTableUnmap",
#endif
    [X86PageMap] = "X86PageMap",
    [X86PageUnmap] = "X86PageUnmap",
#if ABI_IOMMU
    [X86PageMapIO] = "X86PageMapIO",
#endif
    [X86PageGetAddress] = "X86PageGetAddress",
    [X86ASIDControlMakePool] = "X86ASIDControlMakePool",
    [X86ASIDPoolAssign] = "X86ASIDPoolAssign",
    [X86IOPortControlIssue] = "X86IOPortControlIssue",
    [X86IOPortIn8] = "X86IOPortIn8",
    [X86IOPortIn16] = "X86IOPortIn16",
    [X86IOPortIn32] = "X86IOPortIn32",
    [X86IOPortOut8] = "X86IOPortOut8",
    [X86IOPortOut16] = "X86IOPortOut16",
    [X86IOPortOut32] = "X86IOPortOut32",
    [X86IRQIssueIRQHandlerIOAPIC] = "X86IRQIssueIRQHandlerIOAPIC",
    [X86IRQIssueIRQHandlerMSI] = "X86IRQIssueIRQHandlerMSI",
};

const char *const arch_cap_names[CAP_TAG_COUNT] = {
    [ABI_CAP_FRAME] = "frame",
    [ABI_CAP_PAGE_TABLE] = "page table",
    [ABI_CAP_PAGE_DIRECTORY] = "page directory",
    [ABI_CAP_PDPT] = "PDPT",
    [ABI_CAP_PML4] = "PML4",
    [ABI_CAP_ASID_CONTROL] = "ASID control",
    [ABI_CAP_ASID_POOL] = "ASID pool",
    [ABI_CAP_IO_SPACE] = "I/O space",
    [ABI_CAP_IO_PAGE_TABLE] = "I/O page table",
    [ABI_CAP_IO_PORT] = "I/O port",
    [ABI_CAP_IO_PORT_CONTROL] = "I/O port control",
};
