/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ports of the two legacy interrupt controllers. Source: 8259A data sheet, initialisation words. */
#pragma once

#define PIC1_COMMAND 0x20 /* WO */
#define PIC1_DATA    0x21 /* RW, mask once initialised */
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1
#define PIC_ICW1     0x11 /* edge, cascade, ICW4 follows */
#define PIC_ICW4     0x01 /* 8086 mode */
#define PIC_CASCADE  2    /* the line of the first at which the second is */
