/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The polled serial console of the printing configuration: a 16550 at an I/O port. */
#pragma once

#include <kernel/types.h>

/*
 * Choose the port and set 115200 baud, 8 data bits, no parity. Boot only.
 *   port  I/O port of the UART; 0 takes the BIOS's first serial port, else 0x3f8
 */
void console_init(uint16_t port);
