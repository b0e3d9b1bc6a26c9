/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The registers of a PL011 that output needs, as offsets; 32-bit access.
 * Source: Arm PrimeCell UART (PL011) r1p5, 3.3.1 and 3.3.3.
 */
#pragma once

#include <kernel/types.h>

#define PL011_DR      0x00   /* RW, 3.3.1 */
#define PL011_FR      0x18   /* RO, 3.3.3 */
#define PL011_FR_TXFF BIT(5) /* transmit FIFO full */
