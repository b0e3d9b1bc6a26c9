/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sizes and limits of x86_64.
 */
#pragma once

#include <abi/config.h>

#define seL4_TCBBits 11

/* Paging objects: four levels of 512 entries. */
#define seL4_PageTableBits        12
#define seL4_PageTableEntryBits   3
#define seL4_PageTableIndexBits   9
#define seL4_PageDirBits          12
#define seL4_PageDirEntryBits     3
#define seL4_PageDirIndexBits     9
#define seL4_PDPTBits             12
#define seL4_PDPTEntryBits        3
#define seL4_PDPTIndexBits        9
#define seL4_PML4Bits             12
#define seL4_PML4EntryBits        3
#define seL4_PML4IndexBits        9
#define seL4_VSpaceBits           seL4_PML4Bits
#define seL4_IOPageTableBits      12
#define seL4_IOPageTableEntryBits 3
#define seL4_IOPageTableIndexBits 9

#define seL4_NumASIDPoolsBits 3

/* First address that a page of a user may not cover, and the last one that it may. */
#define seL4_UserTop       0x00007ffffffff000ul
#define seL4_UserVSpaceTop 0x00007fffffffefff
/* Bound of the kernel's own checks: vaddr and vaddr + size may equal it. */
#define ABI_USER_VADDR_MAX 0x00007ffffffffffful
/* Where the device untypeds of boot information end. */
#define ABI_DEVICE_PADDR_TOP (1ul << 47)

/* Level word of a FailedLookup from a Map call: which table is missing. */
#define SEL4_MAPPING_LOOKUP_NO_PT   21
#define SEL4_MAPPING_LOOKUP_NO_PD   30
#define SEL4_MAPPING_LOOKUP_NO_PDPT 39

/* Hardware-debug API: four registers, each for instructions or data, none for reads alone. */
#define seL4_NumHWBreakpoints         4
#define seL4_NumExclusiveBreakpoints  0
#define seL4_NumExclusiveWatchpoints  0
#define seL4_NumDualFunctionMonitors  4
#define seL4_FirstBreakpoint          (-1)
#define seL4_FirstWatchpoint          (-1)
#define seL4_FirstDualFunctionMonitor 0
#define ABI_READ_WATCHPOINTS          0

/* Interrupt numbers of the API: the CPU vector is number + IRQ_OFFSET; 0..ABI_IRQ_MAX are valid. */
#define IRQ_OFFSET  48
#define VECTOR_MIN  0
#define VECTOR_MAX  109
#define MSI_MIN     VECTOR_MIN
#define MSI_MAX     VECTOR_MAX
#define ABI_IRQ_MAX 107
