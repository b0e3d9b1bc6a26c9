/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boot constants of the host: the aarch64 order of slots, and a small device space. */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

#define ARCH_DEVICE_TOP               (UINT64_C(1) << 32)
#define ARCH_USER_TOP                 (ABI_USER_VADDR_MAX + 1)
#define ARCH_BOOT_SCHED_CONTROL_FIRST 0
#define ARCH_BOOT_EXTRA_WHOLE_AREA    0

/* User code shares the process with the kernel: it uses kernel addresses. */
#define ARCH_BOOT_USER_SEES_KERNEL 1
