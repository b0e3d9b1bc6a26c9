/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the rest of the kernel needs of the interrupt controller, beside arch_irq_get_active() and
 * its like. The timer's interrupt is never masked: the kernel silences the timer itself.
 */
#pragma once

#include <arch/irq.h>

#define GIC_SGI_COUNT 16 /* software generated, then private peripherals up to 31 */
#define GIC_SPI_FIRST 32 /* shared peripherals */
#define GIC_SPURIOUS  1020

/* Bring distributor and CPU interface up with every interrupt masked. */
void gic_init(void);

/* Unmask an interrupt, or mask it. */
void gic_set_enabled(irq_t irq, bool enabled);

/* Choose edge or level where the controller lets us. */
void gic_set_trigger(irq_t irq, bool edge);

/* True if gic_send_sgi() accepts the target. */
bool gic_sgi_target_valid(word_t target);

void gic_send_sgi(word_t sgi, word_t target);
