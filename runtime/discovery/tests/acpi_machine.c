/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See acpi_machine.h. */
#include "acpi_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>

#define TABLE_SPACE 0x1000u

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

uint8_t *acpi_machine_table(struct acpi_machine *machine, enum machine_table table)
{
    return machine->memory + (size_t)table * TABLE_SPACE;
}

static uint64_t paddr_of(enum machine_table table)
{
    return MACHINE_BASE + (uint64_t)table * TABLE_SPACE;
}

void acpi_machine_put(struct acpi_machine *machine, enum machine_table table, uint32_t offset,
                      uint32_t width, uint64_t value)
{
    for (uint32_t i = 0; i < width; i++) {
        acpi_machine_table(machine, table)[offset + i] = (uint8_t)(value >> (8 * i));
    }
}

static void fix_sum(uint8_t *bytes, uint32_t count, uint32_t checksum_at)
{
    uint8_t sum = 0;
    bytes[checksum_at] = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum = (uint8_t)(sum + bytes[i]);
    }
    bytes[checksum_at] = (uint8_t)(0 - sum);
}

void acpi_machine_fix(struct acpi_machine *machine, enum machine_table table)
{
    uint8_t *bytes = acpi_machine_table(machine, table);
    if (table == TABLE_RSDP) {
        fix_sum(bytes, 20, 8);
        fix_sum(bytes, 36, 32);
        return;
    }
    uint32_t length;
    memcpy(&length, bytes + 4, sizeof(length));
    if (length >= 36 && length <= TABLE_SPACE) {
        fix_sum(bytes, length, 9);
    }
}

static void header(struct acpi_machine *machine, enum machine_table table, const char *signature,
                   uint32_t length)
{
    uint8_t *bytes = acpi_machine_table(machine, table);
    memcpy(bytes, signature, 4);
    acpi_machine_put(machine, table, 4, 4, length);
    bytes[8] = 1; /* revision */
    memcpy(bytes + 10, "KAAL  TESTTABL", 14);
}

static void make_madt(struct acpi_machine *machine)
{
    static const uint8_t entries[] = {
        0, 8,  0, 0, 1, 0, 0,    0,                  /* local APIC 0 */
        1, 12, 7, 0, 0, 0, 0xC0, 0xFE, 0,   0, 0, 0, /* I/O APIC 7 at 0xfec00000 from 0 */
        2, 10, 0, 0, 2, 0, 0,    0,    0,   0,       /* ISA 0 arrives at 2 */
        2, 10, 0, 9, 9, 0, 0,    0,    0xF, 0,       /* ISA 9: level, active low */
        4, 6,  0, 0, 0, 1,                           /* NMI */
    };
    header(machine, TABLE_APIC, "APIC", 44 + sizeof(entries));
    acpi_machine_put(machine, TABLE_APIC, 36, 4, 0xFEE00000);
    memcpy(acpi_machine_table(machine, TABLE_APIC) + 44, entries, sizeof(entries));
}

void acpi_machine_init(struct acpi_machine *machine)
{
    memset(machine, 0, sizeof(*machine));
    machine->rsdp_bytes = 36;
    uint8_t *rsdp = acpi_machine_table(machine, TABLE_RSDP);
    memcpy(rsdp, "RSD PTR ", 8);
    rsdp[15] = 2;
    acpi_machine_put(machine, TABLE_RSDP, 16, 4, paddr_of(TABLE_RSDT));
    acpi_machine_put(machine, TABLE_RSDP, 20, 4, 36);
    acpi_machine_put(machine, TABLE_RSDP, 24, 8, paddr_of(TABLE_XSDT));

    const enum machine_table listed[] = {TABLE_FACP, TABLE_APIC, TABLE_MCFG, TABLE_HPET};
    header(machine, TABLE_XSDT, "XSDT", 36 + 8 * ARRAY_COUNT(listed));
    header(machine, TABLE_RSDT, "RSDT", 36 + 4 * ARRAY_COUNT(listed));
    for (uint32_t i = 0; i < ARRAY_COUNT(listed); i++) {
        acpi_machine_put(machine, TABLE_XSDT, 36 + 8 * i, 8, paddr_of(listed[i]));
        acpi_machine_put(machine, TABLE_RSDT, 36 + 4 * i, 4, paddr_of(listed[i]));
    }

    header(machine, TABLE_FACP, "FACP", 276);
    acpi_machine_put(machine, TABLE_FACP, 40, 4, paddr_of(TABLE_DSDT));
    acpi_machine_put(machine, TABLE_FACP, 48, 4, 0xB2);
    acpi_machine_put(machine, TABLE_FACP, 52, 1, 2);
    acpi_machine_put(machine, TABLE_FACP, 64, 4, 0x604);
    acpi_machine_put(machine, TABLE_FACP, 140, 8, paddr_of(TABLE_DSDT));
    acpi_machine_put(machine, TABLE_FACP, 172, 1, 1);
    acpi_machine_put(machine, TABLE_FACP, 176, 8, 0x604);

    make_madt(machine);

    header(machine, TABLE_MCFG, "MCFG", 60);
    acpi_machine_put(machine, TABLE_MCFG, 44, 8, 0xB0000000);
    acpi_machine_put(machine, TABLE_MCFG, 55, 1, 0xFF);

    header(machine, TABLE_HPET, "HPET", 56);
    acpi_machine_put(machine, TABLE_HPET, 44, 8, 0xFED00000);

    static const uint8_t s5[] = {0x08, '_', 'S',  '5', '_',  0x12, 0x08, 0x04,
                                 0x0A, 5,   0x0A, 7,   0x00, 0x00, 0xA3, 0xA3};
    header(machine, TABLE_DSDT, "DSDT", 64);
    memcpy(acpi_machine_table(machine, TABLE_DSDT) + 46, s5, sizeof(s5));

    for (int table = TABLE_RSDP; table <= TABLE_DSDT; table++) {
        acpi_machine_fix(machine, (enum machine_table)table);
    }
}

static const uint8_t *map(void *context, uint64_t paddr, uint64_t bytes)
{
    struct acpi_machine *machine = context;
    if (paddr < MACHINE_BASE || !range_inside(paddr - MACHINE_BASE, bytes, MACHINE_BYTES) ||
        machine->map_count >= MACHINE_MAPS_MAX) {
        return NULL;
    }
    uint8_t *copy = malloc(bytes == 0 ? 1 : bytes);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, machine->memory + (paddr - MACHINE_BASE), bytes);
    machine->maps[machine->map_count++] = copy;
    return copy;
}

static void remember(void *context, const struct kaal_problem *problem)
{
    struct acpi_machine *machine = context;
    if (machine->report_count < MACHINE_REPORTS_MAX) {
        machine->reports[machine->report_count] = *problem;
    }
    machine->report_count++;
}

int acpi_machine_read(struct acpi_machine *machine)
{
    const struct kaal_discovery_access access = {
        .context = machine, .map = map, .report = remember};
    machine->report_count = 0;
    memset(&machine->platform, 0, sizeof(machine->platform));
    uint8_t *rsdp = malloc(machine->rsdp_bytes + 1);
    if (rsdp == NULL) {
        abort();
    }
    /* One byte in, so that nothing relies on alignment. */
    memcpy(rsdp + 1, acpi_machine_table(machine, TABLE_RSDP), machine->rsdp_bytes);
    int error = kaal_acpi_read(rsdp + 1, machine->rsdp_bytes, &access, &machine->platform, NULL);
    free(rsdp);
    while (machine->map_count > 0) {
        free(machine->maps[--machine->map_count]);
    }
    return error;
}

bool acpi_machine_reported(const struct acpi_machine *machine, const char *text)
{
    for (unsigned i = 0; i < machine->report_count && i < MACHINE_REPORTS_MAX; i++) {
        if (strstr(machine->reports[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}
