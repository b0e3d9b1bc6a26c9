/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A simulated interrupt controller behind the interface of the real ones. An interrupt is pending
 * from kernel_host_raise_irq() or an SGI until it is taken, and taken only while unmasked.
 */
#include "../aarch64/gic.h"

#include "machine.h"
#include <arch/host_kernel.h>
#include <kernel/arch_hooks.h>
#include <string.h>

static struct {
    bool pending[IRQ_COUNT];
    bool enabled[IRQ_COUNT];
    irq_t later_irq; /* becomes pending after so many looks; none while that is 0 */
    unsigned later_looks;
    uint64_t taken;
} gic;

void gic_init(void)
{
    memset(&gic, 0, sizeof(gic));
}

void gic_mask(irq_t irq)
{
    gic.enabled[irq] = false;
}

void gic_unmask(irq_t irq)
{
    gic.enabled[irq] = true;
}

void gic_set_trigger(irq_t irq, bool edge)
{
}

void arch_irq_release(irq_t irq)
{
    gic_mask(irq);
    gic.pending[irq] = false;
}

bool gic_sgi_target_valid(word_t target)
{
    return target < 8;
}

void gic_send_sgi(word_t sgi, word_t target)
{
    if (target == 0) {
        gic.pending[sgi] = true;
    }
}

void kernel_host_raise_irq(unsigned irq)
{
    KERNEL_ASSERT(irq < IRQ_COUNT);
    gic.pending[irq] = true;
}

void kernel_host_raise_irq_after(unsigned irq, unsigned looks)
{
    KERNEL_ASSERT(irq < IRQ_COUNT && looks > 0);
    gic.later_irq = irq;
    gic.later_looks = looks;
}

uint64_t kernel_host_interrupts(void)
{
    return gic.taken;
}

static irq_t first_pending(void)
{
    for (irq_t irq = 0; irq < IRQ_COUNT; irq++) {
        if (gic.pending[irq] && gic.enabled[irq]) {
            return irq;
        }
    }
    return IRQ_NONE;
}

bool arch_irq_pending(void)
{
    if (gic.later_looks > 0 && --gic.later_looks == 0) {
        gic.pending[gic.later_irq] = true;
    }
    return machine_timer_due() || first_pending() != IRQ_NONE;
}

irq_t arch_irq_get_active(void)
{
    if (machine_timer_due()) {
        return IRQ_TIMER;
    }
    irq_t irq = first_pending();
    if (irq != IRQ_NONE) {
        gic.pending[irq] = false;
        gic.taken++;
    }
    return irq;
}

void arch_irq_delivered(irq_t irq)
{
    if (irq != IRQ_TIMER) {
        gic_mask(irq);
    }
}

void arch_irq_ack(irq_t irq)
{
    gic_unmask(irq);
}
