/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * PL011 register table. Source: ARM DDI 0183G, PrimeCell UART (PL011) r1p5 Technical Reference
 * Manual, chapter 3. 32-bit accesses; the UARTRSR/UARTECR pair is not used.
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(pl011, 1,                     /* offsets are bytes */
               (dr, 0x000, RW, u32),         /* 3.3.1 data, receive errors in bits 11..8 */
               (fr, 0x018, RO, u32),         /* 3.3.3 flags */
               (lcr_h, 0x02c, RW, u32),      /* 3.3.7 line control */
               (cr, 0x030, RW, u32),         /* 3.3.8 control */
               (ifls, 0x034, RW, u32),       /* 3.3.9 interrupt FIFO levels */
               (imsc, 0x038, RW, u32),       /* 3.3.10 interrupt mask set/clear */
               (icr, 0x044, WO, u32),        /* 3.3.13 interrupt clear */
               (periph_id0, 0xfe0, RO, u32), /* 3.3.15 part number 7..0 */
               (periph_id1, 0xfe4, RO, u32) /* 3.3.15 part number 11..8 */);

#define PL011_FR_RX_EMPTY    BIT32(4)
#define PL011_FR_TX_FULL     BIT32(5)
#define PL011_LCR_FIFOS      BIT32(4)
#define PL011_LCR_8_BITS     FIELD32(6, 5)
#define PL011_CR_ENABLE      BIT32(0)
#define PL011_CR_TRANSMIT    BIT32(8)
#define PL011_CR_RECEIVE     BIT32(9)
#define PL011_IFLS_TX_1_8    0             /* transmit interrupt when 1/8 full or less */
#define PL011_IFLS_RX_4_8    FIELD32(4, 4) /* receive interrupt at half full */
#define PL011_INT_RECEIVE    BIT32(4)
#define PL011_INT_TRANSMIT   BIT32(5)
#define PL011_INT_RX_TIMEOUT BIT32(6) /* bytes wait below the level */
#define PL011_ID0_PART       0x11u
#define PL011_ID1_PART       FIELD32(3, 0)
