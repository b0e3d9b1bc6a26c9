/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GICv3 with system registers. Life of an interrupt: acknowledged by ICC_IAR1, its priority dropped
 * when delivered (EOImode 1: it stays active, so it cannot fire again), deactivated by the Ack.
 * Source: Arm GIC Architecture Specification v3 and v4, chapters 8 and 12.
 */
#include "gic.h"
#include "gic_registers.h"
#include "kernel_map.h"

#include <kernel/arch_hooks.h>

#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ICPENDR    0x0280
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ICFGR      0x0c00
#define GICD_IROUTER    0x6000

#define GICR_WAKER    0x0014
#define GICR_SGI_BASE 0x10000 /* second frame: registers of interrupts 0..31, as in the GICD */

#define GICD_CTLR_GROUP1     BIT(1)
#define GICD_CTLR_AFFINITY   BIT(4)
#define GICD_CTLR_RWP        BIT(31)
#define GICD_TYPER_LINES     31u
#define GICR_WAKER_SLEEP     BIT(1)
#define GICR_WAKER_CHILDREN  BIT(2)
#define GICV3_PRIORITY       0x80808080u
#define GICV3_POLLS_MAX      1000000
#define GICV3_MPIDR_AFFINITY 0x000000ff00fffffful
#define ICC_CTLR_EOI_MODE    BIT(1)
#define ICC_IAR_ID           0xfffffful

/* Architected names that older assemblers do not know. */
#define ICC_PMR_EL1            S3_0_C4_C6_0
#define ICC_DIR_EL1            S3_0_C12_C11_1
#define ICC_SGI1R_EL1          S3_0_C12_C11_5
#define ICC_IAR1_EL1           S3_0_C12_C12_0
#define ICC_EOIR1_EL1          S3_0_C12_C12_1
#define ICC_BPR1_EL1           S3_0_C12_C12_3
#define ICC_CTLR_EL1           S3_0_C12_C12_4
#define ICC_SRE_EL1            S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1        S3_0_C12_C12_7
#define icc_read(reg)          icc_read_(reg)
#define icc_read_(reg)         sysreg_read(reg)
#define icc_write(reg, value)  icc_write_(reg, value)
#define icc_write_(reg, value) sysreg_write(reg, value)

static word_t distributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

static word_t redistributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICR) + offset;
}

/* Private interrupts have their registers in the redistributor. */
static word_t bank(irq_t irq, word_t offset)
{
    return irq < GIC_SPI_FIRST ? redistributor(GICR_SGI_BASE + offset) : distributor(offset);
}

BOOT_CODE static void wait_while(word_t address, word_t bits)
{
    for (int i = 0; i < GICV3_POLLS_MAX && (gic_read32(address) & bits) != 0; i++) {
    }
}

BOOT_CODE void gic_init(void)
{
    gic_write32(distributor(GICD_CTLR), 0);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    word_t lines = 32 * ((gic_read32(distributor(GICD_TYPER)) & GICD_TYPER_LINES) + 1);
    gic_write32(redistributor(GICR_WAKER),
                gic_read32(redistributor(GICR_WAKER)) & ~(uint32_t)GICR_WAKER_SLEEP);
    wait_while(redistributor(GICR_WAKER), GICR_WAKER_CHILDREN);
    for (irq_t irq = 0; irq < lines; irq += 32) {
        gic_write32(bank(irq, GICD_IGROUPR + gic_word(irq)), UINT32_MAX);
        gic_write32(bank(irq, GICD_ICENABLER + gic_word(irq)), UINT32_MAX);
        gic_write32(bank(irq, GICD_ICPENDR + gic_word(irq)), UINT32_MAX);
        gic_write32(bank(irq, GICD_ICACTIVER + gic_word(irq)), UINT32_MAX);
    }
    for (irq_t irq = 0; irq < lines; irq += 4) {
        gic_write32(bank(irq, GICD_IPRIORITYR + irq), GICV3_PRIORITY);
    }
    gic_write32(distributor(GICD_CTLR), GICD_CTLR_GROUP1 | GICD_CTLR_AFFINITY);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    word_t affinity = sysreg_read(mpidr_el1) & GICV3_MPIDR_AFFINITY;
    for (irq_t irq = GIC_SPI_FIRST; irq < lines; irq++) {
        word_t router = distributor(GICD_IROUTER + 8 * irq);
        gic_write32(router, (uint32_t)affinity);
        gic_write32(router + 4, (uint32_t)(affinity >> 32));
    }
    icc_write(ICC_SRE_EL1, icc_read(ICC_SRE_EL1) | 1);
    barrier_instruction();
    icc_write(ICC_PMR_EL1, 0xfful);
    icc_write(ICC_BPR1_EL1, 0ul);
    icc_write(ICC_CTLR_EL1, icc_read(ICC_CTLR_EL1) | ICC_CTLR_EOI_MODE);
    icc_write(ICC_IGRPEN1_EL1, 1ul);
    barrier_instruction();
}

void gic_mask(irq_t irq)
{
    gic_write32(bank(irq, GICD_ICENABLER + gic_word(irq)), gic_bit(irq));
}

void gic_unmask(irq_t irq)
{
    gic_write32(bank(irq, GICD_ISENABLER + gic_word(irq)), gic_bit(irq));
}

void gic_set_trigger(irq_t irq, bool edge)
{
    if (irq < GIC_SGI_COUNT) {
        return; /* always edge */
    }
    word_t address = bank(irq, GICD_ICFGR + irq / 16 * 4);
    uint32_t bit = 2u << (irq % 16 * 2);
    uint32_t config = gic_read32(address);
    gic_write32(address, edge ? config | bit : config & ~bit);
}

void gic_deactivate(irq_t irq)
{
    gic_write32(bank(irq, GICD_ICACTIVER + gic_word(irq)), gic_bit(irq));
}

irq_t arch_irq_get_active(void)
{
    for (;;) {
        irq_t irq = icc_read(ICC_IAR1_EL1) & ICC_IAR_ID;
        if (LIKELY(irq < IRQ_COUNT)) {
            return irq;
        }
        if (irq >= GIC_SPURIOUS && irq < 8192) {
            return IRQ_NONE;
        }
        /* Beyond what the ABI numbers: nobody can have asked for it. */
        gic_mask(irq);
        icc_write(ICC_EOIR1_EL1, irq);
        icc_write(ICC_DIR_EL1, irq);
    }
}

void arch_irq_delivered(irq_t irq)
{
    icc_write(ICC_EOIR1_EL1, irq);
    if (irq == IRQ_TIMER) {
        icc_write(ICC_DIR_EL1, irq);
    }
}

void arch_irq_ack(irq_t irq)
{
    icc_write(ICC_DIR_EL1, irq);
}

bool gic_sgi_target_valid(word_t target)
{
    return target < BIT(32);
}

/* The target is an affinity value, one byte per level. */
void gic_send_sgi(word_t sgi, word_t target)
{
    word_t level0 = target & 0xff;
    word_t request = (target >> 24 & 0xff) << 48 | (level0 >> 4) << 44 |
                     (target >> 16 & 0xff) << 32 | sgi << 24 | (target >> 8 & 0xff) << 16 |
                     BIT(level0 & 0xf);
    barrier_all();
    icc_write(ICC_SGI1R_EL1, request);
    barrier_instruction();
}
