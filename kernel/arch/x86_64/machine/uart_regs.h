/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of a 16550, as I/O port offsets. Source: National Semiconductor PC16550D data sheet, 8.
 */
#pragma once

#define UART_THR            0 /* WO, transmit holding; divisor latch low while DLAB is set */
#define UART_IER            1 /* RW, interrupt enable; divisor latch high while DLAB is set */
#define UART_LCR            3 /* RW */
#define UART_LSR            5 /* RO */
#define UART_LCR_8N1        0x03
#define UART_LCR_DLAB       0x80
#define UART_LSR_THR_EMPTY  0x20
#define UART_DIVISOR_115200 1
