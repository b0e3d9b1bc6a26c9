/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupt numbers: the ABI's 0..107 are CPU vectors 48..155; the kernel's own two follow. */
#pragma once

#include <abi/arch/constants.h>
#include <arch/layout.h>
#include <kernel/types.h>

#define IRQ_IOMMU (VECTOR_IOMMU - VECTOR_USER_BASE)
#define IRQ_TIMER (VECTOR_TIMER - VECTOR_USER_BASE)
#define IRQ_COUNT (IRQ_TIMER + 1)
#define IRQ_NONE  IRQ_COUNT

/* CPU vector just taken from the CPU, 0 = none. Written by entries from user level and from idle.
 */
extern uint32_t irq_noted_vector;

/* True if an interrupt waits at the local APIC. It is left there: the way out to user level takes
 * it. */
bool arch_irq_pending(void);
