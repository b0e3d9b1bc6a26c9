/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A made-up PC's ACPI tables for tests. Memory that a parser maps is handed out as a heap copy of
 * exactly the length asked for, so that the address sanitizer sees every access outside it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/acpi.h>

/** Physical address of the tables, and how much memory is there. */
#define MACHINE_BASE  UINT64_C(0x7FE0000)
#define MACHINE_BYTES 0x8000u

/** The tables, each at MACHINE_BASE + its number * 0x1000; the RSDP stands alone. */
enum machine_table {
    TABLE_RSDP,
    TABLE_XSDT,
    TABLE_RSDT,
    TABLE_FACP,
    TABLE_APIC,
    TABLE_MCFG,
    TABLE_HPET,
    TABLE_DSDT,
};

#define MACHINE_REPORTS_MAX 64
#define MACHINE_MAPS_MAX    4096

/** The machine and what was reported while its tables were read. */
struct acpi_machine {
    uint8_t memory[MACHINE_BYTES];
    size_t rsdp_bytes; /**< how much of the RSDP bootinfo has */
    unsigned report_count;
    struct kaal_problem reports[MACHINE_REPORTS_MAX];
    unsigned map_count;
    void *maps[MACHINE_MAPS_MAX];
    struct kaal_platform platform;
};

/** Builds good tables: revision 2, with an XSDT. */
void acpi_machine_init(struct acpi_machine *machine);

/** The first byte of a table. */
uint8_t *acpi_machine_table(struct acpi_machine *machine, enum machine_table table);

/** Writes a little-endian value of 1, 2, 4 or 8 bytes. */
void acpi_machine_put(struct acpi_machine *machine, enum machine_table table, uint32_t offset,
                      uint32_t width, uint64_t value);

/** Makes the checksum of a table right again, as far as its length lies in memory. */
void acpi_machine_fix(struct acpi_machine *machine, enum machine_table table);

/** Lets the library read the tables. Returns its result. */
int acpi_machine_read(struct acpi_machine *machine);

/** True if a report contains the text. */
bool acpi_machine_reported(const struct acpi_machine *machine, const char *text);
