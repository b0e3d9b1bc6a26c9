/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bits of the system registers that the kernel uses; RW if nothing else is said.
 * Source: Arm Architecture Reference Manual (Armv8-A), C5.2 (SPSR), D13.2 (general system control),
 * D13.3 (debug), D13.8 (generic timer).
 */
#pragma once

#include <kernel/types.h>

/* SCTLR_EL1 */
#define SCTLR_RES1     0x30d00800ul
#define SCTLR_MMU      BIT(0)
#define SCTLR_DCACHE   BIT(2)
#define SCTLR_ICACHE   BIT(12)
#define SCTLR_EL0_ZVA  BIT(14) /* EL0 may use DC ZVA, */
#define SCTLR_EL0_CTR  BIT(15) /* read CTR_EL0, */
#define SCTLR_EL0_WFI  BIT(16) /* wait, */
#define SCTLR_EL0_WFE  BIT(18)
#define SCTLR_EL0_MAIN BIT(26) /* DC by address, IC IVAU */

/* CPACR_EL1 */
#define CPACR_FPEN_TRAP_USER (1ul << 20)
#define CPACR_FPEN_ALL       (3ul << 20)

/* CNTKCTL_EL1, CNTV_CTL_EL0 */
#define CNTKCTL_EL0_PCT BIT(0)
#define CNTKCTL_EL0_VCT BIT(1)
#define CNTKCTL_EL0_PT  BIT(9)
#define CNTV_CTL_ENABLE 1ul

/* ISR_EL1, RO */
#define ISR_EL1_IRQ BIT(7)

/* MPIDR_EL1, RO: the affinity levels */
#define MPIDR_AFFINITY 0x000000ff00fffffful

/* SPSR_EL1 */
#define SPSR_EL1H_MASKED 0x3c5ul
#define SPSR_SINGLE_STEP BIT(21)
#define SPSR_NZCV        (MASK(4) << 28)

/* ESR_EL1, D13.2.37: exception classes, the aborts and debug events those from EL0 */
#define ESR_CLASS_SHIFT            26
#define ESR_MASK                   MASK(32)
#define ESR_FP_ACCESS              0x07
#define ESR_INSTRUCTION_ABORT_USER 0x20
#define ESR_DATA_ABORT_USER        0x24
#define ESR_BREAKPOINT             0x30
#define ESR_STEP                   0x32
#define ESR_WATCHPOINT             0x34
#define ESR_BRK                    0x3c

/* MDSCR_EL1; DBGBCR<n>_EL1 and DBGWCR<n>_EL1 */
#define MDSCR_SINGLE_STEP    BIT(0)
#define MDSCR_MONITOR        BIT(15)
#define DBGCR_ENABLE         BIT(0)
#define DBGCR_EL0            (2ul << 1)
#define DBGCR_LOAD           BIT(3)
#define DBGCR_STORE          BIT(4)
#define DBGCR_BYTES          5 /* position of the byte select */
#define DBGCR_BYTES_OF_INSTR (0xful << DBGCR_BYTES)
