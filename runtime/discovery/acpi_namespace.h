/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the ACPI namespace says about the machine, through the interpreter in aml/: devices with
 * their ids and resources, host bridges' windows, interrupt routing and the sleep type of S5.
 *
 * Order: acpi_namespace_load() -> acpi_namespace_devices() -> enumeration of PCI (which uses the
 * windows) -> acpi_namespace_route().
 */
#pragma once

#include <kaal/acpi.h>

#include "acpi_resources.h"
#include "aml/aml.h"
#include "discovery_internal.h"

/** Hands on why the last evaluation failed. */
static inline void acpi_report(const struct aml *aml)
{
    int ignored = report(aml->access, KAAL_OK, &aml->problem);
    (void)ignored;
}

/**
 * Loads the definition blocks, says that interrupts go through I/O APICs, and reads \_S5_.
 *   aml  out;  blocks  from kaal_acpi_read();  access  work_memory is used, too
 * Returns true if there is a namespace to ask. Problems are reported.
 */
bool acpi_namespace_load(struct aml *aml, const struct kaal_acpi_blocks *blocks,
                         const struct kaal_discovery_access *access,
                         struct kaal_platform *platform);

/** Adds a registry entry for each present device with an id and resources; windows for PCI. */
void acpi_namespace_devices(struct aml *aml, struct kaal_platform *platform,
                            struct kaal_device_registry *registry);

/** An interrupt of a resource template as the machine has it. Returns KAAL_OK or NOT_FOUND. */
MUST_CHECK int acpi_irq_of(const struct kaal_platform *platform, const struct acpi_irq *from,
                           struct kaal_interrupt *irq);

/** Gives PCI functions the interrupt lines that _PRT names. */
void acpi_namespace_route(struct aml *aml, const struct kaal_platform *platform,
                          struct kaal_device_registry *registry);
