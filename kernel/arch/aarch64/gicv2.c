/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * GICv2. Life of an interrupt: acknowledged by reading IAR, masked and ended (EOIR) when delivered
 * to its notification, unmasked by the user's Ack. Source: see gic_regs.h.
 */
#include "gic.h"
#include "gic_regs.h"
#include "kernel_map.h"
#include "mmio.h"

#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>

#define GICV2_CPU_INTERFACES 8

/* IAR of the interrupt being handled: for SGIs it also names the sender, which EOIR wants back. */
static uint32_t active_iar;

static word_t distributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

static word_t cpu_interface(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GIC_CPU) + offset;
}

BOOT_CODE void gic_init(void)
{
    mmio_write32(distributor(GICD_CTLR), 0);
    irq_t lines = gic_reset_lines();
    /* The banked target registers of private interrupts read as this CPU's own bit, if it has one.
     */
    uint32_t target = mmio_read32(distributor(GICD_ITARGETSR));
    target |= target >> 16;
    target = (target | target >> 8) & 0xff;
    for (irq_t irq = GIC_SPI_FIRST; irq < lines; irq += 4) {
        mmio_write32(distributor(GICD_ITARGETSR + irq), (target != 0 ? target : 1) * 0x01010101u);
    }
    mmio_write32(distributor(GICD_CTLR), GICD_CTLR_ENABLE);
    mmio_write32(cpu_interface(GICC_PMR), GICC_PMR_ALL);
    mmio_write32(cpu_interface(GICC_BPR), 0);
    mmio_write32(cpu_interface(GICC_CTLR), GICC_CTLR_ENABLE);
}

irq_t gic_acknowledge(void)
{
    active_iar = mmio_read32(cpu_interface(GICC_IAR));
    return active_iar & GICC_IAR_ID;
}

void gic_end(irq_t irq)
{
    /* IAR names it */
    mmio_write32(cpu_interface(GICC_EOIR), active_iar);
}

void arch_irq_delivered(irq_t irq)
{
    if (irq != IRQ_TIMER) {
        gic_mask(irq);
    }
    gic_end(irq);
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
    mmio_write32(distributor(GICD_SGIR), (1u << (GICD_SGIR_TARGETS + target)) | (uint32_t)sgi);
}
