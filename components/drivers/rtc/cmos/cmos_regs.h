/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The clock of PCs. Source: Motorola MC146818A data sheet (ADI1018R1), "Address map" and
 * "Registers"; its cells are reached through an index port and a data port (IBM PC/AT Technical
 * Reference, system board, "Real-time clock").
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(cmos, 1,            /* one port per register */
               (index, 0, WO, u8), /* number of the cell; bit 7 would mask the NMI */
               (data, 1, RW, u8));

/* Cells. */
#define CMOS_SECOND 0x00u
#define CMOS_MINUTE 0x02u
#define CMOS_HOUR   0x04u
#define CMOS_DAY    0x07u
#define CMOS_MONTH  0x08u
#define CMOS_YEAR   0x09u /* within its century */
#define CMOS_A      0x0Au
#define CMOS_B      0x0Bu

#define CMOS_A_UPDATING   BIT32(7) /* clear: no update for 244 us */
#define CMOS_B_SET        BIT32(7) /* no updates */
#define CMOS_B_INTERRUPTS FIELD32(6, 4)
#define CMOS_B_BINARY     BIT32(2) /* else two decimal digits */
#define CMOS_B_24_HOURS   BIT32(1) /* else 1..12 and bit 7 for the afternoon */
#define CMOS_HOUR_PM      BIT32(7)
#define CMOS_FIELDS       6u /* second to year, without the day of the week */
