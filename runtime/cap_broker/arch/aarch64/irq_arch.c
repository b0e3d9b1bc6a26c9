/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64, and the host kernel: interrupts are GIC numbers, and there are no ports.
 */
#include "server_internal.h"

void broker_arch_messages(struct kaal_msi *msi)
{
    (void)msi; /* the device tree says it */
}

bool broker_arch_irq_needs_vector(void)
{
    return false;
}

seL4_Error broker_arch_irq_handler(const struct kaal_cspace *cspace,
                                   const struct kaal_interrupt *irq, uint32_t vector,
                                   seL4_CPtr slot)
{
    (void)vector;
    return seL4_IRQControl_GetTrigger(seL4_CapIRQControl, irq->number, irq->level ? 0 : 1,
                                      cspace->root, slot, cspace->depth);
}

seL4_Error broker_arch_message_handler(const struct kaal_cspace *cspace,
                                       const struct kaal_device *device, uint32_t message,
                                       uint32_t data, seL4_CPtr slot)
{
    (void)device;
    (void)message;
    /* The frame that takes messages raises the interrupt whose number is written to it: an edge. */
    return seL4_IRQControl_GetTrigger(seL4_CapIRQControl, data, 1, cspace->root, slot,
                                      cspace->depth);
}

seL4_Error broker_arch_ports(const struct kaal_cspace *cspace, uint64_t first, uint64_t last,
                             seL4_CPtr slot)
{
    (void)cspace;
    (void)first;
    (void)last;
    (void)slot;
    return seL4_IllegalOperation;
}
