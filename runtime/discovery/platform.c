/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Answers from the platform's tables that need no hardware.
 */
#include <kaal/platform.h>

int kaal_platform_global_irq(const struct kaal_platform *platform, uint32_t number, bool level,
                             bool active_low, struct kaal_interrupt *irq)
{
    /* The I/O APIC with the highest first interrupt not above the wanted one takes it. */
    uint32_t best = KAAL_INTERRUPT_NO_IOAPIC;
    for (uint32_t i = 0; i < platform->ioapic_count; i++) {
        uint32_t base = platform->ioapics[i].gsi_base;
        if (base <= number &&
            (best == KAAL_INTERRUPT_NO_IOAPIC || base > platform->ioapics[best].gsi_base)) {
            best = i;
        }
    }
    if (best == KAAL_INTERRUPT_NO_IOAPIC) {
        return KAAL_ERR_NOT_FOUND;
    }
    *irq = (struct kaal_interrupt){
        .number = number,
        .ioapic = best,
        .pin = number - platform->ioapics[best].gsi_base,
        .source = number,
        .level = level,
        .active_low = active_low,
    };
    return KAAL_OK;
}

int kaal_platform_isa_irq(const struct kaal_platform *platform, uint8_t source,
                          struct kaal_interrupt *irq)
{
    /* Without an override an ISA interrupt is the global one of its number: edge, active high. */
    struct kaal_irq_override wiring = {.source = source, .gsi = source};
    for (uint32_t i = 0; i < platform->override_count; i++) {
        if (platform->overrides[i].source == source) {
            wiring = platform->overrides[i];
        }
    }
    int error =
        kaal_platform_global_irq(platform, wiring.gsi, wiring.level, wiring.active_low, irq);
    if (error == KAAL_OK) {
        irq->source = source;
    }
    return error;
}
