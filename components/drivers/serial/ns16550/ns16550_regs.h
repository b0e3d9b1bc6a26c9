/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NS16550A register table. Source: National Semiconductor PC16550D data sheet (TL/C/8652, June
 * 1995), chapter 8. Reading offset 2 gives the IIR, writing it the FCR; with LCR.DLAB set, offsets
 * 0 and 1 are the divisor latch, which this driver leaves alone.
 */
#pragma once

#include <kaal/registers.h>

KAAL_REGISTERS(ns16550, 1,       /* one byte per register */
               (rbr, 0, RO, u8), /* 8.0 receiver buffer */
               (thr, 0, WO, u8), /* 8.0 transmitter holding */
               (ier, 1, RW, u8), /* 8.7 interrupt enable */
               (iir, 2, RO, u8), /* 8.6 interrupt identification */
               (fcr, 2, WO, u8), /* 8.5 FIFO control */
               (lcr, 3, RW, u8), /* 8.1 line control */
               (mcr, 4, RW, u8), /* 8.8 modem control */
               (lsr, 5, RO, u8), /* 8.4 line status */
               (scr, 7, RW, u8) /* 8.10 scratchpad */);

#define NS16550_IER_RECEIVE    BIT32(0) /* received data available, and FIFO timeout */
#define NS16550_IER_TRANSMIT   BIT32(1) /* transmitter holding register empty */
#define NS16550_IIR_FIFOS      FIELD32(7, 6)
#define NS16550_FCR_ENABLE     BIT32(0)
#define NS16550_FCR_TRIGGER_8  BIT32(7) /* receive interrupt at 8 of 16 bytes */
#define NS16550_LCR_8N1        FIELD32(1, 0)
#define NS16550_MCR_DTR        BIT32(0)
#define NS16550_MCR_RTS        BIT32(1)
#define NS16550_MCR_OUT2       BIT32(3) /* gates the interrupt line on PCs */
#define NS16550_LSR_DATA_READY BIT32(0)
#define NS16550_LSR_THR_EMPTY  BIT32(5) /* with FIFOs: transmit FIFO empty */
#define NS16550_FIFO_BYTES     16
