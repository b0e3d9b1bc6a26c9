/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: interrupts come through an I/O APIC pin and have a vector; port ranges are capabilities.
 */
#include "server_internal.h"

bool broker_arch_irq_needs_vector(void)
{
    return true;
}

seL4_Error broker_arch_irq_handler(const struct kaal_cspace *cspace,
                                   const struct kaal_interrupt *irq, uint32_t vector,
                                   seL4_CPtr slot)
{
    if (irq->ioapic == KAAL_INTERRUPT_NO_IOAPIC) {
        return seL4_IllegalOperation;
    }
    return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, cspace->root, slot, cspace->depth,
                                     irq->ioapic, irq->pin, irq->level ? 1 : 0,
                                     irq->active_low ? 1 : 0, vector);
}

seL4_Error broker_arch_ports(const struct kaal_cspace *cspace, uint64_t first, uint64_t last,
                             seL4_CPtr slot)
{
    return seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last, cspace->root, slot,
                                        cspace->depth);
}
