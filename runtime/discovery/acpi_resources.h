/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Resource templates: what _CRS and _PRS say in. Source: ACPI Specification 6.4, 6.4.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/device.h>

/** Most ranges of one template that are kept. */
#define ACPI_RANGES_MAX 16u

/** An address range. */
struct acpi_range {
    uint64_t base;
    uint64_t bytes;
    bool ports;
    bool produced; /**< passed on to what is behind the device, not decoded by it */
};

/** An interrupt. */
struct acpi_irq {
    uint32_t number;
    bool isa; /**< an ISA interrupt, else a global one */
    bool level;
    bool active_low;
};

/** The parts of a template that are used. */
struct acpi_resources {
    uint32_t range_count;
    struct acpi_range ranges[ACPI_RANGES_MAX];
    uint32_t irq_count;
    struct acpi_irq irqs[KAAL_DEVICE_IRQS_MAX];
};

/**
 * Reads a template.
 *   bytes, count  of the buffer;  resources  out
 * Returns false if a descriptor leaves the buffer; what came before it is in *resources.
 */
bool acpi_resources_read(const uint8_t *bytes, uint32_t count, struct acpi_resources *resources);

/**
 * Makes a template choose the first interrupt that it offers: _PRS becomes an argument of _SRS.
 *   bytes, count  of the buffer, changed in place
 * Returns false if it offers none.
 */
bool acpi_resources_choose_irq(uint8_t *bytes, uint32_t count);
