/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: the kernel's I/O address spaces (VT-d).
 */
#include "server_internal.h"

seL4_Word broker_arch_io_table_type(void)
{
    return seL4_X86_IOPageTableObject;
}

seL4_Error broker_arch_io_space_mint(const struct kaal_cspace *cspace, uint32_t request_id,
                                     uint32_t domain, seL4_CPtr slot)
{
    seL4_X86_IOSpace_CapData_t data = seL4_X86_IOSpace_CapData_new(
        domain, request_id >> 8 & 0xFF, request_id >> 3 & 0x1F, request_id & 7);
    return seL4_CNode_Mint(cspace->root, slot, cspace->depth, cspace->root, seL4_CapIOSpace,
                           cspace->depth, seL4_AllRights, data.words[0]);
}

seL4_Error broker_arch_io_table_map(seL4_CPtr table, seL4_CPtr space, uint64_t address)
{
    return seL4_X86_IOPageTable_Map(table, space, address);
}

seL4_Error broker_arch_io_page_map(seL4_CPtr frame, seL4_CPtr space, uint64_t address)
{
    return seL4_X86_Page_MapIO(frame, space, seL4_ReadWrite, address);
}
