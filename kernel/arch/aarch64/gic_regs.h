/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Registers of GICv2 and GICv3, as offsets; 32-bit access. Source: Arm Generic Interrupt Controller
 * Architecture Specification 2.0, 4.3 (GICD), 4.4 (GICC); Arm GIC Architecture Specification v3 and
 * v4, 12.2 (ICC), 12.9 (GICD), 12.11 (GICR).
 */
#pragma once

#include <kernel/types.h>

/* Distributor of both. One bit for each interrupt, if nothing else is said. */
#define GICD_CTLR       0x0000 /* RW */
#define GICD_TYPER      0x0004 /* RO */
#define GICD_IGROUPR    0x0080 /* RW */
#define GICD_ISENABLER  0x0100 /* W1S */
#define GICD_ICENABLER  0x0180 /* W1C */
#define GICD_ICPENDR    0x0280 /* W1C */
#define GICD_ICACTIVER  0x0380 /* W1C */
#define GICD_IPRIORITYR 0x0400 /* RW, one byte each */
#define GICD_ITARGETSR  0x0800 /* RW, one byte each; GICv2 */
#define GICD_ICFGR      0x0c00 /* RW, two bits each */
#define GICD_SGIR       0x0f00 /* WO; GICv2 */
#define GICD_IROUTER    0x6000 /* RW, 64 bits each; GICv3 */

#define GICD_TYPER_LINES   31u /* 32 * (n + 1) interrupts */
#define GICD_ICFGR_EDGE    2u
#define GICD_PRIORITY_FOUR 0x80808080u
#define GICD_SGIR_TARGETS  16      /* bit position of the list of CPU interfaces */
#define GICD_CTLR_ENABLE   1u      /* GICv2 */
#define GICD_CTLR_GROUP1   BIT(1)  /* GICv3 */
#define GICD_CTLR_AFFINITY BIT(4)  /* GICv3 */
#define GICD_CTLR_RWP      BIT(31) /* GICv3: a write is on its way */

/* CPU interface of GICv2. */
#define GICC_CTLR        0x00 /* RW */
#define GICC_PMR         0x04 /* RW */
#define GICC_BPR         0x08 /* RW */
#define GICC_IAR         0x0c /* RO, acknowledges */
#define GICC_EOIR        0x10 /* WO */
#define GICC_CTLR_ENABLE 1u
#define GICC_PMR_ALL     0xffu
#define GICC_IAR_ID      0x3ffu

/* Redistributor of GICv3; its second frame has a distributor's registers for interrupts 0..31. */
#define GICR_WAKER          0x0014 /* RW */
#define GICR_SGI_BASE       0x10000
#define GICR_WAKER_SLEEP    BIT(1)
#define GICR_WAKER_CHILDREN BIT(2)

/* CPU interface of GICv3: architected names that older assemblers do not know. */
#define ICC_PMR_EL1       S3_0_C4_C6_0
#define ICC_DIR_EL1       S3_0_C12_C11_1
#define ICC_SGI1R_EL1     S3_0_C12_C11_5
#define ICC_IAR1_EL1      S3_0_C12_C12_0
#define ICC_EOIR1_EL1     S3_0_C12_C12_1
#define ICC_BPR1_EL1      S3_0_C12_C12_3
#define ICC_CTLR_EL1      S3_0_C12_C12_4
#define ICC_SRE_EL1       S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1   S3_0_C12_C12_7
#define ICC_CTLR_EOI_MODE BIT(1)
#define ICC_PMR_ALL       0xff
#define ICC_IAR_ID        0xfffffful
