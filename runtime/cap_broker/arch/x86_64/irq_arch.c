/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: interrupts come through an I/O APIC pin or as a message, and have a vector; port ranges
 * are capabilities.
 */
#include "server_internal.h"

#define CPUID_APIC_ID        FIELD32(31, 24) /* of leaf 1, ebx */
#define MSI_ADDRESS          0xFEE00000u
#define MSI_ADDRESS_ID_SHIFT 12u

/* Source: Intel SDM volume 3, 10.11.1 (message address) and 10.11.2 (message data). */
void broker_arch_messages(struct kaal_msi *msi)
{
    uint32_t eax = 1;
    uint32_t ebx;
    uint32_t ecx = 0;
    uint32_t edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    *msi = (struct kaal_msi){
        .address = MSI_ADDRESS | (uint64_t)field_get(ebx, CPUID_APIC_ID) << MSI_ADDRESS_ID_SHIFT,
        .first_data = IRQ_OFFSET,
        .count = KAAL_VECTORS_MAX,
    };
}

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

seL4_Error broker_arch_message_handler(const struct kaal_cspace *cspace,
                                       const struct kaal_device *device, uint32_t message,
                                       uint32_t data, seL4_CPtr slot)
{
    uint32_t address = device->record.pci_address;
    (void)data; /* the vector says it */
    return seL4_IRQControl_GetMSI(seL4_CapIRQControl, cspace->root, slot, cspace->depth,
                                  address >> 8, address >> 3 & 31, address & 7, 0, message);
}

seL4_Error broker_arch_ports(const struct kaal_cspace *cspace, uint64_t first, uint64_t last,
                             seL4_CPtr slot)
{
    return seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last, cspace->root, slot,
                                        cspace->depth);
}
