/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64, and the host kernel, which uses the same invocations: every table below the root is a
 * page table object, and the kernel installs one at the first missing level.
 */
#include "vspace_arch.h"

#include <kaal/vspace.h>

seL4_Word vspace_arch_root_type(void)
{
    return seL4_ARM_VSpaceObject;
}

seL4_Word vspace_arch_table_type(uint32_t covers)
{
    (void)covers;
    return seL4_ARM_PageTableObject;
}

seL4_Error vspace_arch_table_map(uint32_t covers, seL4_CPtr table, seL4_CPtr root, uint64_t vaddr)
{
    (void)covers;
    return seL4_ARM_PageTable_Map(table, root, vaddr, seL4_ARM_Default_VMAttributes);
}

seL4_Error vspace_arch_assign_asid(seL4_CPtr pool, seL4_CPtr root)
{
    return seL4_ARM_ASIDPool_Assign(pool, root);
}

seL4_Error vspace_arch_frame_map(seL4_CPtr frame, seL4_CPtr root, uint64_t vaddr,
                                 seL4_CapRights_t rights, uint32_t how)
{
    seL4_Word attributes = (how & KAAL_MAP_DEVICE) != 0 ? 0 : seL4_ARM_Default_VMAttributes;
    if ((how & KAAL_MAP_EXECUTE) == 0) {
        attributes |= seL4_ARM_ExecuteNever;
    }
    return seL4_ARM_Page_Map(frame, root, vaddr, rights, (seL4_ARM_VMAttributes)attributes);
}

seL4_Error vspace_arch_frame_unmap(seL4_CPtr frame)
{
    return seL4_ARM_Page_Unmap(frame);
}

uint32_t vspace_arch_object_bits(seL4_Word type)
{
    switch (type) {
    case seL4_ARM_VSpaceObject:
    case seL4_ARM_SmallPageObject:
    case seL4_ARM_PageTableObject:
        return 12;
    case seL4_ARM_LargePageObject:
        return 21;
    case seL4_ARM_HugePageObject:
        return 30;
    default:
        return 0;
    }
}

seL4_Word kaal_frame_type(uint32_t bits)
{
    switch (bits) {
    case 12:
        return seL4_ARM_SmallPageObject;
    case 21:
        return seL4_ARM_LargePageObject;
    case 30:
        return seL4_ARM_HugePageObject;
    default:
        return seL4_ObjectTypeCount; /* no type */
    }
}
