/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The objects and invocations that aarch64 has beside the generic ones: which function decodes
 * what.
 */
#include "invocation.h"

#include <arch/cap.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/vspace.h>

const struct arch_object arch_objects[seL4_ObjectTypeCount] = {
    [seL4_ARM_SmallPageObject] = {CAP_FRAME, seL4_PageBits},
    [seL4_ARM_LargePageObject] = {CAP_FRAME, seL4_LargePageBits},
    [seL4_ARM_HugePageObject] = {CAP_FRAME, seL4_HugePageBits},
    [seL4_ARM_PageTableObject] = {ABI_CAP_PAGE_TABLE, seL4_PageTableBits},
    [seL4_ARM_VSpaceObject] = {CAP_VSPACE, seL4_VSpaceBits},
};

const struct invocation_rule arch_invocations[ARCH_INVOCATION_COUNT] = {
    ARCH_INVOCATIONS(ARMVSpaceClean_Data, ARMVSpaceUnify_Instruction, CAP_VSPACE, 2, 0,
                     cache_decode_vspace),
    ARCH_INVOCATION(ARMSMCCall, ABI_CAP_SMC, 8, 0, smc_decode),
    ARCH_INVOCATION(ARMPageTableMap, CAP_PAGE_TABLE, 2, 1, table_decode_map),
    ARCH_INVOCATION(ARMPageTableUnmap, CAP_PAGE_TABLE, 0, 0, table_decode_unmap),
    ARCH_INVOCATION(ARMPageMap, CAP_FRAME, 3, 1, page_decode_map),
    ARCH_INVOCATION(ARMPageUnmap, CAP_FRAME, 0, 0, page_decode_unmap),
    ARCH_INVOCATIONS(ARMPageClean_Data, ARMPageUnify_Instruction, CAP_FRAME, 2, 0,
                     cache_decode_page),
    ARCH_INVOCATION(ARMPageGetAddress, CAP_FRAME, 0, 0, page_decode_get_address),
    ARCH_INVOCATION(ARMASIDControlMakePool, CAP_ASID_CONTROL, 2, 2, asid_decode_make_pool),
    ARCH_INVOCATION(ARMASIDPoolAssign, CAP_ASID_POOL, 0, 1, asid_decode_assign),
    ARCH_INVOCATION(ARMIRQIssueIRQHandlerTrigger, CAP_IRQ_CONTROL, 4, 1, arch_decode_irq_get),
    ARCH_INVOCATION(ARMIRQIssueSGISignal, CAP_IRQ_CONTROL, 4, 1, irq_decode_issue_sgi),
};

void arch_vspace_init(void *root)
{
    /* the kernel's half has tables of its own */
}

BOOT_CODE void arch_boot_caps(void)
{
    if (CONFIG_ALLOW_SMC_CALLS) {
        boot_set_cap(seL4_CapSMC, cap_control(ABI_CAP_SMC));
    }
}
