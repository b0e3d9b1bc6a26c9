/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel's own half of the address space, all of it written once at boot:
 *
 *   0xffffff8000000000 + p   RAM at physical p, read-write, never executable; the pages of the
 *                            kernel image are left out
 *   0xffffffffc0000000       the kernel image: text read-execute, constants read, data read-write
 *   0xffffffffffe00000       device pages: UART and interrupt controller
 */
#pragma once

#include <arch/direct_map.h>

#define KERNEL_DEVICE_BASE 0xffffffffffe00000ul

/* Device pages in the order of their addresses. */
enum kernel_device {
    KERNEL_DEVICE_UART = 0,
    KERNEL_DEVICE_GICD = 1,     /* GICv2: 1 page; GICv3: 16 */
    KERNEL_DEVICE_GIC_CPU = 17, /* GICv2: 1 page; GICv3: 32, the first redistributor's two frames */
    KERNEL_DEVICE_END = 49,
};

static inline word_t kernel_device_address(enum kernel_device page)
{
    return KERNEL_DEVICE_BASE + ((word_t)page << 12);
}

/* Build the tables and switch to them. */
void kernel_map_init(void);

/* Take the boot-only code and data out of the kernel's window: users own that memory now. */
void kernel_map_drop_boot(void);

/* A table without entries, for threads without address space. */
extern uint64_t kernel_empty_table[];
