/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The polled serial console of the printing configuration. */
#include "boot/boot.h"
#include "machine/uart_regs.h"

#include <arch/cpu.h>
#include <kernel/arch_hooks.h>

#define UART_DEFAULT_PORT 0x3f8
#define UART_POLLS_MAX    1000000
#define BIOS_COM1_PORT    0x400 /* BIOS data area: port of the first serial line */

static uint16_t console_port = UART_DEFAULT_PORT;

BOOT_CODE void console_init(uint16_t port)
{
    if (!CONFIG_PRINTING) {
        return;
    }
    if (port == 0) {
        port = *(volatile uint16_t *)(PHYSICAL_BASE + BIOS_COM1_PORT);
    }
    console_port = port != 0 ? port : UART_DEFAULT_PORT;
    port_out8(console_port + UART_IER, 0);
    port_out8(console_port + UART_LCR, UART_LCR_DLAB);
    port_out8(console_port + UART_THR, UART_DIVISOR_115200);
    port_out8(console_port + UART_IER, 0);
    port_out8(console_port + UART_LCR, UART_LCR_8N1);
    /* Never the FIFO control register: a change there drops what was typed already. */
}

/* Gives up on the byte when the UART does not get ready in time. */
void arch_console_putchar(char byte)
{
    for (unsigned int polls = 0; polls < UART_POLLS_MAX; polls++) {
        if (port_in8(console_port + UART_LSR) & UART_LSR_THR_EMPTY) {
            port_out8(console_port + UART_THR, (uint8_t)byte);
            return;
        }
    }
}
