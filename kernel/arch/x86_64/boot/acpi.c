/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RSDP -> RSDT or XSDT -> MADT, FADT, HPET. Tables lie anywhere in physical memory that the direct
 * map covers at boot (4 GiB); one outside, too short, too long or with a wrong checksum is named
 * and refused. Source: ACPI Specification 6.4, 5.2.5 (RSDP), 5.2.7 (RSDT), 5.2.9 (FADT), 5.2.12
 * (MADT); IA-PC HPET 1.0a, 3.2.4.
 */
#include "boot/acpi.h"

#include "boot/dmar.h"

#include <arch/layout.h>
#include <kernel/print.h>

#define ACPI_TABLE_LIMIT     ((paddr_t)4 << 30)
#define ACPI_TABLE_BYTES_MAX (1u << 20)
#define ACPI_ENTRIES_MAX     256

struct acpi_rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum;
    uint8_t reserved[3];
} __attribute__((packed));
static_assert(sizeof(struct acpi_rsdp) == ACPI_RSDP_BYTES, "ACPI 5.2.5.3");

struct acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision;
    uint8_t checksum;
    char oem[6];
    char oem_table[8];
    uint32_t oem_revision;
    uint32_t creator;
    uint32_t creator_revision;
} __attribute__((packed));
static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

#define FADT_PM_TIMER           76 /* u32 port */
#define FADT_FLAGS              112
#define FADT_FLAG_TIMER_32BIT   0x100
#define FADT_BYTES_MIN          116
#define HPET_ADDRESS_SPACE      40 /* u8: 0 = memory */
#define HPET_ADDRESS            44 /* u64 */
#define HPET_BYTES_MIN          56
#define DMAR_BYTES_MIN          48
#define MADT_LAPIC              36 /* u32 */
#define MADT_ENTRIES            44
#define MADT_TYPE_IOAPIC        1
#define MADT_IOAPIC_BYTES       12
#define MADT_IOAPIC_ADDRESS     4 /* u32 */
#define MADT_TYPE_LAPIC_ADDRESS 5
#define MADT_OVERRIDE_BYTES     12
#define MADT_OVERRIDE_ADDRESS   4 /* u64 */

#define BIOS_EBDA_SEGMENT 0x40e
#define BIOS_ROM_START    0xe0000
#define BIOS_ROM_END      0x100000

static BOOT_CODE uint32_t read32(const uint8_t *bytes, word_t offset)
{
    uint32_t value;
    __builtin_memcpy(&value, bytes + offset, sizeof(value));
    return value;
}

static BOOT_CODE uint64_t read64(const uint8_t *bytes, word_t offset)
{
    uint64_t value;
    __builtin_memcpy(&value, bytes + offset, sizeof(value));
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

static BOOT_CODE bool signature_is(const uint8_t *bytes, const char *signature, word_t length)
{
    for (word_t i = 0; i < length; i++) {
        if (bytes[i] != (uint8_t)signature[i]) {
            return false;
        }
    }
    return true;
}

static BOOT_CODE bool rsdp_ok(const uint8_t *bytes, word_t available)
{
    if (available < ACPI_RSDP_V1_BYTES || !signature_is(bytes, "RSD PTR ", 8) ||
        !checksum_ok(bytes, ACPI_RSDP_V1_BYTES)) {
        return false;
    }
    const struct acpi_rsdp *rsdp = (const void *)bytes;
    return rsdp->revision < 2 ||
           (available >= ACPI_RSDP_BYTES && checksum_ok(bytes, ACPI_RSDP_BYTES));
}

static BOOT_CODE const uint8_t *rsdp_search(paddr_t start, paddr_t end)
{
    for (paddr_t address = start; address + ACPI_RSDP_BYTES <= end; address += 16) {
        const uint8_t *bytes = (const void *)(PHYSICAL_BASE + address);
        if (*(const uint64_t *)bytes == 0x2052545020445352 /* "RSD PTR " */ &&
            rsdp_ok(bytes, end - address)) {
            return bytes;
        }
    }
    return 0;
}

static BOOT_CODE const uint8_t *rsdp_find(const void *copy, word_t copy_bytes)
{
    if (copy) {
        return rsdp_ok(copy, copy_bytes) ? copy : 0;
    }
    paddr_t ebda = (paddr_t) * (volatile uint16_t *)(PHYSICAL_BASE + BIOS_EBDA_SEGMENT) << 4;
    const uint8_t *rsdp = 0;
    if (ebda >= 0x80000 && ebda < 0xa0000) {
        rsdp = rsdp_search(ebda, ebda + 1024);
    }
    return rsdp ? rsdp : rsdp_search(BIOS_ROM_START, BIOS_ROM_END);
}

/* The table at address if it lies where it can be read and has a believable length, else null. */
static BOOT_CODE const struct acpi_header *table_at(paddr_t address)
{
    if (address == 0 || address > ACPI_TABLE_LIMIT - sizeof(struct acpi_header)) {
        kernel_print("boot: ACPI table at 0x%lx lies outside the first 4 GiB\n", address);
        return 0;
    }
    const struct acpi_header *header = (const void *)(PHYSICAL_BASE + address);
    if (header->length < sizeof(struct acpi_header) || header->length > ACPI_TABLE_BYTES_MAX ||
        header->length > ACPI_TABLE_LIMIT - address) {
        kernel_print("boot: ACPI table %c%c%c%c at 0x%lx has an impossible length of %u bytes\n",
                     header->signature[0], header->signature[1], header->signature[2],
                     header->signature[3], address, header->length);
        return 0;
    }
    return header;
}

/* table_at() plus checksum and minimal length, for tables whose content is used. */
static BOOT_CODE const uint8_t *table_checked(const struct acpi_header *header, word_t bytes_min)
{
    const char *name = header->signature;
    if (header->length < bytes_min) {
        kernel_print("boot: ACPI table %c%c%c%c has %u bytes, needs %lu\n", name[0], name[1],
                     name[2], name[3], header->length, bytes_min);
        return 0;
    }
    if (!checksum_ok((const void *)header, header->length)) {
        kernel_print("boot: ACPI table %c%c%c%c has a wrong checksum\n", name[0], name[1], name[2],
                     name[3]);
        return 0;
    }
    return (const void *)header;
}

static BOOT_CODE bool madt_read(struct acpi_info *info, const struct acpi_header *header)
{
    const uint8_t *madt = table_checked(header, MADT_ENTRIES);
    if (!madt) {
        return false;
    }
    info->lapic = read32(madt, MADT_LAPIC);
    word_t offset = MADT_ENTRIES;
    while (offset < header->length) {
        word_t left = header->length - offset;
        word_t bytes = left >= 2 ? madt[offset + 1] : 0;
        if (bytes < 2 || bytes > left) {
            kernel_print("boot: ACPI MADT entry at offset %lu has a length of %lu, %lu are left\n",
                         offset, bytes, left);
            return false;
        }
        uint8_t type = madt[offset];
        if (type == MADT_TYPE_IOAPIC && bytes >= MADT_IOAPIC_BYTES) {
            if (info->ioapic_count == ACPI_IOAPICS_MAX) {
                kernel_print("boot: more than %u IOAPICs, the rest is not used\n",
                             (unsigned int)ACPI_IOAPICS_MAX);
            } else {
                info->ioapics[info->ioapic_count++] = read32(madt, offset + MADT_IOAPIC_ADDRESS);
            }
        } else if (type == MADT_TYPE_LAPIC_ADDRESS && bytes >= MADT_OVERRIDE_BYTES) {
            info->lapic = read64(madt, offset + MADT_OVERRIDE_ADDRESS);
        }
        offset += bytes;
    }
    if (info->ioapic_count == 0 || info->lapic == 0) {
        kernel_print("boot: ACPI MADT names no %s\n", info->lapic == 0 ? "local APIC" : "IOAPIC");
        return false;
    }
    return true;
}

static BOOT_CODE bool fadt_read(struct acpi_info *info, const struct acpi_header *header)
{
    const uint8_t *fadt = table_checked(header, FADT_BYTES_MIN);
    if (!fadt) {
        return false;
    }
    info->pm_timer = (uint16_t)read32(fadt, FADT_PM_TIMER);
    info->pm_timer_32bit = read32(fadt, FADT_FLAGS) & FADT_FLAG_TIMER_32BIT;
    return true;
}

/* The HPET is optional: a bad table only costs the better clock. */
static BOOT_CODE void hpet_read(struct acpi_info *info, const struct acpi_header *header)
{
    const uint8_t *hpet = table_checked(header, HPET_BYTES_MIN);
    if (hpet && hpet[HPET_ADDRESS_SPACE] == 0) {
        info->hpet = read64(hpet, HPET_ADDRESS);
    }
}

BOOT_CODE bool acpi_scan(struct acpi_info *info, const void *rsdp_copy, word_t rsdp_bytes)
{
    const uint8_t *bytes = rsdp_find(rsdp_copy, rsdp_bytes);
    if (!bytes) {
        kernel_print("boot: no valid ACPI RSDP %s\n",
                     rsdp_copy ? "from the boot loader" : "in the BIOS areas");
        return false;
    }
    const struct acpi_rsdp *rsdp = (const void *)bytes;
    bool wide = rsdp->revision >= 2 && rsdp->xsdt != 0;
    __builtin_memcpy(info->rsdp, bytes, rsdp->revision >= 2 ? ACPI_RSDP_BYTES : ACPI_RSDP_V1_BYTES);

    const struct acpi_header *root = table_at(wide ? rsdp->xsdt : rsdp->rsdt);
    if (!root || !signature_is((const void *)root, wide ? "XSDT" : "RSDT", 4)) {
        kernel_print("boot: ACPI RSDP points at no %s\n", wide ? "XSDT" : "RSDT");
        return false;
    }
    const uint8_t *table = table_checked(root, sizeof(struct acpi_header));
    if (!table) {
        return false;
    }
    bool have_madt = false;
    bool have_fadt = false;
    word_t entry_bytes = wide ? 8 : 4;
    word_t count = (root->length - sizeof(struct acpi_header)) / entry_bytes;
    for (word_t i = 0; i < count && i < ACPI_ENTRIES_MAX; i++) {
        word_t offset = sizeof(struct acpi_header) + i * entry_bytes;
        const struct acpi_header *header =
            table_at(wide ? read64(table, offset) : read32(table, offset));
        if (!header) {
            continue;
        }
        const uint8_t *name = (const void *)header->signature;
        if (signature_is(name, "APIC", 4) && !have_madt) {
            have_madt = true;
            if (!madt_read(info, header)) {
                return false;
            }
        } else if (signature_is(name, "FACP", 4) && !have_fadt) {
            have_fadt = true;
            if (!fadt_read(info, header)) {
                return false;
            }
        } else if (signature_is(name, "HPET", 4)) {
            hpet_read(info, header);
        } else if (CONFIG_IOMMU && !info->skip_iommu && signature_is(name, "DMAR", 4)) {
            const uint8_t *dmar = table_checked(header, DMAR_BYTES_MIN);
            if (dmar) {
                dmar_read(&info->iommu, dmar, header->length);
            }
        }
    }
    if (!have_madt || !have_fadt) {
        kernel_print("boot: ACPI has no %s\n",
                     have_madt ? "FADT (signature FACP)" : "MADT (signature APIC)");
        return false;
    }
    return true;
}
