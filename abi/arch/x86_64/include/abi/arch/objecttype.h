/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Object types of x86_64, behind the generic ones.
 */
#pragma once

#include <abi/config.h>

typedef enum _mode_object {
    seL4_X86_PDPTObject = 7,
    seL4_X64_PML4Object = 8,
    seL4_X64_HugePageObject = 9,
    seL4_ModeObjectTypeCount = 10,
} seL4_seL4ArchObjectType;

typedef enum api_arch_object {
    seL4_X86_4K = 10,
    seL4_X86_LargePageObject = 11,
    seL4_X86_PageTableObject = 12,
    seL4_X86_PageDirectoryObject = 13,
#if ABI_IOMMU
    seL4_X86_IOPageTableObject = 14,
#endif
    seL4_ObjectTypeCount = ABI_IOMMU ? 15 : 14,
} seL4_ArchObjectType;

#if !ABI_IOMMU
/* The name stays; no Retype accepts the value. */
#define seL4_X86_IOPageTableObject 0xffffff
#endif
