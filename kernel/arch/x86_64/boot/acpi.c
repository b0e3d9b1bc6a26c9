/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RSDP -> RSDT or XSDT -> the tables that acpi_readers[] lists. Tables lie anywhere in physical
 * memory that the direct map covers at boot (4 GiB); one outside, too short, too long or with a
 * wrong checksum is named and refused. All remapping units (DRHD) get the same page tables, so
 * scopes of units do not matter; regions that firmware's devices keep using (RMRR) need theirs.
 * Source: ACPI Specification 6.4, 5.2.5 (RSDP), 5.2.6 (header), 5.2.7 (RSDT), 5.2.9 (FADT), 5.2.12
 * (MADT); IA-PC HPET 1.0a, 3.2.4; Intel Virtualization Technology for Directed I/O, revision 3.3,
 * chapter 8 (DMAR).
 */
#include "boot/boot.h"

#include <arch/layout.h>
#include <kernel/memory.h>
#include <kernel/print.h>

#define ACPI_TABLE_LIMIT     ((paddr_t)4 << 30)
#define ACPI_TABLE_BYTES_MAX (1u << 20)
#define DMAR_REACH           0x100000000 /* registers and regions must lie below 4 GiB */

struct acpi_table {
    char name[5];
    const uint8_t *bytes;
    word_t length;
};

/* A place in a table: before the first acpi_next(), `bytes` is where its structures begin. */
struct acpi_cursor {
    const struct acpi_table *table;
    word_t width;  /* of the type and of the length that each structure begins with: 1 or 2 */
    word_t offset; /* of the structure at hand */
    word_t bytes;  /* its length */
    word_t type;
    bool damaged; /* a length was impossible; a message says so */
};

/* A table that the kernel reads. */
struct acpi_reader {
    char name[5];
    bool required; /* without it the machine can't be used */
    bool several;  /* all of that name count, else the first */
    uint16_t bytes_min;
    void (*read)(struct acpi_info *info, const struct acpi_table *table);
};

/* A little-endian number of 1 to 8 bytes. */
static BOOT_CODE uint64_t acpi_number(const uint8_t *at, word_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static BOOT_CODE bool checksum_ok(const uint8_t *bytes, word_t length)
{
    uint8_t sum = 0;
    for (word_t i = 0; i < length; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    return sum == 0;
}

/* ---- RSDP ---- */

static BOOT_CODE bool rsdp_ok(const uint8_t *rsdp, word_t available)
{
    return available >= ACPI_RSDP_V1_BYTES && memcmp(rsdp, "RSD PTR ", 8) == 0 &&
           checksum_ok(rsdp, ACPI_RSDP_V1_BYTES) &&
           (rsdp[RSDP_REVISION] < 2 ||
            (available >= ACPI_RSDP_BYTES && checksum_ok(rsdp, ACPI_RSDP_BYTES)));
}

static BOOT_CODE const uint8_t *rsdp_search(paddr_t start, paddr_t end)
{
    for (paddr_t address = start; address + ACPI_RSDP_BYTES <= end; address += 16) {
        const uint8_t *bytes = (const void *)(PHYSICAL_BASE + address);
        if (bytes[0] == 'R' && rsdp_ok(bytes, end - address)) {
            return bytes;
        }
    }
    return NULL;
}

static BOOT_CODE const uint8_t *rsdp_find(const void *copy, word_t copy_bytes)
{
    if (copy) {
        return rsdp_ok(copy, copy_bytes) ? copy : NULL;
    }
    paddr_t ebda = (paddr_t) * (volatile uint16_t *)(PHYSICAL_BASE + BIOS_EBDA_SEGMENT) << 4;
    paddr_t ebda_end = ebda >= BIOS_EBDA_START && ebda < BIOS_EBDA_END ? ebda + 1024 : ebda;
    /* The ROM's upper half first: there it is on most machines, and it is 4,096 places to look at.
     */
    const paddr_t areas[][2] = {
        {ebda, ebda_end}, {BIOS_ROM_MIDDLE, BIOS_ROM_END}, {BIOS_ROM_START, BIOS_ROM_MIDDLE}};
    const uint8_t *rsdp = NULL;
    for (word_t i = 0; !rsdp && i < ARRAY_LENGTH(areas); i++) {
        rsdp = rsdp_search(areas[i][0], areas[i][1]);
    }
    return rsdp;
}

/* ---- tables ---- */

/* The table at an address, if it lies where it can be read and has a believable length. */
static BOOT_CODE bool table_at(paddr_t address, struct acpi_table *table)
{
    if (address == 0 || address > ACPI_TABLE_LIMIT - ACPI_HEADER_BYTES) {
        kernel_print("boot: ACPI table at 0x%lx lies outside the first 4 GiB\n", address);
        return false;
    }
    *table = (struct acpi_table){.bytes = (const void *)(PHYSICAL_BASE + address)};
    memcpy(table->name, table->bytes, 4);
    table->length = acpi_number(table->bytes + ACPI_HEADER_LENGTH, 4);
    if (table->length < ACPI_HEADER_BYTES || table->length > ACPI_TABLE_BYTES_MAX ||
        table->length > ACPI_TABLE_LIMIT - address) {
        kernel_print("boot: ACPI table %s at 0x%lx has an impossible length of %lu bytes\n",
                     table->name, address, table->length);
        return false;
    }
    return true;
}

/* For tables whose content is used. */
static BOOT_CODE bool table_ok(const struct acpi_table *table, word_t bytes_min)
{
    if (table->length < bytes_min) {
        kernel_print("boot: ACPI table %s has %lu bytes, needs %lu\n", table->name, table->length,
                     bytes_min);
        return false;
    }
    if (!checksum_ok(table->bytes, table->length)) {
        kernel_print("boot: ACPI table %s has a wrong checksum\n", table->name);
        return false;
    }
    return true;
}

/* Go to the next structure of a table. False at the end, or where a length is impossible. */
static BOOT_CODE bool acpi_next(struct acpi_cursor *cursor)
{
    const struct acpi_table *table = cursor->table;
    cursor->offset += cursor->bytes;
    if (cursor->offset >= table->length) {
        return false;
    }
    word_t left = table->length - cursor->offset;
    word_t header = 2 * cursor->width;
    const uint8_t *at = table->bytes + cursor->offset;
    cursor->type = acpi_number(at, left < cursor->width ? 0 : cursor->width);
    cursor->bytes = left < header ? 0 : acpi_number(at + cursor->width, cursor->width);
    cursor->damaged = cursor->bytes < header || cursor->bytes > left;
    if (cursor->damaged) {
        kernel_print("boot: ACPI %s entry at offset %lu has a length of %lu, %lu are left\n",
                     table->name, cursor->offset, cursor->bytes, left);
    }
    return !cursor->damaged;
}

/* The number at `offset` of the structure at hand; 0 if it is too short for that. */
static BOOT_CODE uint64_t acpi_field(const struct acpi_cursor *cursor, word_t offset, word_t bytes)
{
    return offset + bytes <= cursor->bytes
               ? acpi_number(cursor->table->bytes + cursor->offset + offset, bytes)
               : 0;
}

/* ---- what is read of which table ---- */

static BOOT_CODE void madt_read(struct acpi_info *info, const struct acpi_table *madt)
{
    struct acpi_cursor entry = {.table = madt, .width = 1, .bytes = MADT_ENTRIES};
    info->lapic = acpi_number(madt->bytes + MADT_LAPIC, 4);
    while (acpi_next(&entry)) {
        paddr_t ioapic = acpi_field(&entry, MADT_IOAPIC_ADDRESS, 4);
        paddr_t lapic = acpi_field(&entry, MADT_OVERRIDE_LAPIC, 8);
        if (entry.type == MADT_OVERRIDE && lapic != 0) {
            info->lapic = lapic;
        } else if (entry.type == MADT_IOAPIC && ioapic != 0 &&
                   info->ioapic_count < ACPI_IOAPICS_MAX) {
            info->ioapics[info->ioapic_count++] = ioapic;
        } else if (entry.type == MADT_IOAPIC && ioapic != 0) {
            kernel_print("boot: more than %u IOAPICs, the rest is not used\n", ACPI_IOAPICS_MAX);
        }
    }
    if (entry.damaged || info->ioapic_count == 0 || info->lapic == 0) {
        boot_stop("ACPI MADT is damaged, or names no local APIC or IOAPIC");
    }
}

static BOOT_CODE void fadt_read(struct acpi_info *info, const struct acpi_table *fadt)
{
    info->pm_timer = (uint16_t)acpi_number(fadt->bytes + FADT_PM_TIMER, 4);
    info->pm_timer_32bit = acpi_number(fadt->bytes + FADT_FLAGS, 4) & FADT_FLAG_TIMER_32BIT;
}

static BOOT_CODE void hpet_read(struct acpi_info *info, const struct acpi_table *hpet)
{
    if (hpet->bytes[HPET_ADDRESS_SPACE] == 0) {
        info->hpet = acpi_number(hpet->bytes + HPET_ADDRESS, 8);
    }
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
static BOOT_CODE void dmar_read(struct acpi_info *info, const struct acpi_table *dmar)
{
    struct acpi_cursor entry = {.table = dmar, .width = 2, .bytes = DMAR_STRUCTURES};
    if (!CONFIG_IOMMU || info->skip_iommu) {
        return;
    }
    while (acpi_next(&entry)) {
        if ((entry.type == DMAR_UNIT && !unit_read(&info->iommu, &entry)) ||
            (entry.type == DMAR_RMRR && !rmrr_read(&info->iommu, &entry))) {
            info->iommu.refused = true;
        }
    }
    info->iommu.refused |= entry.damaged;
}

static const struct acpi_reader acpi_readers[] = {
    {.name = "APIC", .required = true, .bytes_min = MADT_ENTRIES, .read = madt_read},
    {.name = "FACP", .required = true, .bytes_min = FADT_BYTES_MIN, .read = fadt_read},
    /* Optional: a bad table only costs the better clock. */
    {.name = "HPET", .bytes_min = HPET_BYTES_MIN, .read = hpet_read},
    {.name = "DMAR", .several = true, .bytes_min = DMAR_STRUCTURES, .read = dmar_read},
};

/* ---- scan ---- */

/* Give the table to its reader, if it has one; `found` has a bit for each that had a good one. */
static BOOT_CODE void table_read(struct acpi_info *info, const struct acpi_table *table,
                                 word_t *found)
{
    for (word_t i = 0; i < ARRAY_LENGTH(acpi_readers); i++) {
        const struct acpi_reader *reader = &acpi_readers[i];
        if (memcmp(table->name, reader->name, 4) == 0 && (reader->several || !(*found & BIT(i))) &&
            table_ok(table, reader->bytes_min)) {
            reader->read(info, table);
            *found |= BIT(i);
        }
    }
}

BOOT_CODE void acpi_scan(struct acpi_info *info, const void *rsdp_copy, word_t rsdp_bytes)
{
    const uint8_t *rsdp = rsdp_find(rsdp_copy, rsdp_bytes);
    if (!rsdp) {
        boot_stop("no valid ACPI RSDP %s",
                  rsdp_copy ? "from the boot loader" : "in the BIOS areas");
    }
    bool new = rsdp[RSDP_REVISION] >= 2;
    memcpy(info->rsdp, rsdp, new ? ACPI_RSDP_BYTES : ACPI_RSDP_V1_BYTES);
    paddr_t xsdt = acpi_number(info->rsdp + RSDP_XSDT, 8);
    word_t entry_bytes = xsdt != 0 ? 8 : 4;
    const char *name = xsdt != 0 ? "XSDT" : "RSDT";

    struct acpi_table root;
    if (!table_at(xsdt != 0 ? xsdt : acpi_number(info->rsdp + RSDP_RSDT, 4), &root) ||
        memcmp(root.name, name, 4) != 0 || !table_ok(&root, ACPI_HEADER_BYTES)) {
        boot_stop("ACPI RSDP points at no good %s", name);
    }
    word_t found = 0;
    word_t end = root.length - entry_bytes;
    for (word_t offset = ACPI_HEADER_BYTES; offset <= end; offset += entry_bytes) {
        struct acpi_table table;
        if (table_at(acpi_number(root.bytes + offset, entry_bytes), &table)) {
            table_read(info, &table, &found);
        }
    }
    for (word_t i = 0; i < ARRAY_LENGTH(acpi_readers); i++) {
        if (acpi_readers[i].required && !(found & BIT(i))) {
            boot_stop("ACPI has no good table %s", acpi_readers[i].name);
        }
    }
}
