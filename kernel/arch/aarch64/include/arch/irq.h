/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupt numbers are GIC interrupt ids; see gic.h for what both controllers offer. */
#pragma once

#include <abi/abi.h>
#include <arch/cpu_regs.h>
#include <arch/sysreg.h>
#include <platform.h>

#define IRQ_COUNT (ABI_IRQ_MAX + 1)
#define IRQ_TIMER PLATFORM_TIMER_IRQ
#define IRQ_NONE  ((irq_t)-1)

static inline bool arch_irq_pending(void)
{
    return (sysreg_read(isr_el1) & ISR_EL1_IRQ) != 0;
}
