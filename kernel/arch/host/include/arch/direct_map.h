/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host's physical memory is an arena of the process; this is its address minus HOST_RAM_BASE.
 */
#pragma once

#include <kernel/types.h>

#define HOST_RAM_BASE UINT64_C(0x40000000)

extern kptr_t host_direct_map_base;
#define DIRECT_MAP_BASE host_direct_map_base

#define ARCH_DEVICE_TOP (UINT64_C(1) << 32)

/* User code shares the process with the kernel: it uses kernel addresses. */
#define ARCH_BOOT_USER_SEES_KERNEL 1
