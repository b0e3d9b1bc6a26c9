/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Invocations of the IRQ control and SGI-signal capabilities. */
#include "gic.h"
#include "invocation.h"

#include <arch/cap.h>
#include <kernel/arch_hooks.h>
#include <kernel/irq.h>

/* Words: irq, for GetTrigger trigger (0 = level, else edge), slot index and depth. */
enum kernel_result arch_decode_irq_get(struct invocation *inv)
{
    irq_t irq = inv_word(inv, 0);
    bool has_trigger = inv->label == ARMIRQIssueIRQHandlerTrigger;
    struct slot *dest;
    enum kernel_result result = irq_check_issue(inv, irq, has_trigger ? 2 : 1, &dest);
    if (result != KRES_OK) {
        return result;
    }
    if (has_trigger) {
        gic_set_trigger(irq, inv_word(inv, 1) != 0);
    }
    irq_issue(irq, dest, inv->slot);
    gic_set_enabled(irq, true);
    return KRES_OK;
}

/* Words: SGI, target, slot index and depth. */
enum kernel_result irq_decode_issue_sgi(struct invocation *inv)
{
    word_t sgi = inv_word(inv, 0);
    word_t target = inv_word(inv, 1);
    struct slot *dest;
    enum kernel_result result = sgi >= GIC_SGI_COUNT ? fail_range(0, GIC_SGI_COUNT - 1)
                                : !gic_sgi_target_valid(target)
                                    ? fail_invalid_argument(1)
                                    : cspace_lookup_empty_slot(inv->extra[0]->cap, inv_word(inv, 2),
                                                               inv_word(inv, 3), &dest);
    if (result == KRES_OK) {
        slot_insert(dest, cap_sgi_signal(sgi, target), inv->slot);
    }
    return result;
}

bool arch_cap_invoke(struct cap cap)
{
    bool is_sgi = cap.tag == ABI_CAP_SGI_SIGNAL;
    if (is_sgi) {
        gic_send_sgi(cap_sgi_number(cap), cap_sgi_target(cap));
    }
    return is_sgi;
}
