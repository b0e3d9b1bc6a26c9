/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The interrupt controller: GICv2 or, where the build says so, GICv3 with system registers. Life of
 * an interrupt on GICv2: acknowledged by reading IAR, masked and ended (EOIR) when delivered to its
 * notification, unmasked by the user's Ack. On GICv3: acknowledged by ICC_IAR1, its priority
 * dropped when delivered (EOImode 1: it stays active, so it cannot fire again), deactivated by the
 * Ack. Source: see gic_regs.h.
 */
#include "gic.h"

#include "gic_regs.h"
#include "kernel_map.h"
#include "mmio.h"

#include <kernel/arch_hooks.h>

#define GIC_V3               CONFIG_ARM_GIC_V3_SUPPORT
#define GIC_POLLS_MAX        1000000
#define GICV2_CPU_INTERFACES 8

/* GICv2: IAR of the interrupt being handled; for SGIs it also names the sender, which EOIR wants
 * back. */
static uint32_t active_iar;

static word_t distributor(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GICD) + offset;
}

/* GICv3: the redistributor. */
static word_t cpu_interface(word_t offset)
{
    return kernel_device_address(KERNEL_DEVICE_GIC_CPU) + offset;
}

/* GICv3 has the registers of private interrupts in the redistributor. */
static word_t bank(irq_t irq, word_t offset)
{
    return GIC_V3 && irq < GIC_SPI_FIRST ? cpu_interface(GICR_SGI_BASE + offset)
                                         : distributor(offset);
}

/* Write the bit of an interrupt to a register where zeros mean nothing. */
static void write_bit(irq_t irq, word_t offset)
{
    mmio_write32(bank(irq, offset + irq / 32 * 4), 1u << (irq % 32));
}

/* ---- boot ---- */

static BOOT_CODE void wait_while(word_t address, word_t bits)
{
    for (int i = 0; i < GIC_POLLS_MAX && (mmio_read32(address) & bits) != 0; i++) {
    }
}

/* Mask and forget everything, all at one priority; returns the number of interrupts there are. */
static BOOT_CODE irq_t reset_lines(void)
{
    static const uint16_t clear[] = {GICD_ICENABLER, GICD_ICPENDR, GICD_ICACTIVER};
    irq_t lines = 32 * ((mmio_read32(distributor(GICD_TYPER)) & GICD_TYPER_LINES) + 1);
    for (irq_t irq = 0; irq < lines; irq += 32) {
        for (word_t i = 0; i < ARRAY_LENGTH(clear); i++) {
            mmio_write32(bank(irq, clear[i] + irq / 8), UINT32_MAX);
        }
        if (GIC_V3) {
            mmio_write32(bank(irq, GICD_IGROUPR + irq / 8), UINT32_MAX);
        }
    }
    for (irq_t irq = 0; irq < lines; irq += 4) {
        mmio_write32(bank(irq, GICD_IPRIORITYR + irq), GICD_PRIORITY_FOUR);
    }
    return lines;
}

static BOOT_CODE void init_v2(void)
{
    irq_t lines = reset_lines();
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

static BOOT_CODE void init_v3(void)
{
    word_t waker = cpu_interface(GICR_WAKER);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)GICR_WAKER_SLEEP);
    wait_while(waker, GICR_WAKER_CHILDREN);
    irq_t lines = reset_lines();
    mmio_write32(distributor(GICD_CTLR), GICD_CTLR_GROUP1 | GICD_CTLR_AFFINITY);
    wait_while(distributor(GICD_CTLR), GICD_CTLR_RWP);
    word_t affinity = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
    for (irq_t irq = GIC_SPI_FIRST; irq < lines; irq++) {
        mmio_write32(distributor(GICD_IROUTER + 8 * irq), (uint32_t)affinity);
        mmio_write32(distributor(GICD_IROUTER + 8 * irq + 4), (uint32_t)(affinity >> 32));
    }
    sysreg_write(ICC_SRE_EL1, sysreg_read(ICC_SRE_EL1) | 1);
    barrier_instruction();
    sysreg_write(ICC_PMR_EL1, ICC_PMR_ALL);
    sysreg_write(ICC_BPR1_EL1, 0);
    sysreg_write(ICC_CTLR_EL1, sysreg_read(ICC_CTLR_EL1) | ICC_CTLR_EOI_MODE);
    sysreg_write(ICC_IGRPEN1_EL1, 1);
    barrier_instruction();
}

BOOT_CODE void gic_init(void)
{
    mmio_write32(distributor(GICD_CTLR), 0);
    if (GIC_V3) {
        init_v3();
    } else {
        init_v2();
    }
}

/* ---- lines ---- */

void gic_set_enabled(irq_t irq, bool enabled)
{
    write_bit(irq, enabled ? GICD_ISENABLER : GICD_ICENABLER);
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

void arch_irq_release(irq_t irq)
{
    gic_set_enabled(irq, false);
    write_bit(irq, GICD_ICACTIVER); /* nobody will acknowledge it any more */
}

/* ---- delivery ---- */

/* The number of the highest pending interrupt, which becomes active; from GIC_SPURIOUS on: none. */
static irq_t acknowledge(void)
{
    if (GIC_V3) {
        return sysreg_read(ICC_IAR1_EL1) & ICC_IAR_ID;
    }
    active_iar = mmio_read32(cpu_interface(GICC_IAR));
    return active_iar & GICC_IAR_ID;
}

/* Let it go: neither active nor handled. */
static void end(irq_t irq)
{
    if (GIC_V3) {
        sysreg_write(ICC_EOIR1_EL1, irq);
        sysreg_write(ICC_DIR_EL1, irq);
    } else {
        mmio_write32(cpu_interface(GICC_EOIR), active_iar);
    }
}

irq_t arch_irq_get_active(void)
{
    for (;;) {
        irq_t irq = acknowledge();
        if (LIKELY(irq < IRQ_COUNT)) {
            return irq;
        }
        if (irq >= GIC_SPURIOUS) {
            return IRQ_NONE;
        }
        /* Beyond what the ABI numbers: nobody can have asked for it. */
        gic_set_enabled(irq, false);
        end(irq);
    }
}

void arch_irq_delivered(irq_t irq)
{
    if (irq == IRQ_TIMER) {
        end(irq);
    } else if (GIC_V3) {
        sysreg_write(ICC_EOIR1_EL1, irq);
    } else {
        gic_set_enabled(irq, false);
        end(irq);
    }
}

void arch_irq_ack(irq_t irq)
{
    if (GIC_V3) {
        sysreg_write(ICC_DIR_EL1, irq);
    } else {
        gic_set_enabled(irq, true);
    }
}

/* ---- software interrupts ---- */

bool gic_sgi_target_valid(word_t target)
{
    return target < (GIC_V3 ? BIT(32) : GICV2_CPU_INTERFACES);
}

/* The target is a CPU interface or, for GICv3, an affinity value, one byte per level. */
void gic_send_sgi(word_t sgi, word_t target)
{
    barrier_all();
    if (GIC_V3) {
        word_t affinity3 = target >> 24;
        word_t affinity2 = target >> 16 & 0xff;
        word_t affinity1 = target >> 8 & 0xff;
        sysreg_write(ICC_SGI1R_EL1, affinity3 << 48 | (target >> 4 & 0xf) << 44 | affinity2 << 32 |
                                        sgi << 24 | affinity1 << 16 | BIT(target & 0xf));
        barrier_instruction();
    } else {
        mmio_write32(distributor(GICD_SGIR), (1u << (GICD_SGIR_TARGETS + target)) | (uint32_t)sgi);
    }
}
