/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The local APIC (interrupt end, one-shot timer) and the IOAPICs (pins, masking). */
#pragma once

#include <arch/irq.h>
#include <kernel/invocation.h>

struct acpi_info;

/*
 * Bring up the local APIC and all IOAPICs with every pin masked; quieten the legacy PICs. Boot
 * only. Returns false after a message if the hardware can't be used.
 */
bool apic_init(struct acpi_info *info) MUST_CHECK;

/* IRQControl's invocations for a pin and for a message. */
enum kernel_result irq_decode_get_ioapic(struct invocation *inv) MUST_CHECK;
enum kernel_result irq_decode_get_msi(struct invocation *inv) MUST_CHECK;

/* Local APIC timer: its counter runs down once at `bus clock`; 0 stops it. */
void apic_timer_start(uint32_t count);
uint32_t apic_timer_read(void);

/* Use the timer in one-shot or TSC-deadline mode. */
void apic_timer_init(bool tsc_deadline);
