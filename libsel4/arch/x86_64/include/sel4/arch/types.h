/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Capability pointer types and the register context of x86_64.
 */
#pragma once

#include <abi/arch/context.h>
#include <abi/arch/vmattributes.h>
#include <sel4/macros.h>

typedef seL4_CPtr seL4_X64_PML4;
typedef seL4_CPtr seL4_X86_PDPT;
typedef seL4_CPtr seL4_X86_PageDirectory;
typedef seL4_CPtr seL4_X86_PageTable;
typedef seL4_CPtr seL4_X86_Page;
typedef seL4_CPtr seL4_X86_IOPageTable;
typedef seL4_CPtr seL4_X86_ASIDControl;
typedef seL4_CPtr seL4_X86_ASIDPool;
typedef seL4_CPtr seL4_X86_IOSpace;
typedef seL4_CPtr seL4_X86_IOPort;
typedef seL4_CPtr seL4_X86_IOPortControl;

/* Data word of an IOSpace capability's Mint. */
struct seL4_X86_IOSpace_CapData {
    seL4_Uint64 words[1];
};
typedef struct seL4_X86_IOSpace_CapData seL4_X86_IOSpace_CapData_t;

LIBSEL4_INLINE seL4_X86_IOSpace_CapData_t seL4_X86_IOSpace_CapData_new(seL4_Uint64 domainID,
                                                                       seL4_Uint64 pciBus,
                                                                       seL4_Uint64 pciDev,
                                                                       seL4_Uint64 pciFun)
{
    return (seL4_X86_IOSpace_CapData_t){
        {(domainID & 0xffff) << 16 | (pciBus & 0xff) << 8 | (pciDev & 0x1f) << 3 | (pciFun & 0x7)}};
}
