/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the kernel needs from ACPI tables: interrupt controllers, a clock to calibrate against, and
 * remapping units. Tables are firmware input: every length and checksum is checked before anything
 * is believed.
 */
#pragma once

#include "boot/acpi_regs.h"
#include "mm/iommu.h"

#include <kernel/types.h>

#define ACPI_IOAPICS_MAX 8u

struct acpi_info {
    uint8_t rsdp[ACPI_RSDP_BYTES]; /* revision 0 fills the first 20 bytes only */
    paddr_t lapic;
    paddr_t ioapics[ACPI_IOAPICS_MAX];
    word_t ioapic_count;
    paddr_t hpet;        /* 0: none */
    uint16_t pm_timer;   /* I/O port, 0: none */
    bool pm_timer_32bit; /* else 24 bits */
    bool skip_iommu;     /* set by the caller: leave DMAR tables alone */
    struct iommu_info iommu;
};

/*
 * Find and read the tables.
 *   rsdp_copy  RSDP that the boot loader passed, or null to search the BIOS areas
 *   rsdp_bytes its length
 * Returns false, after a message saying which table is wrong and why, when the machine can't be
 * used.
 */
bool acpi_scan(struct acpi_info *info, const void *rsdp_copy, word_t rsdp_bytes) MUST_CHECK;
