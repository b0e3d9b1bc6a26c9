/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ACPI tables: good ones are read right; each of many malformed ones gives a clear message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>

#include "acpi_machine.h"

static struct acpi_machine machine;

static void assert_all_found(void)
{
    const struct kaal_platform *platform = &machine.platform;
    assert_int_equal(machine.report_count, 0);
    assert_int_equal(platform->ioapic_count, 1);
    assert_int_equal(platform->ioapics[0].id, 7);
    assert_int_equal(platform->ioapics[0].paddr, 0xFEC00000);
    assert_int_equal(platform->override_count, 2);
    assert_int_equal(platform->ecam_count, 1);
    assert_int_equal(platform->ecams[0].paddr, 0xB0000000);
    assert_int_equal(platform->ecams[0].first_bus, 0);
    assert_int_equal(platform->ecams[0].last_bus, 0xFF);
    assert_int_equal(platform->hpet_paddr, 0xFED00000);
    assert_int_equal(platform->power.method, KAAL_POWER_ACPI);
    assert_int_equal(platform->power.port_a, 0x604);
    assert_int_equal(platform->power.port_b, 0);
    assert_int_equal(platform->power.value_a, 5);
    assert_int_equal(platform->power.value_b, 7);
    assert_int_equal(platform->power.smi_port, 0xB2);
    assert_int_equal(platform->power.smi_enable, 2);
}

static void test_good_tables_are_read(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
    assert_all_found();
}

static void test_acpi_1_root_is_read(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    acpi_machine_put(&machine, TABLE_RSDP, 15, 1, 0);
    acpi_machine_fix(&machine, TABLE_RSDP);
    machine.rsdp_bytes = 20;
    assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
    assert_all_found();
}

static void test_isa_interrupts_follow_the_overrides(void **state)
{
    (void)state;
    struct kaal_interrupt irq;
    acpi_machine_init(&machine);
    assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
    assert_int_equal(kaal_platform_isa_irq(&machine.platform, 4, &irq), KAAL_OK);
    assert_int_equal(irq.source, 4);
    assert_int_equal(irq.number, 4);
    assert_int_equal(irq.ioapic, 0);
    assert_int_equal(irq.pin, 4);
    assert_false(irq.level);
    assert_false(irq.active_low);
    assert_int_equal(kaal_platform_isa_irq(&machine.platform, 0, &irq), KAAL_OK);
    assert_int_equal(irq.pin, 2);
    assert_int_equal(kaal_platform_isa_irq(&machine.platform, 9, &irq), KAAL_OK);
    assert_true(irq.level);
    assert_true(irq.active_low);
}

static void test_interrupt_goes_to_the_io_apic_that_takes_it(void **state)
{
    (void)state;
    struct kaal_interrupt irq;
    struct kaal_platform platform = {
        .ioapic_count = 3,
        .ioapics = {{.gsi_base = 48}, {.gsi_base = 0}, {.gsi_base = 24}},
        .override_count = 1,
        .overrides = {{.source = 5, .gsi = 30}},
    };
    assert_int_equal(kaal_platform_isa_irq(&platform, 5, &irq), KAAL_OK);
    assert_int_equal(irq.ioapic, 2);
    assert_int_equal(irq.pin, 6);
    assert_int_equal(kaal_platform_isa_irq(&platform, 7, &irq), KAAL_OK);
    assert_int_equal(irq.ioapic, 1);
    platform.ioapic_count = 1;
    assert_int_equal(kaal_platform_isa_irq(&platform, 7, &irq), KAAL_ERR_NOT_FOUND);
}

static void test_sleep_values_in_every_encoding(void **state)
{
    (void)state;
    static const struct {
        uint8_t aml[20];
        uint16_t a;
        uint16_t b;
    } forms[] = {
        {{0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x00, 0x01, 0x00, 0x00}, 0, 1},
        {{0x08, '_', 'S', '5', '_', 0x12, 0x0A, 0x04, 0x0B, 3, 0, 0x0B, 4, 0, 0, 0}, 3, 4},
        {{0x08, '_', 'S', '5', '_', 0x12, 0x0C, 0x02, 0x0C, 6, 0, 0, 0, 0x0C, 1, 0, 0, 0}, 6, 1},
        {{0x08, '_', 'S', '5', '_', 0x12, 0x04, 0x01, 0x0A, 5}, 5, 0},
        {{0x08, '_', 'S', '5', '_', 0x12, 0x47, 0x00, 0x02, 0x0A, 2, 0x0A, 2}, 2, 2},
        {{0x08, 0x5C, '_', 'S', '5', '_', 0x12, 0x06, 0x02, 0x0A, 1, 0x0A, 1}, 1, 1},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(forms); i++) {
        acpi_machine_init(&machine);
        memcpy(acpi_machine_table(&machine, TABLE_DSDT) + 44, forms[i].aml, sizeof(forms[i].aml));
        acpi_machine_fix(&machine, TABLE_DSDT);
        assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
        assert_int_equal(machine.platform.power.method, KAAL_POWER_ACPI);
        assert_int_equal(machine.platform.power.value_a, forms[i].a);
        assert_int_equal(machine.platform.power.value_b, forms[i].b);
    }
}

/* Looks like \_S5_ but is not: the real one behind it counts. */
static void test_a_false_s5_is_passed_over(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    memcpy(acpi_machine_table(&machine, TABLE_DSDT) + 38, "__S5_", 5);
    acpi_machine_fix(&machine, TABLE_DSDT);
    assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
    assert_int_equal(machine.platform.power.value_a, 5);
}

/* One damaged field per row. */
struct damage {
    enum machine_table table;
    uint32_t offset;
    uint32_t width;
    uint64_t value;
    bool keep_sum; /* do not mend the checksum: it is what is wrong */
    int error;     /* of the whole read */
    const char *text;
};

#define XSDT_ENTRY(n) (36 + 8 * (n))
#define S5_AT         46

static const struct damage damages[] = {
    /* RSDP */
    {TABLE_RSDP, 0, 1, 'X', false, KAAL_ERR_FORMAT, "RSDP, offset 0: the signature"},
    {TABLE_RSDP, 7, 1, 0, false, KAAL_ERR_FORMAT, "RSDP, offset 0: the signature"},
    {TABLE_RSDP, 4, 4, 0, false, KAAL_ERR_FORMAT, "RSDP, offset 0: the signature"},
    {TABLE_RSDP, 8, 1, 0x55, true, KAAL_ERR_CHECKSUM, "RSDP, offset 8"},
    {TABLE_RSDP, 9, 1, 0x55, true, KAAL_ERR_CHECKSUM, "RSDP, offset 8"},
    {TABLE_RSDP, 32, 1, 0x55, true, KAAL_ERR_CHECKSUM, "RSDP, offset 32"},
    {TABLE_RSDP, 35, 1, 0x55, true, KAAL_ERR_CHECKSUM, "RSDP, offset 32"},
    {TABLE_RSDP, 20, 4, 0, false, KAAL_ERR_FORMAT, "RSDP, offset 20"},
    {TABLE_RSDP, 20, 4, 35, false, KAAL_ERR_FORMAT, "RSDP, offset 20"},
    {TABLE_RSDP, 20, 4, 37, false, KAAL_ERR_FORMAT, "RSDP, offset 20"},
    {TABLE_RSDP, 20, 4, 0xFFFFFFFF, false, KAAL_ERR_FORMAT, "RSDP, offset 20"},
    {TABLE_RSDP, 24, 8, 0x1000, false, KAAL_ERR_NOT_FOUND, "no readable memory"},
    {TABLE_RSDP, 24, 8, UINT64_MAX, false, KAAL_ERR_NOT_FOUND, "no readable memory"},
    {TABLE_RSDP, 24, 8, MACHINE_BASE + MACHINE_BYTES - 20, false, KAAL_ERR_NOT_FOUND,
     "no readable memory"},
    {TABLE_RSDP, 24, 8, MACHINE_BASE + 0x2000, false, KAAL_ERR_FORMAT, "another signature"},
    {TABLE_RSDP, 24, 8, MACHINE_BASE + 0x1001, false, KAAL_ERR_FORMAT, "another signature"},
    /* XSDT */
    {TABLE_XSDT, 0, 4, 0, false, KAAL_ERR_FORMAT, "another signature"},
    {TABLE_XSDT, 0, 1, 'R', false, KAAL_ERR_FORMAT, "another signature"},
    {TABLE_XSDT, 4, 4, 0, true, KAAL_ERR_FORMAT, "XSDT at 0x7fe1000, offset 4: length 0"},
    {TABLE_XSDT, 4, 4, 35, true, KAAL_ERR_FORMAT, "offset 4: length 35"},
    {TABLE_XSDT, 4, 4, 37, false, KAAL_ERR_FORMAT, "XSDT at 0x7fe1000, offset 4"},
    {TABLE_XSDT, 4, 4, 43, false, KAAL_ERR_FORMAT, "whole entries"},
    {TABLE_XSDT, 4, 4, 0x8000, true, KAAL_ERR_TRUNCATED, "not all readable"},
    {TABLE_XSDT, 4, 4, 0x1000001, true, KAAL_ERR_FORMAT, "offset 4: length 16777217"},
    {TABLE_XSDT, 4, 4, 0xFFFFFFFF, true, KAAL_ERR_FORMAT, "offset 4: length 4294967295"},
    {TABLE_XSDT, 9, 1, 0x77, true, KAAL_ERR_CHECKSUM, "XSDT at 0x7fe1000, offset 9"},
    {TABLE_XSDT, 36, 1, 0x77, true, KAAL_ERR_CHECKSUM, "XSDT at 0x7fe1000, offset 9"},
    {TABLE_XSDT, 4, 4, 36, false, KAAL_OK, "lists no APIC table"},
    {TABLE_XSDT, 4, 4, 44, false, KAAL_OK, "lists no MCFG table"},
    {TABLE_XSDT, XSDT_ENTRY(0), 8, 0, false, KAAL_OK, "lists no FACP table"},
    {TABLE_XSDT, XSDT_ENTRY(0), 8, 0, false, KAAL_OK, "XSDT points to a table at 0x0"},
    {TABLE_XSDT, XSDT_ENTRY(1), 8, 0, false, KAAL_OK, "lists no APIC table"},
    {TABLE_XSDT, XSDT_ENTRY(1), 8, UINT64_MAX, false, KAAL_OK, "0xffffffffffffffff"},
    {TABLE_XSDT, XSDT_ENTRY(1), 8, UINT64_MAX - 35, false, KAAL_OK, "no readable memory"},
    {TABLE_XSDT, XSDT_ENTRY(2), 8, MACHINE_BASE - 1, false, KAAL_OK, "no readable memory"},
    {TABLE_XSDT, XSDT_ENTRY(2), 8, MACHINE_BASE + MACHINE_BYTES, false, KAAL_OK,
     "no readable memory"},
    {TABLE_XSDT, XSDT_ENTRY(2), 8, MACHINE_BASE + 0x4000, false, KAAL_OK, "a second table"},
    {TABLE_XSDT, XSDT_ENTRY(3), 8, MACHINE_BASE + 0x3000, false, KAAL_OK, "a second table"},
    {TABLE_XSDT, XSDT_ENTRY(2), 8, MACHINE_BASE + 0x1000, false, KAAL_OK, "lists no MCFG table"},
    /* MADT */
    {TABLE_APIC, 0, 4, 0, false, KAAL_OK, "lists no APIC table"},
    {TABLE_APIC, 4, 4, 0, true, KAAL_OK, "APIC at 0x7fe4000, offset 4: length 0"},
    {TABLE_APIC, 4, 4, 36, false, KAAL_OK, "too short for a MADT"},
    {TABLE_APIC, 4, 4, 43, false, KAAL_OK, "too short for a MADT"},
    {TABLE_APIC, 4, 4, 44, false, KAAL_OK, "no I/O APIC"},
    {TABLE_APIC, 4, 4, 45, false, KAAL_OK, "offset 44: half an entry"},
    {TABLE_APIC, 4, 4, 50, false, KAAL_OK, "offset 45: an entry's length"},
    {TABLE_APIC, 4, 4, 53, false, KAAL_OK, "offset 52: half an entry"},
    {TABLE_APIC, 4, 4, 60, false, KAAL_OK, "offset 53: an entry's length"},
    {TABLE_APIC, 4, 4, 65, false, KAAL_OK, "offset 64: half an entry"},
    {TABLE_APIC, 4, 4, 0x10000, true, KAAL_OK, "not all readable"},
    {TABLE_APIC, 9, 1, 0x11, true, KAAL_OK, "APIC at 0x7fe4000, offset 9"},
    {TABLE_APIC, 60, 1, 0x11, true, KAAL_OK, "add up to"},
    {TABLE_APIC, 45, 1, 0, false, KAAL_OK, "offset 45: an entry's length is below 2"},
    {TABLE_APIC, 45, 1, 1, false, KAAL_OK, "offset 45: an entry's length is below 2"},
    {TABLE_APIC, 45, 1, 0xFF, false, KAAL_OK, "leaves the table"},
    {TABLE_APIC, 52, 1, 9, false, KAAL_OK, "no I/O APIC"},
    {TABLE_APIC, 53, 1, 8, false, KAAL_OK, "offset 53: the entry is too short"},
    {TABLE_APIC, 53, 1, 2, false, KAAL_OK, "offset 53: the entry is too short"},
    {TABLE_APIC, 53, 1, 0, false, KAAL_OK, "offset 53: an entry's length"},
    {TABLE_APIC, 65, 1, 9, false, KAAL_OK, "offset 65: the entry is too short"},
    {TABLE_APIC, 65, 1, 0, false, KAAL_OK, "offset 65: an entry's length"},
    {TABLE_APIC, 65, 1, 200, false, KAAL_OK, "offset 65: an entry's length"},
    {TABLE_APIC, 66, 1, 1, false, KAAL_OK, "offset 64: an override of something"},
    {TABLE_APIC, 67, 1, 16, false, KAAL_OK, "offset 64: an override of something"},
    {TABLE_APIC, 67, 1, 255, false, KAAL_OK, "offset 64: an override of something"},
    {TABLE_APIC, 67, 1, 9, false, KAAL_OK, "offset 74: a second override"},
    {TABLE_APIC, 72, 2, 2, false, KAAL_OK, "offset 72: reserved polarity"},
    {TABLE_APIC, 72, 2, 8, false, KAAL_OK, "offset 72: reserved polarity"},
    {TABLE_APIC, 82, 2, 0xA, false, KAAL_OK, "offset 82: reserved polarity"},
    {TABLE_APIC, 85, 1, 7, false, KAAL_OK, "offset 85: an entry's length"},
    /* MCFG */
    {TABLE_MCFG, 0, 4, 0x12345678, false, KAAL_OK, "lists no MCFG table"},
    {TABLE_MCFG, 4, 4, 10, true, KAAL_OK, "MCFG at 0x7fe5000, offset 4: length 10"},
    {TABLE_MCFG, 4, 4, 36, false, KAAL_OK, "MCFG at 0x7fe5000, offset 4: the length"},
    {TABLE_MCFG, 4, 4, 43, false, KAAL_OK, "PCI is not searched"},
    {TABLE_MCFG, 4, 4, 45, false, KAAL_OK, "PCI is not searched"},
    {TABLE_MCFG, 4, 4, 59, false, KAAL_OK, "PCI is not searched"},
    {TABLE_MCFG, 4, 4, 61, false, KAAL_OK, "PCI is not searched"},
    {TABLE_MCFG, 4, 4, 0x4000, true, KAAL_OK, "not all readable"},
    {TABLE_MCFG, 9, 1, 1, true, KAAL_OK, "MCFG at 0x7fe5000, offset 9"},
    {TABLE_MCFG, 44, 8, 0, false, KAAL_OK, "offset 44: the configuration window"},
    {TABLE_MCFG, 44, 8, 0xB0001000, false, KAAL_OK, "not a multiple of 1 MiB"},
    {TABLE_MCFG, 44, 8, UINT64_C(0xFFFFFFFFFFF00000), false, KAAL_OK, "offset 44"},
    {TABLE_MCFG, 54, 1, 0x80, false, KAAL_OK, NULL},
    {TABLE_MCFG, 54, 2, 0x1020, false, KAAL_OK, "offset 54: the first bus"},
    /* FADT */
    {TABLE_FACP, 0, 4, 0, false, KAAL_OK, "lists no FACP table"},
    {TABLE_FACP, 4, 4, 0, true, KAAL_OK, "FACP at 0x7fe3000, offset 4: length 0"},
    {TABLE_FACP, 4, 4, 36, false, KAAL_OK, "too short for a FADT"},
    {TABLE_FACP, 4, 4, 115, false, KAAL_OK, "too short for a FADT"},
    {TABLE_FACP, 4, 4, 0x7000, true, KAAL_OK, "not all readable"},
    {TABLE_FACP, 9, 1, 3, true, KAAL_OK, "FACP at 0x7fe3000, offset 9"},
    {TABLE_FACP, 64, 4, 0x10000, false, KAAL_OK, NULL},
    {TABLE_FACP, 176, 8, 0x10000, false, KAAL_OK, "offset 64: no usable PM1"},
    {TABLE_FACP, 176, 8, UINT64_MAX, false, KAAL_OK, "offset 64: no usable PM1"},
    {TABLE_FACP, 176, 8, 0xFFFF, false, KAAL_OK, "offset 64: no usable PM1"},
    {TABLE_FACP, 68, 4, 0x12345, false, KAAL_OK, "offset 64: no usable PM1"},
    {TABLE_FACP, 48, 4, 0x10000, false, KAAL_OK, "offset 64: no usable PM1"},
    {TABLE_FACP, 140, 8, 1, false, KAAL_OK, "FADT points to a table at 0x1"},
    {TABLE_FACP, 140, 8, UINT64_MAX, false, KAAL_OK, "FADT points to a table"},
    {TABLE_FACP, 140, 8, MACHINE_BASE + 0x3000, false, KAAL_OK, "DSDT has another signature"},
    /* DSDT */
    {TABLE_DSDT, 0, 4, 0, false, KAAL_OK, "DSDT has another signature"},
    {TABLE_DSDT, 4, 4, 0, true, KAAL_OK, "DSDT at 0x7fe7000, offset 4: length 0"},
    {TABLE_DSDT, 4, 4, 36, false, KAAL_OK, "there is no \\_S5_"},
    {TABLE_DSDT, 4, 4, 49, false, KAAL_OK, "there is no \\_S5_"},
    {TABLE_DSDT, 4, 4, 51, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, 4, 4, 52, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, 4, 4, 53, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, 4, 4, 55, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, 4, 4, 0x2000, true, KAAL_OK, "not all readable"},
    {TABLE_DSDT, 9, 1, 0xEE, true, KAAL_OK, "DSDT at 0x7fe7000, offset 9"},
    {TABLE_DSDT, S5_AT, 1, 0, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 1, 1, 'X', false, KAAL_OK, "there is no \\_S5_"},
    {TABLE_DSDT, S5_AT + 5, 1, 0x13, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 0, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 1, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 3, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 5, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 0x3F, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 0xC0, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 6, 1, 0x8F, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 7, 1, 0, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 8, 1, 0x70, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 8, 1, 0xFF, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 8, 1, 0x0C, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 9, 1, 8, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 9, 1, 255, false, KAAL_OK, "no package of sleep types"},
    {TABLE_DSDT, S5_AT + 11, 1, 8, false, KAAL_OK, "no package of sleep types"},
    /* HPET */
    {TABLE_HPET, 4, 4, 51, false, KAAL_OK, "too short for an HPET"},
    {TABLE_HPET, 9, 1, 0xEE, true, KAAL_OK, "HPET at 0x7fe6000, offset 9"},
    {TABLE_HPET, 40, 1, 1, false, KAAL_OK, "offset 40: the HPET's address"},
    {TABLE_HPET, 44, 8, 0, false, KAAL_OK, "offset 40: the HPET's address"},
    {TABLE_HPET, 44, 8, 0xFED00010, false, KAAL_OK, "offset 40: the HPET's address"},
};
_Static_assert(sizeof(damages) / sizeof(damages[0]) >= 100, "at least a hundred malformed tables");

static void test_each_malformed_table_is_named(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_COUNT(damages); i++) {
        const struct damage *damage = &damages[i];
        acpi_machine_init(&machine);
        acpi_machine_put(&machine, damage->table, damage->offset, damage->width, damage->value);
        if (!damage->keep_sum) {
            acpi_machine_fix(&machine, damage->table);
        }
        int error = acpi_machine_read(&machine);
        bool told = damage->text == NULL ? machine.report_count == 0
                                         : acpi_machine_reported(&machine, damage->text);
        if (error != damage->error || !told) {
            fail_msg("damage %u: %s; %u reports, first: %s", i, kaal_error_name(error),
                     machine.report_count, machine.reports[0].text);
        }
        if (machine.platform.power.method == KAAL_POWER_NONE) {
            assert_string_not_equal(machine.platform.power.why_not, "");
        }
    }
}

static void test_rsdp_cut_at_any_length_is_an_error(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 36; bytes++) {
        acpi_machine_init(&machine);
        machine.rsdp_bytes = bytes;
        assert_int_equal(acpi_machine_read(&machine), KAAL_ERR_TRUNCATED);
        assert_int_equal(machine.report_count, 1);
    }
}

static void test_table_cut_at_any_length_is_survived(void **state)
{
    (void)state;
    const enum machine_table tables[] = {TABLE_XSDT, TABLE_FACP, TABLE_APIC,
                                         TABLE_MCFG, TABLE_HPET, TABLE_DSDT};
    for (unsigned i = 0; i < ARRAY_COUNT(tables); i++) {
        for (uint32_t length = 36; length < 300; length++) {
            acpi_machine_init(&machine);
            acpi_machine_put(&machine, tables[i], 4, 4, length);
            acpi_machine_fix(&machine, tables[i]);
            (void)!acpi_machine_read(&machine);
        }
    }
}

/* More entries than there is room for. */
static void test_too_many_entries_are_reported(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    uint8_t *madt = acpi_machine_table(&machine, TABLE_APIC);
    for (uint32_t i = 0; i < 40; i++) {
        memcpy(madt + 44 + 12 * i, "\x01\x0C\x00\x00\x00\x00\xC0\xFE\x00\x00\x00\x00", 12);
    }
    acpi_machine_put(&machine, TABLE_APIC, 4, 4, 44 + 12 * 40);
    acpi_machine_fix(&machine, TABLE_APIC);
    acpi_machine_put(&machine, TABLE_MCFG, 4, 4, 44 + 16 * 20);
    for (uint32_t i = 0; i < 20; i++) {
        acpi_machine_put(&machine, TABLE_MCFG, 44 + 16 * i, 8, 0xB0000000);
    }
    acpi_machine_fix(&machine, TABLE_MCFG);
    assert_int_equal(acpi_machine_read(&machine), KAAL_OK);
    assert_int_equal(machine.platform.ioapic_count, KAAL_IOAPICS_MAX);
    assert_int_equal(machine.platform.ecam_count, KAAL_ECAMS_MAX);
    assert_true(acpi_machine_reported(&machine, "more I/O APICs"));
    assert_true(acpi_machine_reported(&machine, "more windows"));
}

/* Random damage with right checksums; repeatable. */
static void test_random_damage_is_survived(void **state)
{
    (void)state;
    uint32_t seed = 2026;
    for (unsigned round = 0; round < 20000; round++) {
        acpi_machine_init(&machine);
        for (unsigned i = 0; i < 1 + round % 4; i++) {
            seed = seed * 1664525 + 1013904223;
            enum machine_table table = (enum machine_table)(seed >> 13 & 7);
            uint32_t offset = (seed >> 16) % (table == TABLE_FACP ? 276 : 100);
            acpi_machine_put(&machine, table, offset, 1, seed >> 8);
            acpi_machine_fix(&machine, table);
        }
        int error = acpi_machine_read(&machine);
        if (error != KAAL_OK) {
            assert_true(machine.report_count > 0);
        }
        for (unsigned i = 0; i < machine.report_count && i < MACHINE_REPORTS_MAX; i++) {
            assert_memory_equal(machine.reports[i].text, "ACPI ", 5);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_tables_are_read),
        cmocka_unit_test(test_acpi_1_root_is_read),
        cmocka_unit_test(test_isa_interrupts_follow_the_overrides),
        cmocka_unit_test(test_interrupt_goes_to_the_io_apic_that_takes_it),
        cmocka_unit_test(test_sleep_values_in_every_encoding),
        cmocka_unit_test(test_a_false_s5_is_passed_over),
        cmocka_unit_test(test_each_malformed_table_is_named),
        cmocka_unit_test(test_rsdp_cut_at_any_length_is_an_error),
        cmocka_unit_test(test_table_cut_at_any_length_is_survived),
        cmocka_unit_test(test_too_many_entries_are_reported),
        cmocka_unit_test(test_random_damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
