/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: PML4 -> PDPT -> page directory -> page table. Every readable page is executable; device
 * registers are strongly uncacheable.
 */
#include "vspace_arch.h"

#include <kaal/vspace.h>

seL4_Word vspace_arch_root_type(void)
{
    return seL4_X64_PML4Object;
}

seL4_Word vspace_arch_table_type(uint32_t covers)
{
    switch (covers) {
    case 39:
        return seL4_X86_PDPTObject;
    case 30:
        return seL4_X86_PageDirectoryObject;
    default:
        return seL4_X86_PageTableObject;
    }
}

seL4_Error vspace_arch_table_map(uint32_t covers, seL4_CPtr table, seL4_CPtr root, uint64_t vaddr)
{
    switch (covers) {
    case 39:
        return seL4_X86_PDPT_Map(table, root, vaddr, seL4_X86_Default_VMAttributes);
    case 30:
        return seL4_X86_PageDirectory_Map(table, root, vaddr, seL4_X86_Default_VMAttributes);
    default:
        return seL4_X86_PageTable_Map(table, root, vaddr, seL4_X86_Default_VMAttributes);
    }
}

seL4_Error vspace_arch_assign_asid(seL4_CPtr pool, seL4_CPtr root)
{
    return seL4_X86_ASIDPool_Assign(pool, root);
}

seL4_Error vspace_arch_frame_map(seL4_CPtr frame, seL4_CPtr root, uint64_t vaddr,
                                 seL4_CapRights_t rights, uint32_t how)
{
    seL4_X86_VMAttributes attributes =
        (how & KAAL_MAP_DEVICE) != 0 ? seL4_X86_Uncacheable : seL4_X86_WriteBack;
    return seL4_X86_Page_Map(frame, root, vaddr, rights, attributes);
}

seL4_Error vspace_arch_frame_unmap(seL4_CPtr frame)
{
    return seL4_X86_Page_Unmap(frame);
}

uint32_t vspace_arch_object_bits(seL4_Word type)
{
    switch (type) {
    case seL4_X86_PDPTObject:
    case seL4_X64_PML4Object:
    case seL4_X86_4K:
    case seL4_X86_PageTableObject:
    case seL4_X86_PageDirectoryObject:
    case seL4_X86_IOPageTableObject:
        return 12;
    case seL4_X86_LargePageObject:
        return 21;
    case seL4_X64_HugePageObject:
        return 30;
    default:
        return 0;
    }
}

seL4_Word kaal_frame_type(uint32_t bits)
{
    switch (bits) {
    case 12:
        return seL4_X86_4K;
    case 21:
        return seL4_X86_LargePageObject;
    case 30:
        return seL4_X64_HugePageObject;
    default:
        return seL4_ObjectTypeCount; /* no type */
    }
}
