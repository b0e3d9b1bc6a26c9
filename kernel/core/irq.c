/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts as capabilities: issued once, bound to a notification, quiet from delivery to Ack. */
#include <kernel/arch_hooks.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/print.h>

void irq_reserve(irq_t irq)
{
    kernel_state.irq_states[irq] = IRQ_RESERVED;
}

enum kernel_result irq_check_issue(const struct invocation *inv, irq_t irq, word_t slot_word,
                                   struct slot **dest)
{
    return irq > ABI_IRQ_MAX ? fail_range(0, ABI_IRQ_MAX)
           : kernel_state.irq_states[irq] != IRQ_INACTIVE
               ? fail(seL4_RevokeFirst)
               : cspace_lookup_empty_slot(inv->extra[0]->cap, inv_word(inv, slot_word),
                                          inv_word(inv, slot_word + 1), dest);
}

void irq_issue(irq_t irq, struct slot *dest, struct slot *control)
{
    KERNEL_ASSERT(kernel_state.irq_states[irq] == IRQ_INACTIVE);
    kernel_state.irq_states[irq] = IRQ_SIGNAL;
    slot_insert(dest, cap_make(CAP_IRQ_HANDLER, 0, irq, 0), control);
}

void irq_deliver(irq_t irq)
{
    struct cap cap = kernel_state.irq_slots[irq].cap;
    if (kernel_state.irq_states[irq] == IRQ_SIGNAL && cap.tag == CAP_NOTIFICATION &&
        (cap.rights & RIGHT_WRITE) != 0) {
        notification_signal(cap_ptr(cap), cap.badge);
    } else if (CONFIG_DEBUG_BUILD) {
        kernel_print("kernel: interrupt %lu lost, nobody waits for it\n", irq);
    }
    arch_irq_delivered(irq);
}

void irq_finalise(struct cap handler)
{
    irq_t irq = handler.address;
    slot_delete_short(&kernel_state.irq_slots[irq]);
    arch_irq_release(irq);
    kernel_state.irq_states[irq] = IRQ_INACTIVE;
}

enum kernel_result irq_decode_ack(struct invocation *inv)
{
    arch_irq_ack(inv->cap.address);
    return KRES_OK;
}

enum kernel_result irq_decode_set_notification(struct invocation *inv)
{
    struct slot *src = inv->extra[0];
    struct slot *dest = &kernel_state.irq_slots[inv->cap.address];
    enum kernel_result result =
        src->cap.tag != CAP_NOTIFICATION || (src->cap.rights & RIGHT_WRITE) == 0
            ? fail_invalid_capability(0)
            : slot_delete(dest);
    if (result == KRES_OK) {
        slot_insert(dest, src->cap, src);
    }
    return result;
}

enum kernel_result irq_decode_clear(struct invocation *inv)
{
    return slot_delete(&kernel_state.irq_slots[inv->cap.address]);
}
