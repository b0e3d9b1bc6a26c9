/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What GICv2 and GICv3 do alike. Source: see gic_regs.h. */
#include "gic.h"

#include "gic_regs.h"
#include "kernel_map.h"
#include "mmio.h"

/* GICv3 has the registers of private interrupts in the redistributor. */
static word_t bank(irq_t irq, word_t offset)
{
    return CONFIG_ARM_GIC_V3_SUPPORT && irq < GIC_SPI_FIRST
               ? kernel_device_address(KERNEL_DEVICE_GIC_CPU) + GICR_SGI_BASE + offset
               : kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

/* Write the bit of an interrupt to a register where zeros mean nothing. */
static void write_bit(irq_t irq, word_t offset)
{
    mmio_write32(bank(irq, offset + irq / 32 * 4), 1u << (irq % 32));
}

BOOT_CODE irq_t gic_reset_lines(void)
{
    static const uint16_t clear[] = {GICD_ICENABLER, GICD_ICPENDR, GICD_ICACTIVER};
    irq_t lines = 32 * ((mmio_read32(bank(GIC_SPI_FIRST, GICD_TYPER)) & GICD_TYPER_LINES) + 1);
    for (irq_t irq = 0; irq < lines; irq += 32) {
        for (word_t i = 0; i < ARRAY_LENGTH(clear); i++) {
            mmio_write32(bank(irq, clear[i] + irq / 8), UINT32_MAX);
        }
        if (CONFIG_ARM_GIC_V3_SUPPORT) {
            mmio_write32(bank(irq, GICD_IGROUPR + irq / 8), UINT32_MAX);
        }
    }
    for (irq_t irq = 0; irq < lines; irq += 4) {
        mmio_write32(bank(irq, GICD_IPRIORITYR + irq), GICD_PRIORITY_FOUR);
    }
    return lines;
}

void gic_mask(irq_t irq)
{
    write_bit(irq, GICD_ICENABLER);
}

void gic_unmask(irq_t irq)
{
    write_bit(irq, GICD_ISENABLER);
}

void gic_deactivate(irq_t irq)
{
    write_bit(irq, GICD_ICACTIVER);
}

void gic_set_trigger(irq_t irq, bool edge)
{
    if (irq < GIC_SGI_COUNT) {
        return; /* always edge */
    }
    word_t address = bank(irq, GICD_ICFGR + irq / 16 * 4);
    uint32_t bit = GICD_ICFGR_EDGE << (irq % 16 * 2);
    uint32_t config = mmio_read32(address);
    mmio_write32(address, edge ? config | bit : config & ~bit);
}

irq_t arch_irq_get_active(void)
{
    for (;;) {
        irq_t irq = gic_acknowledge();
        if (LIKELY(irq < IRQ_COUNT)) {
            return irq;
        }
        if (irq >= GIC_SPURIOUS) {
            return IRQ_NONE;
        }
        /* Beyond what the ABI numbers: nobody can have asked for it. */
        gic_mask(irq);
        gic_end(irq);
    }
}
