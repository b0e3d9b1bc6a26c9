/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Constants of the x86_64 root task's environment. */
#pragma once

#include <abi/arch/constants.h>
#include <kernel/types.h>

#define ARCH_DEVICE_TOP               ABI_DEVICE_PADDR_TOP
#define ARCH_USER_TOP                 seL4_UserTop
#define ARCH_BOOT_SCHED_CONTROL_FIRST 1
#define ARCH_BOOT_EXTRA_WHOLE_AREA    1
#define ARCH_BOOT_USER_SEES_KERNEL    0
