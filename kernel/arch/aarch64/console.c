/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Polled output on the platform's PL011, for printing kernels only. Users may own the same device:
 * only its data and flag registers are touched.
 */
#include "kernel_map.h"
#include "mmio.h"
#include "pl011_regs.h"

#include <kernel/arch_hooks.h>

#define PL011_POLLS_MAX 1000000

void arch_console_putchar(char byte)
{
    word_t uart = kernel_device_address(KERNEL_DEVICE_UART);
    for (int i = 0; i < PL011_POLLS_MAX && (mmio_read32(uart + PL011_FR) & PL011_FR_TXFF); i++) {
    }
    mmio_write32(uart + PL011_DR, (uint8_t)byte);
}

void arch_halt(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}
