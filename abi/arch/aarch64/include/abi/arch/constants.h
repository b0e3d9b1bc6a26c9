/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sizes and limits of aarch64 (kernel at EL1, 4 KiB granule).
 */
#pragma once

#include <abi/config.h>

#if ABI_HARDWARE_DEBUG_API
#define seL4_TCBBits 12
#else
#define seL4_TCBBits 11
#endif

/* Paging objects: four levels of 512 entries, the lower three one type. */
#define seL4_PageTableBits      12
#define seL4_PageTableEntryBits 3
#define seL4_PageTableIndexBits 9
#define seL4_VSpaceBits         12
#define seL4_VSpaceEntryBits    3
#define seL4_VSpaceIndexBits    9

#define seL4_NumASIDPoolsBits 7

/* The last address that a user may map; the kernel's own checks use the same bound. */
#define seL4_UserTop       0x00007ffffffffffful
#define seL4_UserVSpaceTop seL4_UserTop
#define ABI_USER_VADDR_MAX seL4_UserTop
/* Where the device untypeds of boot information end. */
#define ABI_DEVICE_PADDR_TOP (1ul << 40)

/* Level word of a FailedLookup from a Map call: which table is missing. */
#define SEL4_MAPPING_LOOKUP_NO_PT  21
#define SEL4_MAPPING_LOOKUP_NO_PD  30
#define SEL4_MAPPING_LOOKUP_NO_PUD 39

/* Hardware-debug API: a Cortex-A53 has six breakpoints and four watchpoints. */
#define seL4_NumHWBreakpoints         10
#define seL4_NumExclusiveBreakpoints  6
#define seL4_NumExclusiveWatchpoints  4
#define seL4_NumDualFunctionMonitors  0
#define seL4_FirstBreakpoint          0
#define seL4_FirstWatchpoint          6
#define seL4_FirstDualFunctionMonitor (-1)
#define ABI_READ_WATCHPOINTS          1

/* Interrupt numbers of the API are GIC interrupt numbers; 0..ABI_IRQ_MAX are valid. */
#define ABI_IRQ_MAX 159
