/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The objects and invocations that x86_64 has beside the generic ones: which function decodes what,
 * and the end of its own capabilities.
 */
#include "invocation.h"

#include <abi/arch/objecttype.h>
#include <arch/cap.h>
#include <arch/thread.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/vspace.h>

const struct arch_object arch_objects[seL4_ObjectTypeCount] = {
    [seL4_X86_4K] = {CAP_FRAME, seL4_PageBits},
    [seL4_X86_LargePageObject] = {CAP_FRAME, seL4_LargePageBits},
    [seL4_X64_HugePageObject] = {CONFIG_HUGE_PAGE ? CAP_FRAME : CAP_NULL, seL4_HugePageBits},
    [seL4_X86_PageTableObject] = {ABI_CAP_PAGE_TABLE, seL4_PageTableBits},
    [seL4_X86_PageDirectoryObject] = {ABI_CAP_PAGE_DIRECTORY, seL4_PageDirBits},
    [seL4_X86_PDPTObject] = {ABI_CAP_PDPT, seL4_PDPTBits},
    [seL4_X64_PML4Object] = {CAP_VSPACE, seL4_PML4Bits},
#if ABI_IOMMU
    [seL4_X86_IOPageTableObject] = {ABI_CAP_IO_PAGE_TABLE, seL4_IOPageTableBits},
#endif
};

const struct invocation_rule arch_invocations[ARCH_INVOCATION_COUNT] = {
    ARCH_INVOCATION(X86PDPTMap, ABI_CAP_PDPT, 2, 1, table_decode_map),
    ARCH_INVOCATION(X86PDPTUnmap, ABI_CAP_PDPT, 0, 0, table_decode_unmap),
    ARCH_INVOCATION(X86PageDirectoryMap, ABI_CAP_PAGE_DIRECTORY, 2, 1, table_decode_map),
    ARCH_INVOCATION(X86PageDirectoryUnmap, ABI_CAP_PAGE_DIRECTORY, 0, 0, table_decode_unmap),
    ARCH_INVOCATION(X86PageTableMap, ABI_CAP_PAGE_TABLE, 2, 1, table_decode_map),
    ARCH_INVOCATION(X86PageTableUnmap, ABI_CAP_PAGE_TABLE, 0, 0, table_decode_unmap),
#if ABI_IOMMU
    ARCH_INVOCATION(X86IOPageTableMap, ABI_CAP_IO_PAGE_TABLE, 1, 1, iommu_decode_map_table),
    ARCH_INVOCATION(X86IOPageTableUnmap, ABI_CAP_IO_PAGE_TABLE, 0, 0, page_decode_unmap),
    ARCH_INVOCATION(X86PageMapIO, ABI_CAP_FRAME, 2, 1, iommu_decode_map_page),
#endif
    ARCH_INVOCATION(X86PageMap, ABI_CAP_FRAME, 3, 1, page_decode_map),
    ARCH_INVOCATION(X86PageUnmap, ABI_CAP_FRAME, 0, 0, page_decode_unmap),
    ARCH_INVOCATION(X86PageGetAddress, ABI_CAP_FRAME, 0, 0, page_decode_get_address),
    ARCH_INVOCATION(X86ASIDControlMakePool, ABI_CAP_ASID_CONTROL, 2, 2, asid_decode_make_pool),
    ARCH_INVOCATION(X86ASIDPoolAssign, ABI_CAP_ASID_POOL, 0, 1, asid_decode_assign),
    ARCH_INVOCATION(X86IOPortControlIssue, ABI_CAP_IO_PORT_CONTROL, 4, 1, ioport_decode_issue),
    ARCH_INVOCATIONS(X86IOPortIn8, X86IOPortIn32, ABI_CAP_IO_PORT, 1, 0, ioport_decode),
    ARCH_INVOCATIONS(X86IOPortOut8, X86IOPortOut32, ABI_CAP_IO_PORT, 2, 0, ioport_decode),
    ARCH_INVOCATION(X86IRQIssueIRQHandlerIOAPIC, CAP_IRQ_CONTROL, 7, 1, irq_decode_get_ioapic),
    ARCH_INVOCATION(X86IRQIssueIRQHandlerMSI, CAP_IRQ_CONTROL, 7, 1, irq_decode_get_msi),
};

/* Every root shares the kernel's half: one entry, written at birth. */
void arch_vspace_init(void *root)
{
    ((pte_t *)root)[TABLE_ENTRIES - 1] = kernel_pml4[TABLE_ENTRIES - 1];
}

struct cap arch_cap_update_data(struct cap cap, word_t data, bool preserve)
{
    if (CONFIG_IOMMU && cap.tag == ABI_CAP_IO_SPACE) {
        return preserve ? cap_null() : iommu_mint(cap, data);
    }
    return cap;
}

void arch_cap_finalise(struct cap cap)
{
    if (cap.tag == ABI_CAP_IO_PORT) {
        ioport_release(cap);
    } else if (CONFIG_IOMMU && cap.tag == ABI_CAP_IO_SPACE) {
        iommu_delete_space(cap);
    }
}

BOOT_CODE void arch_boot_caps(void)
{
    boot_set_cap(seL4_CapIOPortControl, cap_control(ABI_CAP_IO_PORT_CONTROL));
    if (CONFIG_IOMMU && iommu_levels > 0) {
        boot_set_cap(seL4_CapIOSpace, cap_io_space(0, 0));
    }
}
