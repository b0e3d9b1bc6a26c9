/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Simulated interrupt controller: GIC numbering, raised by tests through arch/host_kernel.h. */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

#define IRQ_COUNT (ABI_IRQ_MAX + 1)
#define IRQ_TIMER 27
#define IRQ_NONE  ((irq_t)-1)

irq_t arch_irq_get_active(void);
bool arch_irq_pending(void);
