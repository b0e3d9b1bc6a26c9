/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the rest of the kernel needs of the interrupt controller: arch_irq_get_active(),
 * arch_irq_delivered() and arch_irq_ack() as well. gic.c has what GICv2 and GICv3 do alike, gicv2.c
 * or gicv3.c the rest. The timer's interrupt is never masked: the kernel silences the timer itself.
 */
#pragma once

#include <arch/irq.h>

#define GIC_SGI_COUNT 16 /* software generated, then private peripherals up to 31 */
#define GIC_SPI_FIRST 32 /* shared peripherals */
#define GIC_SPURIOUS  1020

/* Bring distributor and CPU interface up with every interrupt masked. */
void gic_init(void);

void gic_mask(irq_t irq);
void gic_unmask(irq_t irq);

/* Choose edge or level where the controller lets us. */
void gic_set_trigger(irq_t irq, bool edge);

/* Forget an activation that nobody will acknowledge any more. */
void gic_deactivate(irq_t irq);

/* True if gic_send_sgi() accepts the target. */
bool gic_sgi_target_valid(word_t target);

void gic_send_sgi(word_t sgi, word_t target);

/* ---- between gic.c and gicv2.c or gicv3.c ---- */

/* Mask and forget everything, all at one priority; returns the number of interrupts there are. */
irq_t gic_reset_lines(void);

/* The number of the highest pending interrupt, which becomes active; from GIC_SPURIOUS on: none. */
irq_t gic_acknowledge(void);

/* Let it go: neither active nor handled. */
void gic_end(irq_t irq);
