/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of the IRQ control and SGI-signal capabilities. */
#include "gic.h"
#include "invocation.h"

#include <arch/cap.h>
#include <kernel/arch_hooks.h>
#include <kernel/irq.h>

/* Get, or GetTrigger with a word more: irq; trigger (0 = level, else edge); slot index and depth.
 */
static enum kernel_result decode_issue(struct invocation *inv, bool with_trigger)
{
    struct irq_issue_words words = {.length = 3, .irq = 0, .slot = 1};
    if (with_trigger) {
        words = (struct irq_issue_words){.length = 4, .irq = 0, .slot = 2};
    }
    irq_t irq;
    struct slot *dest;
    enum kernel_result result = irq_check_issue(inv, words, &irq, &dest);
    if (result != KRES_OK) {
        return result;
    }
    if (with_trigger) {
        gic_set_trigger(irq, inv_word(inv, 1) != 0);
    }
    irq_issue(irq, dest, inv->slot);
    gic_unmask(irq);
    return KRES_OK;
}

static enum kernel_result decode_issue_sgi(struct invocation *inv)
{
    if (inv->length < 4 || inv->extra_count < 1) {
        return fail_truncated();
    }
    word_t sgi = inv_word(inv, 0);
    word_t target = inv_word(inv, 1);
    if (sgi >= GIC_SGI_COUNT) {
        return fail_range(0, GIC_SGI_COUNT - 1);
    }
    if (!gic_sgi_target_valid(target)) {
        return fail_invalid_argument(1);
    }
    struct slot *dest;
    enum kernel_result result =
        cspace_lookup_empty_slot(inv->extra[0]->cap, inv_word(inv, 2), inv_word(inv, 3), &dest);
    if (result != KRES_OK) {
        return result;
    }
    slot_insert(dest, cap_sgi_signal(sgi, target), inv->slot);
    return KRES_OK;
}

enum kernel_result arch_decode_irq_control(struct invocation *inv)
{
    switch (inv->label) {
    case IRQIssueIRQHandler:
        return decode_issue(inv, false);
    case ARMIRQIssueIRQHandlerTrigger:
        return decode_issue(inv, true);
    case ARMIRQIssueSGISignal:
        return decode_issue_sgi(inv);
    default:
        return fail_illegal_operation();
    }
}

/* Any label, any words. */
enum kernel_result sgi_signal_decode(struct invocation *inv)
{
    gic_send_sgi(cap_sgi_number(inv->cap), cap_sgi_target(inv->cap));
    return KRES_OK;
}

void arch_irq_release(irq_t irq)
{
    gic_mask(irq);
    gic_deactivate(irq);
}
