/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the kernel sees physical memory. */
#pragma once

#include <kernel/types.h>
#include <platform.h>

#define DIRECT_MAP_BASE   0xffffff8000000000ul
#define KERNEL_IMAGE_BASE 0xffffffffc0000000ul

/* End of the physical addresses that users can have. */
#define ARCH_DEVICE_TOP ABI_DEVICE_PADDR_TOP

/* User code has addresses of its own. */
#define ARCH_BOOT_USER_SEES_KERNEL 0

/* Physical address of something in the kernel image. */
static inline paddr_t kernel_image_paddr(const void *object)
{
    return (word_t)object - KERNEL_IMAGE_BASE + PLATFORM_RAM_BASE;
}
