/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A whole made-up PC through kaal_discover(): bootinfo's RSDP block, tables, ports, PCI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>

#include "acpi_machine.h"

#define COM1_SCRATCH 0x3FFu
#define ECAM         UINT64_C(0xB0000000)

static struct acpi_machine machine;
static struct kaal_platform platform;
static struct kaal_device_registry registry;
static uint8_t extra[16 + 36]; /* the RSDP block */
static uint8_t scratch;
static bool com1_answers;
static unsigned report_count;

static const uint8_t *map(void *context, uint64_t paddr, uint64_t bytes)
{
    (void)context;
    if (paddr < MACHINE_BASE || !range_inside(paddr - MACHINE_BASE, bytes, MACHINE_BYTES)) {
        return NULL;
    }
    return machine.memory + (paddr - MACHINE_BASE);
}

/* One function: a host bridge at 00:00.0. */
static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    switch (paddr - ECAM) {
    case 0x00:
        return 0x29C08086;
    case 0x08:
        return 0x06000000;
    case 0x04:
    case 0x0C:
    case 0x3C:
        return 0;
    default:
        return UINT32_MAX;
    }
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    fail_msg("wrote 0x%x to a host bridge at 0x%lx", value, (unsigned long)paddr);
}

static uint8_t port_read8(void *context, uint16_t port)
{
    (void)context;
    assert_int_equal(port, COM1_SCRATCH);
    return com1_answers ? scratch : 0xFF;
}

static void port_write8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    assert_int_equal(port, COM1_SCRATCH);
    scratch = value;
}

static void remember(void *context, const struct kaal_problem *problem)
{
    (void)context;
    (void)problem;
    report_count++;
}

static void *work_memory(void *context, uint64_t bytes)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    (void)context;
    assert_true(bytes <= sizeof(memory));
    memset(memory, 0, sizeof(memory));
    return memory;
}

static int discover(bool with_rsdp)
{
    const struct kaal_discovery_access access = {
        .map = map,
        .config_read32 = config_read32,
        .config_write32 = config_write32,
        .port_read8 = port_read8,
        .work_memory = work_memory,
        .port_write8 = port_write8,
        .report = remember,
    };
    const uint64_t header[2] = {SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, sizeof(extra)};
    memcpy(extra, header, sizeof(header));
    memcpy(extra + sizeof(header), acpi_machine_table(&machine, TABLE_RSDP), 36);
    const struct kaal_bootinfo info = {.extra = extra,
                                       .extra_bytes = with_rsdp ? sizeof(extra) : 0};
    report_count = 0;
    memset(&registry, 0xEE, sizeof(registry));
    memset(&platform, 0xEE, sizeof(platform));
    return kaal_discover(&info, &access, &platform, &registry);
}

static const struct kaal_device *find(const char *id)
{
    for (uint32_t i = 0; i < registry.count; i++) {
        if (kaal_device_has_id(&registry.devices[i], id)) {
            return &registry.devices[i];
        }
    }
    return NULL;
}

static void test_machine_is_found_whole(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    com1_answers = true;
    scratch = 0x42;
    assert_int_equal(discover(true), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(registry.count, 3);
    assert_int_equal(registry.dropped, 0);
    assert_int_equal(scratch, 0x42); /* as it was before */
    const struct kaal_device *com1 = find("PNP0501");
    assert_non_null(com1);
    assert_ptr_equal(com1, find("PNP0500"));
    assert_int_equal(com1->serial, 0);
    assert_int_equal(com1->record.ranges[0].base, 0x3F8);
    assert_int_equal(com1->record.ranges[0].bytes, 8 | KAAL_DEVICE_RANGE_PORTS);
    assert_int_equal(com1->record.irq, 4);
    assert_int_equal(com1->irqs[0].pin, 4);
    assert_int_equal(find("PNP0103")->record.ranges[0].base, 0xFED00000);
    assert_int_equal(registry.devices[2].record.pci_id, 0x808629C0);
    assert_int_equal(platform.power.method, KAAL_POWER_ACPI);
}

static void test_serial_port_that_does_not_answer_is_not_listed(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    com1_answers = false;
    assert_int_equal(discover(true), KAAL_OK);
    assert_null(find("PNP0501"));
    assert_int_equal(registry.count, 2);
}

static void test_serial_interrupt_follows_an_override(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    com1_answers = true;
    acpi_machine_put(&machine, TABLE_APIC, 67, 1, 4); /* the override of ISA 0 becomes one of 4 */
    acpi_machine_put(&machine, TABLE_APIC, 68, 4, 20);
    acpi_machine_put(&machine, TABLE_APIC, 72, 2, 0xF);
    acpi_machine_fix(&machine, TABLE_APIC);
    assert_int_equal(discover(true), KAAL_OK);
    const struct kaal_interrupt *irq = &find("PNP0501")->irqs[0];
    assert_int_equal(irq->source, 4);
    assert_int_equal(irq->pin, 20);
    assert_true(irq->level);
    assert_true(irq->active_low);
}

/* Without tables a person still gets a serial line to read the message on. */
static void test_without_tables_the_serial_port_remains(void **state)
{
    (void)state;
    acpi_machine_init(&machine);
    com1_answers = true;
    assert_int_equal(discover(false), KAAL_ERR_NOT_FOUND);
    assert_int_equal(report_count, 1);
    assert_int_equal(registry.count, 1);
    assert_non_null(find("PNP0501"));
    assert_int_equal(find("PNP0501")->irq_count, 0);
    acpi_machine_table(&machine, TABLE_RSDP)[9] ^= 1;
    assert_int_equal(discover(true), KAAL_ERR_CHECKSUM);
    assert_int_equal(registry.count, 1);
    assert_int_equal(platform.ecam_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machine_is_found_whole),
        cmocka_unit_test(test_serial_port_that_does_not_answer_is_not_listed),
        cmocka_unit_test(test_serial_interrupt_follows_an_override),
        cmocka_unit_test(test_without_tables_the_serial_port_remains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
