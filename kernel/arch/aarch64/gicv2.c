/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GICv2. Life of an interrupt: acknowledged by reading IAR, masked and ended (EOIR) when delivered
 * to its notification, unmasked by the user's Ack.
 * Source: Arm Generic Interrupt Controller Architecture Specification 2.0, chapter 4.
 */
#include "gic.h"
#include "gic_registers.h"
#include "kernel_map.h"

#include <kernel/arch_hooks.h>

#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_ISENABLER  0x100
#define GICD_ICENABLER  0x180
#define GICD_ICPENDR    0x280
#define GICD_ICACTIVER  0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR  0x800
#define GICD_ICFGR      0xc00
#define GICD_SGIR       0xf00

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10

#define GICD_CTLR_ENABLE      1u
#define GICD_TYPER_LINES      31u /* 32 * (n + 1) interrupts */
#define GICC_CTLR_ENABLE      1u
#define GICC_PMR_ALL          0xffu
#define GICC_IAR_ID           0x3ffu
#define GICD_SGIR_TARGETS     16 /* bit position of the list of CPU interfaces */
#define GICV2_PRIORITY        0x80808080u
#define GICV2_CPU_INTERFACES  8
#define GICV2_TARGET_THIS_CPU 0x01010101u

/* IAR of the interrupt being handled: for SGIs it also names the sender, which EOIR wants back. */
static uint32_t active_iar;

static word_t distributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

static word_t cpu_interface(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICC) + offset;
}

BOOT_CODE void gic_init(void)
{
    gic_write32(distributor(GICD_CTLR), 0);
    word_t lines = 32 * ((gic_read32(distributor(GICD_TYPER)) & GICD_TYPER_LINES) + 1);
    /* The banked target registers of private interrupts read as this CPU's own bit. */
    uint32_t target = gic_read32(distributor(GICD_ITARGETSR));
    target |= target >> 16;
    target = ((target | target >> 8) & 0xff) * 0x01010101u;
    if (target == 0) {
        target = GICV2_TARGET_THIS_CPU;
    }
    for (irq_t irq = 0; irq < lines; irq += 32) {
        gic_write32(distributor(GICD_ICENABLER + gic_word(irq)), UINT32_MAX);
        gic_write32(distributor(GICD_ICPENDR + gic_word(irq)), UINT32_MAX);
        gic_write32(distributor(GICD_ICACTIVER + gic_word(irq)), UINT32_MAX);
    }
    for (irq_t irq = 0; irq < lines; irq += 4) {
        gic_write32(distributor(GICD_IPRIORITYR + irq), GICV2_PRIORITY);
        if (irq >= GIC_SPI_FIRST) {
            gic_write32(distributor(GICD_ITARGETSR + irq), target);
        }
    }
    gic_write32(distributor(GICD_CTLR), GICD_CTLR_ENABLE);
    gic_write32(cpu_interface(GICC_PMR), GICC_PMR_ALL);
    gic_write32(cpu_interface(GICC_BPR), 0);
    gic_write32(cpu_interface(GICC_CTLR), GICC_CTLR_ENABLE);
}

void gic_mask(irq_t irq)
{
    gic_write32(distributor(GICD_ICENABLER + gic_word(irq)), gic_bit(irq));
}

void gic_unmask(irq_t irq)
{
    gic_write32(distributor(GICD_ISENABLER + gic_word(irq)), gic_bit(irq));
}

void gic_set_trigger(irq_t irq, bool edge)
{
    if (irq < GIC_SGI_COUNT) {
        return; /* always edge */
    }
    word_t address = distributor(GICD_ICFGR + irq / 16 * 4);
    uint32_t bit = 2u << (irq % 16 * 2);
    uint32_t config = gic_read32(address);
    gic_write32(address, edge ? config | bit : config & ~bit);
}

void gic_deactivate(irq_t irq)
{
    (void)irq; /* ended when it was delivered */
}

irq_t arch_irq_get_active(void)
{
    for (;;) {
        uint32_t iar = gic_read32(cpu_interface(GICC_IAR));
        irq_t irq = iar & GICC_IAR_ID;
        if (LIKELY(irq < IRQ_COUNT)) {
            active_iar = iar;
            return irq;
        }
        if (irq >= GIC_SPURIOUS) {
            return IRQ_NONE;
        }
        /* Beyond what the ABI numbers: nobody can have asked for it. */
        gic_mask(irq);
        gic_write32(cpu_interface(GICC_EOIR), iar);
    }
}

void arch_irq_delivered(irq_t irq)
{
    if (irq != IRQ_TIMER) {
        gic_mask(irq);
    }
    gic_write32(cpu_interface(GICC_EOIR), active_iar);
}

void arch_irq_ack(irq_t irq)
{
    gic_unmask(irq);
}

bool gic_sgi_target_valid(word_t target)
{
    return target < GICV2_CPU_INTERFACES;
}

void gic_send_sgi(word_t sgi, word_t target)
{
    barrier_all();
    gic_write32(distributor(GICD_SGIR), (1u << (GICD_SGIR_TARGETS + target)) | (uint32_t)sgi);
}
