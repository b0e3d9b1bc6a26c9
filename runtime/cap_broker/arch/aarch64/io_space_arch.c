/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64, and the host kernel: the kernel has no I/O address spaces, so kaal_broker.io_levels is 0
 * and nothing here is called. (The host's unit tests play an IOMMU in its place.)
 */
#include "server_internal.h"

seL4_Word broker_arch_io_table_type(void)
{
    return seL4_ObjectTypeCount; /* no type */
}

seL4_Error broker_arch_io_space_mint(const struct kaal_cspace *cspace, uint32_t request_id,
                                     uint32_t domain, seL4_CPtr slot)
{
    (void)cspace;
    (void)request_id;
    (void)domain;
    (void)slot;
    return seL4_InvalidCapability;
}

seL4_Error broker_arch_io_table_map(seL4_CPtr table, seL4_CPtr space, uint64_t address)
{
    (void)table;
    (void)space;
    (void)address;
    return seL4_InvalidCapability;
}

seL4_Error broker_arch_io_page_map(seL4_CPtr frame, seL4_CPtr space, uint64_t address)
{
    (void)frame;
    (void)space;
    (void)address;
    return seL4_InvalidCapability;
}
