/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes ACPI from the root table to interrupt routing. The input is a list of tables, each a byte
 * of flags, two of length, and its bytes; the first is at TABLE_FIRST, the next one TABLE_STEP
 * further on. Lengths and checksums are put right (unless a flag says no), so that mutations reach
 * what is behind them. Every range that is mapped is a copy that ends where the range ends.
 */
#include <kaal/acpi.h>
#include <kaal/bits.h>

#include "acpi_namespace.h"
#include "fuzz_input.h"

#define TABLES_MAX  8u
#define TABLE_FIRST UINT64_C(0x100000)
#define TABLE_STEP  UINT64_C(0x10000)
#define HEADER      36u
#define FLAG_RAW    1u /* length and checksum stay as they are */
#define MAPS_MAX    4096u
#define ECAM        UINT64_C(0xB0000000)
#define WORK_BYTES  (1u << 20)

static struct {
    uint8_t *data;
    uint32_t bytes;
} tables[TABLES_MAX + 1]; /* the last one is the root table */
static uint32_t table_count;
static void *maps[MAPS_MAX];
static uint32_t map_count;
static void *work;
static uint32_t hardware; /* what registers answer */
static uint32_t writes;

static uint32_t noise(uint64_t address)
{
    hardware = hardware * 1664525u + 1013904223u;
    return hardware ^ (uint32_t)address;
}

static const uint8_t *map(void *context, uint64_t paddr, uint64_t bytes)
{
    (void)context;
    uint64_t index = (paddr - TABLE_FIRST) / TABLE_STEP;
    uint64_t offset = (paddr - TABLE_FIRST) % TABLE_STEP;
    if (paddr < TABLE_FIRST || index > TABLES_MAX || tables[index].data == NULL ||
        !range_inside(offset, bytes, tables[index].bytes) || map_count >= MAPS_MAX) {
        return NULL;
    }
    maps[map_count] = fuzz_copy(tables[index].data + offset, bytes);
    return maps[map_count++];
}

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    FUZZ_REQUIRE(paddr % 4 == 0 && paddr >= ECAM && paddr < ECAM + (UINT64_C(256) << 20));
    return noise(paddr);
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)value;
    (void)config_read32(context, paddr);
    writes++;
}

static uint32_t register_read32(void *context, uint64_t paddr)
{
    (void)context;
    FUZZ_REQUIRE(paddr % 4 == 0);
    return noise(paddr);
}

static uint8_t port_read8(void *context, uint16_t port)
{
    (void)context;
    return (uint8_t)noise(port);
}

static void port_write8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    (void)port;
    (void)value;
    writes++;
}

static void *work_memory(void *context, uint64_t bytes)
{
    (void)context;
    FUZZ_REQUIRE(bytes == WORK_BYTES);
    return work;
}

static void report_problem(void *context, const struct kaal_problem *problem)
{
    (void)context;
    FUZZ_REQUIRE(problem->text[0] != '\0' && strlen(problem->text) < sizeof(problem->text));
}

static const struct kaal_discovery_access access_callbacks = {.map = map,
                                                              .work_memory = work_memory,
                                                              .config_read32 = config_read32,
                                                              .config_write32 = config_write32,
                                                              .register_read32 = register_read32,
                                                              .port_read8 = port_read8,
                                                              .port_write8 = port_write8,
                                                              .report = report_problem};

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

static void fix_checksum(uint8_t *data, uint32_t bytes, uint32_t at)
{
    uint8_t sum = 0;
    data[at] = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        sum = (uint8_t)(sum + data[i]);
    }
    data[at] = (uint8_t)-sum;
}

/* Cuts the input into tables, and makes a root table of them. */
static void make_tables(const uint8_t *data, size_t bytes)
{
    size_t at = 0;
    table_count = 0;
    while (table_count < TABLES_MAX && bytes - at >= 3) {
        uint32_t flags = data[at];
        uint32_t length = (uint32_t)(data[at + 1] | data[at + 2] << 8);
        at += 3;
        length = length < bytes - at ? length : (uint32_t)(bytes - at);
        tables[table_count].data = fuzz_copy(data + at, length);
        tables[table_count].bytes = length;
        if (length >= HEADER && (flags & FLAG_RAW) == 0) {
            put32(tables[table_count].data + 4, length);
            fix_checksum(tables[table_count].data, length, 9);
        }
        table_count++;
        at += length;
    }
    uint32_t root_bytes = HEADER + 4 * table_count;
    uint8_t root[HEADER + 4 * TABLES_MAX] = "RSDT";
    put32(root + 4, root_bytes);
    for (uint32_t i = 0; i < table_count; i++) {
        put32(root + HEADER + 4 * i, (uint32_t)(TABLE_FIRST + i * TABLE_STEP));
    }
    fix_checksum(root, root_bytes, 9);
    tables[TABLES_MAX].data = fuzz_copy(root, root_bytes);
    tables[TABLES_MAX].bytes = root_bytes;
}

static void check_device(const struct kaal_platform *platform, const struct kaal_device *device)
{
    FUZZ_REQUIRE(device->irq_count <= KAAL_DEVICE_IRQS_MAX);
    FUZZ_REQUIRE(device->record.range_count <= KAAL_DEVICE_RANGES_MAX);
    FUZZ_REQUIRE(device->ids_bytes <= KAAL_DEVICE_ID_BYTES);
    for (uint32_t i = 0; i < device->irq_count; i++) {
        FUZZ_REQUIRE(device->irqs[i].ioapic < platform->ioapic_count);
    }
    for (uint32_t i = 0; i < device->record.range_count; i++) {
        const struct kaal_device_range *range = &device->record.ranges[i];
        uint64_t length = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;
        FUZZ_REQUIRE((range->bytes & KAAL_DEVICE_RANGE_PORTS) == 0 ||
                     range_inside(range->base, length, 65536));
        FUZZ_REQUIRE(range->base <= UINT64_MAX - length);
    }
    if (device->ids_bytes > 0) {
        FUZZ_REQUIRE(device->ids[device->ids_bytes - 1] == '\0');
    }
}

static void run(void)
{
    static struct aml aml;
    static struct kaal_acpi_blocks blocks;
    static struct kaal_platform platform;
    static struct kaal_device_registry registry;
    uint8_t rsdp[20] = "RSD PTR ";
    memset(&platform, 0, sizeof(platform));
    memset(&registry, 0, sizeof(registry));
    put32(rsdp + 16, (uint32_t)(TABLE_FIRST + TABLES_MAX * TABLE_STEP));
    fix_checksum(rsdp, sizeof(rsdp), 8);
    int error = kaal_acpi_read(rsdp, sizeof(rsdp), &access_callbacks, &platform, &blocks);
    FUZZ_REQUIRE(error == KAAL_OK || table_count == 0);
    platform.ecam_count = 1; /* whatever MCFG says, so that configuration space is in reach */
    platform.ecams[0] = (struct kaal_pci_ecam){.paddr = ECAM, .last_bus = 255};
    writes = 0;
    if (blocks.count > 0 && acpi_namespace_load(&aml, &blocks, &access_callbacks, &platform)) {
        acpi_namespace_devices(&aml, &platform, &registry);
        FUZZ_REQUIRE(writes == 0); /* only a link's _SRS may write */
        for (uint32_t i = 0; i < 4; i++) {
            struct kaal_device *device = kaal_registry_add(&registry);
            if (device != NULL) {
                device->record.bus = KAAL_BUS_PCI;
                device->record.pci_address = i << 3;
                device->pci.parent = KAAL_PCI_NO_PARENT;
                device->pci.interrupt_pin = (uint8_t)(1 + i % 4);
            }
        }
        acpi_namespace_route(&aml, &platform, &registry);
        FUZZ_REQUIRE(aml.memory_used <= aml.memory_bytes);
    }
    FUZZ_REQUIRE(registry.count <= KAAL_DEVICES_MAX);
    for (uint32_t i = 0; i < registry.count; i++) {
        check_device(&platform, &registry.devices[i]);
    }
    FUZZ_REQUIRE(platform.ecams[0].window_count <= KAAL_PCI_WINDOWS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    hardware = bytes > 0 ? data[bytes - 1] : 0;
    work = calloc(1, WORK_BYTES);
    FUZZ_REQUIRE(work != NULL);
    make_tables(data, bytes);
    run();
    for (uint32_t i = 0; i <= TABLES_MAX; i++) {
        free(tables[i].data);
        tables[i].data = NULL;
    }
    while (map_count > 0) {
        free(maps[--map_count]);
    }
    free(work);
    return 0;
}
