/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the portable boot code must know: see kernel/arch/README.md. */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

#define ARCH_DEVICE_TOP ABI_DEVICE_PADDR_TOP
#define ARCH_USER_TOP   (ABI_USER_VADDR_MAX + 1)

/* Boot slots: image paging, extra pages, then scheduling control; only the pages in use. */
#define ARCH_BOOT_SCHED_CONTROL_FIRST 0
#define ARCH_BOOT_EXTRA_WHOLE_AREA    0
#define ARCH_BOOT_USER_SEES_KERNEL    0
