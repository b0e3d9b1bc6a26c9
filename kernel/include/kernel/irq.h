/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts: which are issued to users, and their delivery. Numbers are the ABI's, 0..IRQ_COUNT-1.
 */
#pragma once

#include <arch/irq.h>
#include <kernel/invocation.h>

enum irq_state {
    IRQ_INACTIVE, /* may be issued */
    IRQ_SIGNAL,   /* issued: signals the notification in its slot, if there is one */
    IRQ_RESERVED, /* the kernel's own (timer, IOMMU): IRQControl answers RevokeFirst */
};

/* Reserve irq for the kernel (boot only). */
void irq_reserve(irq_t irq);

/*
 * What all invocations of IRQControl that make a handler check first, in the ABI's order: number in
 * range (0..ABI_IRQ_MAX) and not taken, destination slot empty.
 *   slot_word  word that has the slot's index; its depth follows
 */
enum kernel_result irq_check_issue(const struct invocation *inv, irq_t irq, word_t slot_word,
                                   struct slot **dest) MUST_CHECK;

/*
 * Make the handler capability in the empty slot as an original child of the IRQ control capability.
 * The caller has set the interrupt up in the controller and unmasks it itself.
 */
void irq_issue(irq_t irq, struct slot *dest, struct slot *control);

/* Deliver an interrupt that the controller reported: signal, or count as lost; masks until Ack. */
void irq_deliver(irq_t irq);

/* The last handler capability of irq is gone, and nobody waits for its notification. */
void irq_finalise(struct cap handler);
