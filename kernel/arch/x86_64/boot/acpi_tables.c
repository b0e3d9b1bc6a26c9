/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is read of which ACPI table. All remapping units (DRHD) get the same page tables, so scopes
 * of units do not matter; regions that firmware's devices keep using (RMRR) need theirs. Source:
 * ACPI Specification 6.4, 5.2.9 (FADT), 5.2.12 (MADT); IA-PC HPET 1.0a, 3.2.4; Intel Virtualization
 * Technology for Directed I/O, revision 3.3, chapter 8 (DMAR).
 */
#include "boot/acpi_tables.h"

#include <kernel/print.h>

#define DMAR_REACH 0x100000000 /* registers and regions must lie below 4 GiB */

static BOOT_CODE bool madt_read(struct acpi_info *info, const struct acpi_table *madt)
{
    struct acpi_cursor entry = {.table = madt, .width = 1, .bytes = MADT_ENTRIES};
    info->lapic = acpi_number(madt->bytes + MADT_LAPIC, 4);
    while (acpi_next(&entry)) {
        paddr_t ioapic = acpi_field(&entry, MADT_IOAPIC_ADDRESS, 4);
        paddr_t lapic = acpi_field(&entry, MADT_OVERRIDE_LAPIC, 8);
        if (entry.type == MADT_OVERRIDE && lapic != 0) {
            info->lapic = lapic;
        } else if (entry.type == MADT_IOAPIC && ioapic != 0) {
            if (info->ioapic_count == ACPI_IOAPICS_MAX) {
                kernel_print("boot: more than %u IOAPICs, the rest is not used\n",
                             ACPI_IOAPICS_MAX);
            } else {
                info->ioapics[info->ioapic_count++] = ioapic;
            }
        }
    }
    if (!entry.damaged && (info->ioapic_count == 0 || info->lapic == 0)) {
        kernel_print("boot: ACPI MADT names no %s\n", info->lapic == 0 ? "local APIC" : "IOAPIC");
    }
    return !entry.damaged && info->ioapic_count != 0 && info->lapic != 0;
}

static BOOT_CODE bool fadt_read(struct acpi_info *info, const struct acpi_table *fadt)
{
    info->pm_timer = (uint16_t)acpi_number(fadt->bytes + FADT_PM_TIMER, 4);
    info->pm_timer_32bit = acpi_number(fadt->bytes + FADT_FLAGS, 4) & FADT_FLAG_TIMER_32BIT;
    return true;
}

static BOOT_CODE bool hpet_read(struct acpi_info *info, const struct acpi_table *hpet)
{
    if (hpet->bytes[HPET_ADDRESS_SPACE] == 0) {
        info->hpet = acpi_number(hpet->bytes + HPET_ADDRESS, 8);
    }
    return true;
}

static BOOT_CODE bool unit_read(struct iommu_info *info, const struct acpi_cursor *unit)
{
    paddr_t base = acpi_field(unit, DMAR_UNIT_BASE, 8);
    if (unit->bytes < DMAR_UNIT_BYTES || base >= DMAR_REACH ||
        info->unit_count == IOMMU_UNITS_MAX) {
        return false;
    }
    info->units[info->unit_count++] = base;
    return true;
}

/* One record for each device of the region. */
static BOOT_CODE bool rmrr_read(struct iommu_info *info, const struct acpi_cursor *rmrr)
{
    paddr_t base = acpi_field(rmrr, DMAR_RMRR_BASE, 8);
    paddr_t limit = acpi_field(rmrr, DMAR_RMRR_LIMIT, 8);
    if (rmrr->bytes < DMAR_RMRR_SCOPES || limit >= DMAR_REACH || base > limit) {
        return false;
    }
    for (word_t at = DMAR_RMRR_SCOPES; at + DMAR_SCOPE_BYTES <= rmrr->bytes;
         at += DMAR_SCOPE_BYTES) {
        const uint8_t *scope = rmrr->table->bytes + rmrr->offset + at;
        if (scope[0] != DMAR_SCOPE_ENDPOINT || scope[DMAR_SCOPE_LENGTH] != DMAR_SCOPE_BYTES ||
            info->rmrr_count == IOMMU_RMRR_MAX) {
            return false;
        }
        unsigned int bus = scope[DMAR_SCOPE_BUS];
        unsigned int device = scope[DMAR_SCOPE_PATH] & 0x1f;
        unsigned int function = scope[DMAR_SCOPE_PATH + 1] & 7;
        info->rmrrs[info->rmrr_count++] = (struct iommu_rmrr){
            .request_id = (uint16_t)(bus << 8 | device << 3 | function),
            .base = base,
            .limit = limit,
        };
    }
    return true;
}

/* Anything that the kernel cannot do means: no IOMMU at all. */
static BOOT_CODE bool dmar_read(struct acpi_info *info, const struct acpi_table *dmar)
{
    struct acpi_cursor entry = {.table = dmar, .width = 2, .bytes = DMAR_STRUCTURES};
    if (!CONFIG_IOMMU || info->skip_iommu) {
        return true;
    }
    while (acpi_next(&entry)) {
        if ((entry.type == DMAR_UNIT && !unit_read(&info->iommu, &entry)) ||
            (entry.type == DMAR_RMRR && !rmrr_read(&info->iommu, &entry))) {
            info->iommu.refused = true;
        }
    }
    info->iommu.refused |= entry.damaged;
    return true;
}

const struct acpi_reader acpi_readers[ACPI_READERS] = {
    {.name = "APIC", .required = true, .bytes_min = MADT_ENTRIES, .read = madt_read},
    {.name = "FACP", .required = true, .bytes_min = FADT_BYTES_MIN, .read = fadt_read},
    /* Optional: a bad table only costs the better clock. */
    {.name = "HPET", .bytes_min = HPET_BYTES_MIN, .read = hpet_read},
    {.name = "DMAR", .several = true, .bytes_min = DMAR_STRUCTURES, .read = dmar_read},
};
