/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The simulated interrupt controller has the GIC's numbers; tests raise them. */
#pragma once

#include <abi/abi.h>
#include <kernel/types.h>

#define IRQ_COUNT (ABI_IRQ_MAX + 1)
#define IRQ_TIMER 27
#define IRQ_NONE  ((irq_t)-1)

bool arch_irq_pending(void);
