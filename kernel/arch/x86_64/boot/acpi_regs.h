/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fields of the firmware's tables, as byte offsets; read only, numbers are little-endian and not
 * aligned. Source: ACPI Specification 6.4; IA-PC HPET 1.0a; Intel Virtualization Technology for
 * Directed I/O, revision 3.3.
 */
#pragma once

/* Header of every table: ACPI 5.2.6. */
#define ACPI_HEADER_LENGTH 4 /* u32 */
#define ACPI_HEADER_BYTES  36

/* RSDP: ACPI 5.2.5.3. */
#define ACPI_RSDP_V1_BYTES 20
#define ACPI_RSDP_BYTES    36
#define RSDP_REVISION      15 /* u8 */
#define RSDP_RSDT          16 /* u32 */
#define RSDP_XSDT          24 /* u64, since revision 2 */

/* Where the RSDP is looked for: ACPI 5.2.5.1. */
#define BIOS_EBDA_SEGMENT 0x40e
#define BIOS_EBDA_START   0x80000
#define BIOS_EBDA_END     0xa0000
#define BIOS_ROM_START    0xe0000
#define BIOS_ROM_MIDDLE   0xf0000
#define BIOS_ROM_END      0x100000

/* MADT: ACPI 5.2.12. */
#define MADT_LAPIC          36 /* u32 */
#define MADT_ENTRIES        44
#define MADT_IOAPIC         1
#define MADT_IOAPIC_ADDRESS 4 /* u32 */
#define MADT_OVERRIDE       5
#define MADT_OVERRIDE_LAPIC 4 /* u64 */

/* FADT: ACPI 5.2.9. */
#define FADT_PM_TIMER         76  /* u32 port */
#define FADT_FLAGS            112 /* u32 */
#define FADT_FLAG_TIMER_32BIT 0x100
#define FADT_BYTES_MIN        116

/* HPET: IA-PC HPET 1.0a, 3.2.4. */
#define HPET_ADDRESS_SPACE 40 /* u8: 0 = memory */
#define HPET_ADDRESS       44 /* u64 */
#define HPET_BYTES_MIN     56

/* DMAR: VT-d 8.1 (table), 8.3 (DRHD), 8.4 (RMRR), 8.3.1 (device scope). */
#define DMAR_STRUCTURES     48
#define DMAR_UNIT           0
#define DMAR_UNIT_BASE      8 /* u64 */
#define DMAR_UNIT_BYTES     16
#define DMAR_RMRR           1
#define DMAR_RMRR_BASE      8  /* u64 */
#define DMAR_RMRR_LIMIT     16 /* u64 */
#define DMAR_RMRR_SCOPES    24
#define DMAR_SCOPE_LENGTH   1 /* u8, behind the type */
#define DMAR_SCOPE_BUS      5
#define DMAR_SCOPE_PATH     6 /* device, function of the only hop */
#define DMAR_SCOPE_BYTES    8
#define DMAR_SCOPE_ENDPOINT 1
