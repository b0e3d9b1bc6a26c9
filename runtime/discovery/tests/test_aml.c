/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The interpreter of ACPI's code, the devices it describes, and interrupt routing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <kaal/assert.h>
#include <kaal/bits.h>

#include "acpi_namespace.h"
#include "aml/aml_opcodes.h"
#include "aml_builder.h"

#define ECAM UINT64_C(0xB0000000)

static struct aml_builder b;
static struct aml aml;
static struct kaal_platform platform;
static struct kaal_device_registry registry;
static uint8_t *exact; /* the table again, ending where it ends */
static unsigned report_count;
static struct kaal_problem last;
static uint8_t ports[65536];
static uint32_t config[1024]; /* of 00:1f.0 */
static unsigned writes;

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    assert_true(paddr >= ECAM && paddr % 4 == 0 && paddr < ECAM + (UINT64_C(256) << 20));
    uint64_t offset = paddr - ECAM - (0x1F << 15);
    return offset < sizeof(config) ? config[offset / 4] : UINT32_MAX;
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    uint64_t offset = paddr - ECAM - (0x1F << 15);
    assert_true(offset < sizeof(config));
    config[offset / 4] = value;
    writes++;
}

static uint8_t port_read8(void *context, uint16_t port)
{
    (void)context;
    return ports[port];
}

static void port_write8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    ports[port] = value;
    writes++;
}

static uint32_t register_read32(void *context, uint64_t paddr)
{
    (void)context;
    return (uint32_t)paddr;
}

static const uint8_t *map(void *context, uint64_t paddr, uint64_t bytes)
{
    (void)context;
    (void)paddr;
    (void)bytes;
    return NULL;
}

static void remember(void *context, const struct kaal_problem *problem)
{
    (void)context;
    last = *problem;
    report_count++;
}

static void *work_memory(void *context, uint64_t bytes)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    (void)context;
    assert_int_equal(bytes, sizeof(memory));
    memset(memory, 0, sizeof(memory));
    return memory;
}

static const struct kaal_discovery_access access_callbacks = {.map = map,
                                                              .config_read32 = config_read32,
                                                              .config_write32 = config_write32,
                                                              .register_read32 = register_read32,
                                                              .port_read8 = port_read8,
                                                              .port_write8 = port_write8,
                                                              .work_memory = work_memory,
                                                              .report = remember};

static void load_bytes(uint32_t bytes)
{
    free(exact);
    exact = malloc(bytes);
    assert_non_null(exact);
    memcpy(exact, b.data, bytes);
    report_count = 0;
    writes = 0;
    memset(&registry, 0, sizeof(registry));
    platform = (struct kaal_platform){.ioapic_count = 1, .ecam_count = 1};
    platform.ecams[0] = (struct kaal_pci_ecam){.paddr = ECAM, .last_bus = 255};
    const struct kaal_acpi_blocks blocks = {
        .count = 1, .blocks = {{.name = "DSDT", .paddr = 0x1000, .data = exact, .bytes = bytes}}};
    assert_true(acpi_namespace_load(&aml, &blocks, &access_callbacks, &platform));
}

static void load(void)
{
    load_bytes(b.bytes);
}

/* What a named object of the root yields, an integer. */
static uint64_t result_of(const char *name)
{
    struct aml_value value;
    struct aml_node *node = aml_find(&aml, &aml.root, name);
    assert_non_null(node);
    int error = aml_evaluate(&aml, node, NULL, 0, &value);
    if (error != KAAL_OK) {
        fail_msg("%s: %s", name, aml.problem.text);
    }
    assert_int_equal(value.type, AML_INTEGER);
    return value.integer;
}

static int error_of(const char *name)
{
    struct aml_value value;
    return aml_evaluate(&aml, aml_find(&aml, &aml.root, name), NULL, 0, &value);
}

/* Return (operator (a, b, nothing)) */
static void method_of_binary(const char *name, uint32_t opcode, uint64_t a, uint64_t c, bool target)
{
    b_method(&b, name, 0);
    b_op(&b, OP_RETURN);
    b_op(&b, opcode);
    b_integer(&b, a);
    b_integer(&b, c);
    if (target) {
        b_op(&b, OP_ZERO);
    }
    b_end(&b);
}

static void test_operators_compute(void **state)
{
    static const struct {
        uint32_t opcode;
        uint64_t a;
        uint64_t b;
        uint64_t result;
        bool target;
    } cases[] = {
        {OP_ADD, 7, 8, 15, true},
        {OP_SUBTRACT, 7, 8, UINT64_MAX, true},
        {OP_MULTIPLY, 7, 8, 56, true},
        {OP_MOD, 23, 5, 3, true},
        {OP_SHIFT_LEFT, 3, 4, 48, true},
        {OP_SHIFT_LEFT, 3, 64, 0, true},
        {OP_SHIFT_RIGHT, 48, 4, 3, true},
        {OP_SHIFT_RIGHT, 48, 1000, 0, true},
        {OP_AND, 12, 10, 8, true},
        {OP_OR, 12, 10, 14, true},
        {OP_XOR, 12, 10, 6, true},
        {OP_NAND, 12, 10, ~UINT64_C(8), true},
        {OP_NOR, 12, 10, ~UINT64_C(14), true},
        {OP_EQUAL, 5, 5, UINT64_MAX, false},
        {OP_LESS, 5, 6, UINT64_MAX, false},
        {OP_GREATER, 5, 6, 0, false},
        {OP_LOGICAL_AND, 5, 0, 0, false},
        {OP_LOGICAL_OR, 5, 0, UINT64_MAX, false},
    };
    (void)state;
    for (uint32_t i = 0; i < ARRAY_COUNT(cases); i++) {
        b_start(&b);
        method_of_binary("TEST", cases[i].opcode, cases[i].a, cases[i].b, cases[i].target);
        load();
        assert_int_equal(result_of("TEST"), cases[i].result);
        assert_int_equal(report_count, 0);
    }
}

static void test_division_by_zero_is_an_error(void **state)
{
    (void)state;
    b_start(&b);
    method_of_binary("TEST", OP_MOD, 1, 0, true);
    load();
    assert_int_equal(error_of("TEST"), KAAL_ERR_FORMAT);
    assert_non_null(strstr(aml.problem.text, "ACPI DSDT at 0x1000, near offset"));
    assert_non_null(strstr(aml.problem.text, "a division by zero; update the firmware"));
}

/* Method (TEST) { Local0 = 0; While (Local0 < 10) { Local0++; If (Local0 == 7) Break } ... } */
static void test_loops_and_branches(void **state)
{
    (void)state;
    b_start(&b);
    b_method(&b, "TEST", 0);
    b_op(&b, OP_STORE);
    b_op(&b, OP_ZERO);
    b_op(&b, OP_LOCAL0);
    b_begin(&b, OP_WHILE);
    b_op(&b, OP_LESS);
    b_op(&b, OP_LOCAL0);
    b_integer(&b, 10);
    b_op(&b, OP_INCREMENT);
    b_op(&b, OP_LOCAL0);
    b_begin(&b, OP_IF);
    b_op(&b, OP_EQUAL);
    b_op(&b, OP_LOCAL0);
    b_integer(&b, 7);
    b_op(&b, OP_BREAK);
    b_end(&b);
    b_begin(&b, OP_ELSE);
    b_op(&b, OP_CONTINUE);
    b_end(&b);
    b_end(&b);
    b_op(&b, OP_RETURN);
    b_op(&b, OP_LOCAL0);
    b_end(&b);
    load();
    assert_int_equal(result_of("TEST"), 7);
}

/* Names that are defined behind their use, arguments, and a name of the root seen from inside. */
static void test_methods_call_each_other(void **state)
{
    (void)state;
    b_start(&b);
    b_method(&b, "TWIC", 1);
    b_op(&b, OP_STORE);
    b_op(&b, OP_ADD);
    b_op(&b, OP_ARG0);
    b_op(&b, OP_ARG0);
    b_op(&b, OP_ZERO);
    b_name(&b, "\\KEPT");
    b_op(&b, OP_RETURN);
    b_name(&b, "KEPT");
    b_end(&b);
    b_method(&b, "TEST", 0);
    b_op(&b, OP_RETURN);
    b_op(&b, OP_ADD);
    b_name(&b, "TWIC");
    b_integer(&b, 20);
    b_integer(&b, 2);
    b_op(&b, OP_ZERO);
    b_end(&b);
    b_named_integer(&b, "KEPT", 0);
    load();
    assert_int_equal(result_of("TEST"), 42);
    assert_int_equal(result_of("KEPT"), 40);
}

/* CreateDWordField on a local's buffer, as link devices use it. */
static void test_fields_of_buffers(void **state)
{
    static const uint8_t template[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
    (void)state;
    b_start(&b);
    b_op(&b, OP_NAME);
    b_name(&b, "BUFF");
    b_buffer(&b, template, sizeof(template));
    b_method(&b, "TEST", 0);
    b_op(&b, OP_CREATE_DWORD);
    b_name(&b, "BUFF");
    b_integer(&b, 1);
    b_name(&b, "FIEL");
    b_op(&b, OP_STORE);
    b_integer(&b, 0xAABBCCDD);
    b_name(&b, "FIEL");
    b_op(&b, OP_RETURN);
    b_op(&b, OP_DEREF_OF);
    b_op(&b, OP_INDEX);
    b_name(&b, "BUFF");
    b_integer(&b, 4);
    b_op(&b, OP_ZERO);
    b_end(&b);
    b_method(&b, "OVER", 0);
    b_op(&b, OP_CREATE_DWORD);
    b_name(&b, "BUFF");
    b_integer(&b, 3);
    b_name(&b, "FIE2");
    b_end(&b);
    load();
    assert_int_equal(result_of("TEST"), 0xAA);
    assert_int_equal(error_of("OVER"), KAAL_ERR_RANGE);
}

/* OperationRegion and Field: `space`, at `offset`; two fields of four bits in the second byte. */
static void region(uint32_t space, uint64_t offset)
{
    b_op(&b, OP_REGION);
    b_name(&b, "REGI");
    b_op(&b, space);
    b_integer(&b, offset);
    b_integer(&b, 16);
    b_begin(&b, OP_FIELD);
    b_name(&b, "REGI");
    b_op(&b, 1); /* byte access */
    b_op(&b, 0); /* a gap ... */
    b_op(&b, 8); /* ... of eight bits */
    b_name(&b, "LOW_");
    b_op(&b, 4);
    b_name(&b, "HIGH");
    b_op(&b, 4);
    b_end(&b);
}

static void test_fields_of_ports_are_read_and_not_written(void **state)
{
    (void)state;
    b_start(&b);
    region(1, 0x500);
    b_method(&b, "TEST", 0);
    b_op(&b, OP_STORE);
    b_integer(&b, 9);
    b_name(&b, "HIGH");
    b_op(&b, OP_RETURN);
    b_name(&b, "HIGH");
    b_end(&b);
    load();
    ports[0x501] = 0x35;
    assert_int_equal(result_of("TEST"), 3);
    assert_int_equal(writes, 0);
    aml.may_write = true;
    assert_int_equal(result_of("TEST"), 9);
    assert_int_equal(ports[0x501], 0x95); /* the other field is as it was */
}

static void test_memory_is_never_written(void **state)
{
    (void)state;
    b_start(&b);
    region(0, 0x12345600);
    b_method(&b, "TEST", 0);
    b_op(&b, OP_STORE);
    b_integer(&b, 9);
    b_name(&b, "HIGH");
    b_op(&b, OP_RETURN);
    b_name(&b, "LOW_");
    b_end(&b);
    load();
    aml.may_write = true;
    assert_int_equal(result_of("TEST"), 6); /* of register 0x12345600: byte 1 is 0x56 */
    assert_int_equal(writes, 0);
}

/* ---- a machine: a host bridge, a link, a serial port, one absent device ---- */

static void named_buffer(const char *name, const void *data, uint32_t bytes)
{
    b_op(&b, OP_NAME);
    b_name(&b, name);
    b_buffer(&b, data, bytes);
}

static void route_entry(uint64_t device, uint64_t pin, const char *link, uint64_t index)
{
    b_begin(&b, OP_PACKAGE);
    b_op(&b, 4);
    b_integer(&b, device << 16 | 0xFFFF);
    b_integer(&b, pin);
    if (link == NULL) {
        b_op(&b, OP_ZERO);
    } else {
        b_name(&b, link);
    }
    b_integer(&b, index);
    b_end(&b);
}

/* _CRS of LNKA reads a router's register; _SRS writes it. */
static void link_device(void)
{
    static const uint8_t possible[] = {0x22, 0x20, 0x0C, 0x79, 0}; /* IRQ 5, 10 or 11 */
    b_device(&b, "LNKA");
    b_named_integer(&b, "_HID", 0x0F0CD041);
    named_buffer("_PRS", possible, sizeof(possible));
    b_method(&b, "_CRS", 0);
    b_op(&b, OP_STORE);
    static const uint8_t none[] = {0x22, 0, 0, 0x79, 0};
    b_buffer(&b, none, sizeof(none));
    b_op(&b, OP_LOCAL0);
    b_op(&b, OP_CREATE_WORD);
    b_op(&b, OP_LOCAL0);
    b_op(&b, OP_ONE);
    b_name(&b, "IRQM");
    b_begin(&b, OP_IF);
    b_name(&b, "\\ROUT");
    b_op(&b, OP_STORE);
    b_op(&b, OP_SHIFT_LEFT);
    b_op(&b, OP_ONE);
    b_name(&b, "\\ROUT");
    b_op(&b, OP_ZERO);
    b_name(&b, "IRQM");
    b_end(&b);
    b_op(&b, OP_RETURN);
    b_op(&b, OP_LOCAL0);
    b_end(&b);
    b_method(&b, "_SRS", 1);
    b_op(&b, OP_CREATE_WORD);
    b_op(&b, OP_ARG0);
    b_op(&b, OP_ONE);
    b_name(&b, "WANT");
    b_op(&b, OP_SUBTRACT);
    b_op(&b, OP_LOWEST_BIT);
    b_name(&b, "WANT");
    b_op(&b, OP_ZERO);
    b_op(&b, OP_ONE);
    b_name(&b, "\\ROUT");
    b_end(&b);
    b_end(&b);
}

static void machine(void)
{
    static const uint8_t serial[] = {0x47, 1, 0xF8, 2, 0xF8, 2, 8, 8, 0x22, 0x08, 0x00, 0x79, 0};
    static const uint8_t host[] = {
        0x87, 0x17, 0,    0,    0x0C, 1, 0, 0, 0,    0,    0,    0,    0, 0xE0, /* memory from
                                                                                   0xE0000000 */
        0xFF, 0xFF, 0xFF, 0xEF, 0,    0, 0, 0, 0,    0,    0,    0x10,          /* 256 MiB */
        0x88, 0x0D, 0,    1,    0x0C, 3, 0, 0, 0x00, 0x00, 0xF7, 0x0C, 0, 0,    0xF8,
        0x0C, /* ports */
        0x88, 0x0D, 0,    1,    0x0C, 3, 0, 0, 0x00, 0x0D, 0xFF, 0xFF, 0, 0,    0x00,
        0xF3, /* and more */
        0x79, 0};
    b_start(&b);
    b_op(&b, OP_REGION);
    b_name(&b, "ROUR");
    b_op(&b, 1);
    b_integer(&b, 0x600);
    b_integer(&b, 1);
    b_begin(&b, OP_FIELD);
    b_name(&b, "ROUR");
    b_op(&b, 1);
    b_name(&b, "ROUT");
    b_op(&b, 8);
    b_end(&b);
    b_begin(&b, OP_SCOPE);
    b_name(&b, "\\_SB_");
    b_device(&b, "PCI0");
    b_named_integer(&b, "_HID", 0x080AD041);
    named_buffer("_CRS", host, sizeof(host));
    b_op(&b, OP_NAME);
    b_name(&b, "_PRT");
    b_begin(&b, OP_PACKAGE);
    b_op(&b, 3);
    route_entry(2, 0, NULL, 19);
    route_entry(3, 1, "LNKA", 0);
    route_entry(1, 2, NULL, 17);
    b_end(&b);
    b_device(&b, "COM2");
    b_named_integer(&b, "_HID", 0x0105D041);
    b_op(&b, OP_NAME);
    b_name(&b, "_CID");
    b_string(&b, "PNP0500");
    named_buffer("_CRS", serial, sizeof(serial));
    b_end(&b);
    b_device(&b, "GONE");
    b_named_integer(&b, "_HID", 0x0105D041);
    b_named_integer(&b, "_STA", 0);
    named_buffer("_CRS", serial, sizeof(serial));
    b_end(&b);
    b_end(&b);
    link_device();
    b_end(&b);
    b_op(&b, OP_NAME);
    b_name(&b, "_S5_");
    b_begin(&b, OP_PACKAGE);
    b_op(&b, 2);
    b_integer(&b, 5);
    b_integer(&b, 6);
    b_end(&b);
}

static struct kaal_device *add_function(uint32_t number, uint32_t pin, uint16_t parent)
{
    struct kaal_device *device = kaal_registry_add(&registry);
    device->record.bus = KAAL_BUS_PCI;
    device->record.pci_address = (parent == KAAL_PCI_NO_PARENT ? 0u : 1u) << 8 | number << 3;
    device->pci.parent = parent;
    device->pci.interrupt_pin = (uint8_t)pin;
    return device;
}

static void test_present_devices_are_listed(void **state)
{
    (void)state;
    machine();
    load();
    acpi_namespace_devices(&aml, &platform, &registry);
    assert_int_equal(report_count, 0);
    assert_int_equal(registry.count, 1);
    const struct kaal_device *com2 = &registry.devices[0];
    assert_true(kaal_device_has_id(com2, "PNP0501"));
    assert_true(kaal_device_has_id(com2, "PNP0500"));
    assert_string_equal(com2->record.id, "PNP0501");
    assert_int_equal(com2->serial, 1);
    assert_int_equal(com2->record.ranges[0].base, 0x2F8);
    assert_int_equal(com2->record.ranges[0].bytes, 8 | KAAL_DEVICE_RANGE_PORTS);
    assert_int_equal(com2->record.irq, 3);
    assert_int_equal(platform.ecams[0].window_count, 2);
    assert_int_equal(platform.ecams[0].windows[0].paddr, 0xE0000000);
    assert_int_equal(platform.ecams[0].windows[0].bytes, 0x10000000);
    /* Not the ports of ISA devices, although the host bridge passes them on, too. */
    assert_int_equal(platform.ecams[0].windows[1].paddr, 0x1000);
    assert_int_equal(platform.ecams[0].windows[1].bytes, 0xF000 | KAAL_DEVICE_RANGE_PORTS);
}

static void test_pins_are_routed(void **state)
{
    (void)state;
    machine();
    load();
    ports[0x600] = 11;
    const struct kaal_device *direct = add_function(2, 1, KAAL_PCI_NO_PARENT);
    const struct kaal_device *linked = add_function(3, 2, KAAL_PCI_NO_PARENT);
    const struct kaal_device *unrouted = add_function(2, 2, KAAL_PCI_NO_PARENT);
    (void)add_function(1, 0, KAAL_PCI_NO_PARENT);             /* a bridge without a table */
    const struct kaal_device *behind = add_function(5, 2, 3); /* INTB + 5 = INTC */
    acpi_namespace_route(&aml, &platform, &registry);
    assert_int_equal(direct->irqs[0].number, 19);
    assert_true(direct->irqs[0].level && direct->irqs[0].active_low);
    assert_int_equal(linked->irqs[0].source, 11);
    assert_int_equal(unrouted->irq_count, 0);
    assert_int_equal(behind->irqs[0].number, 17);
    assert_int_equal(writes, 0); /* the link had an interrupt */
}

static void test_link_without_an_interrupt_is_set(void **state)
{
    (void)state;
    machine();
    load();
    ports[0x600] = 0;
    const struct kaal_device *linked = add_function(3, 2, KAAL_PCI_NO_PARENT);
    acpi_namespace_route(&aml, &platform, &registry);
    assert_int_equal(ports[0x600], 5); /* the first that it can have */
    assert_int_equal(linked->irqs[0].source, 5);
    assert_false(aml.may_write);
}

static void test_sleep_types_come_from_the_namespace(void **state)
{
    (void)state;
    machine();
    load();
    assert_int_equal(platform.power.method, KAAL_POWER_NONE); /* without a port they are useless */
    platform.power.port_a = 0x604;
    struct kaal_platform with_port = platform;
    const struct kaal_acpi_blocks blocks = {
        .count = 1, .blocks = {{.name = "DSDT", .data = exact, .bytes = b.bytes}}};
    assert_true(acpi_namespace_load(&aml, &blocks, &access_callbacks, &with_port));
    assert_int_equal(with_port.power.method, KAAL_POWER_ACPI);
    assert_int_equal(with_port.power.value_a, 5);
    assert_int_equal(with_port.power.value_b, 6);
}

/* ---- nonsense ---- */

static void test_endless_code_ends(void **state)
{
    (void)state;
    b_start(&b);
    b_method(&b, "LOOP", 0);
    b_begin(&b, OP_WHILE);
    b_op(&b, OP_ONE);
    b_end(&b);
    b_end(&b);
    b_method(&b, "DEEP", 0);
    b_name(&b, "DEEP");
    b_end(&b);
    load();
    assert_int_equal(error_of("LOOP"), KAAL_ERR_TIMEOUT);
    assert_int_equal(error_of("DEEP"), KAAL_ERR_RANGE);
}

static void test_memory_runs_out_with_a_message(void **state)
{
    (void)state;
    b_start(&b);
    b_method(&b, "FULL", 0);
    b_begin(&b, OP_WHILE);
    b_op(&b, OP_ONE);
    b_op(&b, OP_STORE);
    b_begin(&b, OP_BUFFER);
    b_integer(&b, 60000);
    b_end(&b);
    b_op(&b, OP_LOCAL0);
    b_end(&b);
    b_end(&b);
    load();
    assert_int_equal(error_of("FULL"), KAAL_ERR_NO_MEMORY);
    assert_int_equal(error_of("FULL"), KAAL_ERR_NO_MEMORY);
}

static void test_unknown_operations_are_told(void **state)
{
    (void)state;
    b_start(&b);
    b_op(&b, OP_EXTENDED);
    b_op(&b, 0x7F);
    load();
    assert_int_equal(report_count, 1);
    assert_non_null(strstr(last.text, "near offset 38: an operation that is not known here"));
}

/* Each prefix of the machine's table, and each single byte of it changed. */
static void test_damaged_tables_are_survived(void **state)
{
    (void)state;
    machine();
    uint32_t bytes = b.bytes;
    for (uint32_t end = 36; end < bytes; end++) {
        load_bytes(end);
        acpi_namespace_devices(&aml, &platform, &registry);
    }
    for (uint32_t at = 36; at < bytes; at++) {
        for (uint32_t change = 1; change < 256; change = change * 3 + 1) {
            b.data[at] ^= (uint8_t)change;
            load();
            acpi_namespace_devices(&aml, &platform, &registry);
            (void)add_function(3, 2, KAAL_PCI_NO_PARENT);
            acpi_namespace_route(&aml, &platform, &registry);
            b.data[at] ^= (uint8_t)change;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators_compute),
        cmocka_unit_test(test_division_by_zero_is_an_error),
        cmocka_unit_test(test_loops_and_branches),
        cmocka_unit_test(test_methods_call_each_other),
        cmocka_unit_test(test_fields_of_buffers),
        cmocka_unit_test(test_fields_of_ports_are_read_and_not_written),
        cmocka_unit_test(test_memory_is_never_written),
        cmocka_unit_test(test_present_devices_are_listed),
        cmocka_unit_test(test_pins_are_routed),
        cmocka_unit_test(test_link_without_an_interrupt_is_set),
        cmocka_unit_test(test_sleep_types_come_from_the_namespace),
        cmocka_unit_test(test_endless_code_ends),
        cmocka_unit_test(test_memory_runs_out_with_a_message),
        cmocka_unit_test(test_unknown_operations_are_told),
        cmocka_unit_test(test_damaged_tables_are_survived),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(exact);
    return failed;
}
