/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GICv3 with system registers. Life of an interrupt: acknowledged by ICC_IAR1, its priority dropped
 * when delivered (EOImode 1: it stays active, so it cannot fire again), deactivated by the Ack.
 * Source: see gic_regs.h.
 */
#include "gic.h"
#include "gic_regs.h"
#include "kernel_map.h"
#include "mmio.h"

#include <arch/cpu_regs.h>
#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>

#define GICV3_POLLS_MAX 1000000

/* The names are macros: expand them before they become text. */
#define icc_read(reg)          icc_read_(reg)
#define icc_read_(reg)         sysreg_read(reg)
#define icc_write(reg, value)  icc_write_(reg, value)
#define icc_write_(reg, value) sysreg_write(reg, value)

static word_t distributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

BOOT_CODE static void wait_while(word_t address, word_t bits)
{
    for (int i = 0; i < GICV3_POLLS_MAX && (mmio_read32(address) & bits) != 0; i++) {
    }
}

BOOT_CODE void gic_init(void)
{
    word_t waker = kernel_device_address(KERNEL_DEVICE_GIC_CPU) + GICR_WAKER;
    mmio_write32(distributor(GICD_CTLR), 0);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)GICR_WAKER_SLEEP);
    wait_while(waker, GICR_WAKER_CHILDREN);
    irq_t lines = gic_reset_lines();
    mmio_write32(distributor(GICD_CTLR), GICD_CTLR_GROUP1 | GICD_CTLR_AFFINITY);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    word_t affinity = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
    for (irq_t irq = GIC_SPI_FIRST; irq < lines; irq++) {
        word_t router = distributor(GICD_IROUTER + 8 * irq);
        mmio_write32(router, (uint32_t)affinity);
        mmio_write32(router + 4, (uint32_t)(affinity >> 32));
    }
    icc_write(ICC_SRE_EL1, icc_read(ICC_SRE_EL1) | 1);
    barrier_instruction();
    icc_write(ICC_PMR_EL1, 0xfful);
    icc_write(ICC_BPR1_EL1, 0ul);
    icc_write(ICC_CTLR_EL1, icc_read(ICC_CTLR_EL1) | ICC_CTLR_EOI_MODE);
    icc_write(ICC_IGRPEN1_EL1, 1ul);
    barrier_instruction();
}

irq_t gic_acknowledge(void)
{
    return icc_read(ICC_IAR1_EL1) & ICC_IAR_ID;
}

void gic_end(irq_t irq)
{
    icc_write(ICC_EOIR1_EL1, irq);
    icc_write(ICC_DIR_EL1, irq);
}

void arch_irq_delivered(irq_t irq)
{
    if (irq == IRQ_TIMER) {
        gic_end(irq);
    } else {
        icc_write(ICC_EOIR1_EL1, irq);
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
