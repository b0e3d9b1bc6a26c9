/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* PCI enumeration over a made-up bus that behaves as devices do: BARs that size themselves,
 * bridges, capability lists, and devices that answer nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/pci.h>

#define BASE          UINT64_C(0xB0000000)
#define FUNCTIONS_MAX 16
#define REPORTS_MAX   64

/* One function: its configuration space, and which bits of it can be written. */
struct function {
    uint32_t address; /* bus << 8 | device << 3 | function */
    uint8_t config[256];
    uint8_t writable[256];
};

#define WIDE_WINDOW UINT64_C(0x800000000)

static struct function functions[FUNCTIONS_MAX];
static unsigned function_count;
static struct kaal_device_registry registry;
static struct kaal_problem reports[REPORTS_MAX];
static unsigned report_count;
static unsigned access_count;
static bool decoded_while_sizing; /* a BAR held all ones while its decoder was on */

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

static uint32_t get32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static void put(struct function *function, uint32_t offset, uint32_t width, uint32_t value)
{
    memcpy(function->config + offset, &value, width);
}

static struct function *at(uint64_t paddr)
{
    assert_true(paddr >= BASE && paddr - BASE < UINT64_C(256) << 20);
    assert_int_equal(paddr % 4, 0);
    access_count++;
    uint64_t offset = paddr - BASE;
    for (unsigned i = 0; i < function_count; i++) {
        if (functions[i].address == offset >> 12) {
            return &functions[i];
        }
    }
    return NULL;
}

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    const struct function *function = at(paddr);
    uint32_t offset = (uint32_t)(paddr & 0xFFF);
    return function == NULL || offset >= 256 ? UINT32_MAX : get32(function->config + offset);
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    struct function *function = at(paddr);
    uint32_t offset = (uint32_t)(paddr & 0xFFF);
    assert_non_null(function);
    assert_true(offset < 256);
    uint32_t mask = get32(function->writable + offset);
    put(function, offset, 4, (get32(function->config + offset) & ~mask) | (value & mask));
    if (offset >= 0x10 && offset < 0x28 && value == UINT32_MAX && (function->config[4] & 3) != 0) {
        decoded_while_sizing = true;
    }
}

static void remember(void *context, const struct kaal_problem *problem)
{
    (void)context;
    if (report_count < REPORTS_MAX) {
        reports[report_count] = *problem;
    }
    report_count++;
}

static const struct kaal_discovery_access access_callbacks = {
    .config_read32 = config_read32, .config_write32 = config_write32, .report = remember};

static bool reported(const char *text)
{
    for (unsigned i = 0; i < report_count && i < REPORTS_MAX; i++) {
        if (strstr(reports[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

static int enumerate_buses(uint8_t last_bus)
{
    const struct kaal_pci_ecam ecam = {.paddr = BASE, .last_bus = last_bus};
    memset(&registry, 0, sizeof(registry));
    report_count = 0;
    access_count = 0;
    decoded_while_sizing = false;
    return kaal_pci_enumerate(&ecam, &access_callbacks, &registry);
}

/* A PC: windows as ACPI tells them, and a device of the board with ports. */
static int enumerate_pc(void)
{
    const struct kaal_pci_ecam ecam = {
        .paddr = BASE,
        .last_bus = 255,
        .window_count = 3,
        .windows = {{0x1000, 0x1000, 0xF000 | KAAL_DEVICE_RANGE_PORTS},
                    {0xE0000000, 0xE0000000, 0x10000000},
                    {WIDE_WINDOW, WIDE_WINDOW, UINT64_C(8) << 30}}};
    memset(&registry, 0, sizeof(registry));
    report_count = 0;
    kaal_device_set_range(kaal_registry_add(&registry), 0, 0x1020, 0x20 | KAAL_DEVICE_RANGE_PORTS);
    return kaal_pci_enumerate(&ecam, &access_callbacks, &registry);
}

static struct function *add(uint32_t bus, uint32_t device, uint32_t number, uint32_t id,
                            uint32_t class)
{
    assert_true(function_count < FUNCTIONS_MAX);
    struct function *function = &functions[function_count++];
    memset(function, 0, sizeof(*function));
    function->address = bus << 8 | device << 3 | number;
    put(function, 0x00, 4, id);
    put(function, 0x08, 4, class << 8 | 0x01);
    put(function, 0x04, 2, 7); /* decoding on */
    memset(function->writable + 4, 0xFF, 2);
    return function;
}

/* A BAR: its value now, and which bits answer a write of all ones. */
static void set_bar(struct function *function, unsigned index, uint32_t value, uint32_t mask)
{
    put(function, 0x10 + 4 * index, 4, value);
    memcpy(function->writable + 0x10 + 4 * index, &mask, 4);
}

static struct function *add_bridge(uint32_t bus, uint32_t device, uint8_t secondary,
                                   uint8_t subordinate)
{
    struct function *bridge = add(bus, device, 0, 0x00011AF4, 0x060400);
    put(bridge, 0x0E, 1, 1);
    put(bridge, 0x18, 4, bus | (uint32_t)secondary << 8 | (uint32_t)subordinate << 16);
    return bridge;
}

static const struct kaal_device *find(uint32_t bus, uint32_t device, uint32_t number)
{
    for (uint32_t i = 0; i < registry.count; i++) {
        if (registry.devices[i].record.pci_address == (bus << 8 | device << 3 | number)) {
            return &registry.devices[i];
        }
    }
    return NULL;
}

static int clear(void **state)
{
    (void)state;
    function_count = 0;
    return 0;
}

static void test_ids_class_and_interrupt_are_read(void **state)
{
    (void)state;
    struct function *net = add(0, 2, 0, 0x100E8086, 0x020000);
    put(net, 0x3C, 4, 0x010B);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(registry.count, 1);
    const struct kaal_device *device = find(0, 2, 0);
    assert_int_equal(device->record.bus, KAAL_BUS_PCI);
    assert_int_equal(device->record.pci_id, 0x8086100E);
    assert_int_equal(device->record.pci_class, 0x020000);
    assert_int_equal(device->pci.revision, 1);
    assert_int_equal(device->pci.interrupt_pin, 1);
    assert_int_equal(device->pci.interrupt_line, 11);
    assert_int_equal(device->pci.config_paddr, BASE + (2 << 15));
    assert_int_equal(device->record.irq, UINT32_MAX);
}

static void test_bars_are_sized_and_put_back(void **state)
{
    (void)state;
    struct function *disk = add(0, 3, 0, 0x10411AF4, 0x010802);
    set_bar(disk, 0, 0xFEB00000, 0xFFFE0000); /* 128 KiB of memory */
    set_bar(disk, 1, 0xC041, 0xFFFFFFE0);     /* 32 ports */
    set_bar(disk, 2, 0xE000000C, 0xF0000000); /* 64 bits, prefetchable, ... */
    set_bar(disk, 3, 0x00000080, 0xFFFFFFFF); /* ... 256 MiB above 4 GiB */
    set_bar(disk, 4, 0x0000D001, 0x0000FFF0); /* 16 ports, upper half wired to 0 */
    disk->writable[0x14] &= 0xFC;
    disk->writable[0x20] &= 0xFC;
    disk->writable[0x10] = 0;
    struct function before = *disk;
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(disk->config[4] & 7, 3); /* decodes as before, but masters the bus no more */
    before.config[4] = disk->config[4];
    before.config[5] = disk->config[5];
    assert_memory_equal(&before, disk, sizeof(before));
    assert_false(decoded_while_sizing);
    const struct kaal_device_record *record = &find(0, 3, 0)->record;
    assert_int_equal(record->range_count, 5);
    assert_int_equal(record->ranges[0].base, 0xFEB00000);
    assert_int_equal(record->ranges[0].bytes, 128 << 10);
    assert_int_equal(record->ranges[1].base, 0xC040);
    assert_int_equal(record->ranges[1].bytes, 32 | KAAL_DEVICE_RANGE_PORTS);
    assert_int_equal(record->ranges[2].base, UINT64_C(0x80E0000000));
    assert_int_equal(record->ranges[2].bytes, 256 << 20);
    assert_int_equal(record->ranges[3].bytes, 0); /* the upper half is no BAR of its own */
    assert_int_equal(record->ranges[4].bytes, 16 | KAAL_DEVICE_RANGE_PORTS);
}

/* What firmware leaves at 0 gets a place in the host bridge's windows that nothing else has. */
static void test_bars_that_pc_firmware_left_out_are_placed(void **state)
{
    (void)state;
    struct function *placed = add(0, 2, 0, 0x10411AF4, 0x010802);
    set_bar(placed, 0, 0xE0000000, 0xFF000000); /* 16 MiB */
    set_bar(placed, 1, 0x1001, 0xFFFFFFE0);     /* 32 ports */
    struct function *left = add(0, 3, 0, 0x10421AF4, 0x010802);
    left->config[4] = 0;
    set_bar(left, 0, 0, 0xFFFF0000);          /* 64 KiB */
    set_bar(left, 1, 0x1, 0xFFFFFFE0);        /* 32 ports */
    set_bar(left, 2, 0x0000000C, 0xC0000000); /* 1 GiB: more than fits below 4 GiB, ... */
    set_bar(left, 3, 0, 0xFFFFFFFF);          /* ... and 64 bits wide */
    assert_int_equal(enumerate_pc(), KAAL_OK);
    assert_int_equal(report_count, 0);
    const struct kaal_device *device = find(0, 3, 0);
    assert_int_equal(device->record.ranges[0].base, 0xE1000000); /* behind the placed one */
    assert_int_equal(get32(left->config + 0x10), 0xE1000000);
    assert_int_equal(device->record.ranges[1].base, 0x1040); /* and the board's */
    assert_int_equal(get32(left->config + 0x14), 0x1041);
    assert_int_equal(device->record.ranges[2].base, WIDE_WINDOW);
    assert_int_equal(get32(left->config + 0x18), 0x0000000C);
    assert_int_equal(get32(left->config + 0x1C), WIDE_WINDOW >> 32);
    assert_int_equal(device->pci.decode, 3);
    assert_int_equal(find(0, 2, 0)->record.ranges[0].base, 0xE0000000);
    assert_int_equal(get32(placed->config + 0x10), 0xE0000000);
}

/* A bridge's window that firmware has set up is not moved; what does not fit is said to be
 * unusable. */
static void test_bar_that_the_bridges_window_has_no_room_for_is_reported(void **state)
{
    (void)state;
    struct function *bridge = add_bridge(0, 1, 1, 1);
    put(bridge, 0x20, 4, 0xE000E000); /* 1 MiB */
    struct function *large = add(1, 0, 0, 0x10411AF4, 0x010802);
    set_bar(large, 0, 0, 0xFFE00000); /* 2 MiB */
    struct function *small = add(1, 1, 0, 0x10421AF4, 0x010802);
    set_bar(small, 0, 0, 0xFFFF0000); /* 64 KiB */
    assert_int_equal(enumerate_pc(), KAAL_OK);
    assert_int_equal(report_count, 1);
    assert_true(reported("no place is left for the BAR in the windows above it"));
    assert_int_equal(find(1, 0, 0)->record.ranges[0].base, 0);
    assert_int_equal(find(1, 0, 0)->pci.decode, 0);
    assert_int_equal(find(1, 1, 0)->record.ranges[0].base, 0xE0000000);
    assert_int_equal(find(1, 1, 0)->pci.decode, 2);
    assert_int_equal(get32(bridge->config + 0x20), 0xE000E000);
}

static void test_window_that_pc_firmware_left_closed_is_opened(void **state)
{
    (void)state;
    set_bar(add(0, 2, 0, 0x10411AF4, 0x010802), 0, 0xE0000000, 0xFF000000); /* 16 MiB */
    struct function *bridge = add_bridge(0, 1, 1, 1);
    memset(bridge->writable + 0x1C, 0xFF, 0x18);
    put(bridge, 0x20, 4, 0x0000FFF0);
    struct function *behind = add(1, 0, 0, 0x10421AF4, 0x010802);
    set_bar(behind, 0, 0, 0xFFFF0000); /* 64 KiB */
    assert_int_equal(enumerate_pc(), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(get32(bridge->config + 0x20), 0xE100E100);
    assert_int_equal(find(1, 0, 0)->record.ranges[0].base, 0xE1000000);
    assert_int_equal(get32(behind->config + 0x10), 0xE1000000);
}

/* Windows that are full, or too narrow for a 32-bit BAR. */
static void test_bar_that_no_window_has_room_for_is_reported(void **state)
{
    (void)state;
    set_bar(add(0, 2, 0, 0x10411AF4, 0x010802), 0, 0xE0000000, 0xF0000000); /* all of it */
    struct function *narrow = add(0, 3, 0, 0x10421AF4, 0x010802);
    set_bar(narrow, 0, 0, 0xFFFF0000);
    assert_int_equal(enumerate_pc(), KAAL_OK);
    assert_int_equal(report_count, 1);
    assert_true(reported("no place is left"));
    assert_int_equal(find(0, 3, 0)->record.ranges[0].base, 0);
    assert_int_equal(find(0, 3, 0)->pci.decode, 0);
}

static void test_functions_behind_bridges_are_found(void **state)
{
    (void)state;
    add_bridge(0, 1, 1, 3);
    add_bridge(1, 0, 2, 3);
    add(2, 5, 0, 0x00011234, 0x030000);
    struct function *multi = add(0, 31, 0, 0x29188086, 0x060100);
    multi->config[0x0E] = 0x80;
    add(0, 31, 2, 0x29228086, 0x010601);
    add(0, 31, 7, 0x29308086, 0x0C0500);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(registry.count, 6);
    assert_non_null(find(2, 5, 0));
    assert_non_null(find(0, 31, 2));
    assert_non_null(find(0, 31, 7));
    assert_int_equal(find(0, 1, 0)->pci.secondary_bus, 1);
}

static void test_single_function_devices_are_asked_once(void **state)
{
    (void)state;
    add(0, 4, 0, 0x00011234, 0x030000);
    add(0, 4, 3, 0x00021234, 0x030000); /* an echo: function 0 says it is alone */
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(registry.count, 1);
}

static void test_capabilities_are_found(void **state)
{
    (void)state;
    struct function *device = add(0, 2, 0, 0x10411AF4, 0x020000);
    device->config[6] = 0x10;
    device->config[0x34] = 0x43; /* the low bits are reserved */
    put(device, 0x40, 2, 0x5005);
    put(device, 0x50, 2, 0x9811);
    put(device, 0x98, 2, 0x0010);
    put(device, 0x52, 2, 7);          /* eight entries ... */
    put(device, 0x54, 4, 0x3000 | 1); /* ... at 0x3000 of BAR 1 */
    set_bar(device, 1, 0xFEB00000, 0xFFFFC000);
    device->writable[0x14] = 0;
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(find(0, 2, 0)->pci.msi_offset, 0x40);
    assert_int_equal(find(0, 2, 0)->pci.msix_offset, 0x50);
    assert_int_equal(find(0, 2, 0)->pci.pcie_offset, 0x98);
    assert_int_equal(find(0, 2, 0)->pci.msix_bar, 1);
    assert_int_equal(find(0, 2, 0)->pci.msix_table, 0x3000);
    assert_int_equal(find(0, 2, 0)->pci.msix_count, 8);
}

static void test_msix_table_outside_its_bar_is_not_used(void **state)
{
    (void)state;
    struct function *device = add(0, 2, 0, 0x10411AF4, 0x020000);
    device->config[6] = 0x10;
    device->config[0x34] = 0x50;
    put(device, 0x50, 2, 0x0011);
    put(device, 0x52, 2, 255);
    put(device, 0x54, 4, 0x3800 | 1); /* 4 KiB from there on leave the BAR */
    set_bar(device, 1, 0xFEB00000, 0xFFFFC000);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_true(reported("PCI 0:2.0, offset 0x54: the MSI-X table is outside"));
    assert_int_equal(find(0, 2, 0)->pci.msix_count, 0);
    assert_int_equal(find(0, 2, 0)->pci.msix_offset, 0);
}

static void test_unnumbered_bridge_is_harmless(void **state)
{
    (void)state;
    add_bridge(0, 1, 0, 0);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(report_count, 0);
    assert_int_equal(registry.count, 1);
}

/* ---- nonsense ---- */

static void test_bridges_with_wrong_numbers_cannot_loop(void **state)
{
    (void)state;
    static const struct {
        uint8_t bus;
        uint8_t secondary;
        uint8_t subordinate;
    } wrong[] = {{0, 0, 5}, {1, 1, 1}, {1, 0, 9}, {0, 5, 4}, {0, 200, 210}};
    for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++) {
        function_count = 0;
        if (wrong[i].bus == 1) {
            add_bridge(0, 1, 1, 1);
        }
        add_bridge(wrong[i].bus, 7, wrong[i].secondary, wrong[i].subordinate);
        assert_int_equal(enumerate_buses(127), KAAL_OK);
        assert_true(reported("the bus numbers of the bridge"));
        assert_true(access_count < 1000);
    }
}

static void test_two_bridges_to_one_bus_find_it_once(void **state)
{
    (void)state;
    add_bridge(0, 1, 4, 4);
    add_bridge(0, 2, 4, 4);
    add(4, 0, 0, 0x00011234, 0x030000);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_int_equal(registry.count, 3);
}

static void test_capability_loops_end(void **state)
{
    (void)state;
    static const uint16_t firsts[] = {0x4005, 0x4409, 0x0809, 0x3C09};
    for (unsigned i = 0; i < ARRAY_COUNT(firsts); i++) {
        function_count = 0;
        struct function *device = add(0, 2, 0, 0x10411AF4, 0x020000);
        device->config[6] = 0x10;
        device->config[0x34] = 0x40;
        put(device, 0x40, 2, firsts[i]);
        put(device, 0x44, 2, 0x4009);
        assert_int_equal(enumerate_buses(255), KAAL_OK);
        assert_true(reported("the list of capabilities"));
        assert_true(access_count < 1000);
    }
}

static void test_impossible_bars_are_left_out(void **state)
{
    (void)state;
    static const struct {
        unsigned index;
        uint32_t value;
        uint32_t mask;
        const char *text;
    } wrong[] = {
        {0, 0xFEB00000, 0xFF0F0000, "memory BAR"}, /* a hole in the size */
        {0, 0x00000001, 0x0000F0F0, "I/O BAR"},    /* likewise */
        {0, 0xFFFF0001, 0x0000FFF0, "I/O BAR"},    /* ports above 65535 */
        {0, 0xFEB10000, 0xFFF00000, "memory BAR"}, /* not aligned to its size */
        {5, 0xFEB00004, 0xFFF00000, "64-bit BAR"}, /* no register for the upper half */
    };
    for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++) {
        function_count = 0;
        struct function *device = add(0, 2, 0, 0x10411AF4, 0x020000);
        set_bar(device, wrong[i].index, wrong[i].value, wrong[i].mask);
        assert_int_equal(enumerate_buses(255), KAAL_OK);
        if (!reported(wrong[i].text)) {
            fail_msg("BAR %u: %s", i, report_count > 0 ? reports[0].text : "no report");
        }
        assert_int_equal(find(0, 2, 0)->record.range_count, 0);
    }
}

static void test_odd_headers_and_pins_are_reported(void **state)
{
    (void)state;
    struct function *device = add(0, 2, 0, 0x10411AF4, 0x020000);
    device->config[0x0E] = 0x7F;
    put(device, 0x3C, 4, 0x0900);
    assert_int_equal(enumerate_buses(255), KAAL_OK);
    assert_true(reported("unknown header type"));
    assert_true(reported("interrupt pin"));
    assert_int_equal(find(0, 2, 0)->pci.interrupt_pin, 0);
}

static void test_windows_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    const struct kaal_pci_ecam wrong[] = {
        {.paddr = BASE, .first_bus = 2, .last_bus = 1},
        {.paddr = BASE + 4096, .last_bus = 1},
        {.paddr = UINT64_MAX << 20, .last_bus = 255},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++) {
        memset(&registry, 0, sizeof(registry));
        report_count = 0;
        access_count = 0;
        assert_int_equal(kaal_pci_enumerate(&wrong[i], &access_callbacks, &registry),
                         KAAL_ERR_FORMAT);
        assert_int_equal(report_count, 1);
        assert_int_equal(access_count, 0);
    }
}

/* Devices that answer anything at all; repeatable. */
static void test_random_configuration_spaces_are_survived(void **state)
{
    (void)state;
    uint32_t seed = 99;
    for (unsigned round = 0; round < 300; round++) {
        function_count = 0;
        for (unsigned i = 0; i < 8; i++) {
            seed = seed * 1664525 + 1013904223;
            struct function *function =
                add(seed >> 30, seed >> 20 & 31, i == 0 ? 0 : seed >> 10 & 7, 0, 0);
            for (unsigned byte = 0; byte < 256; byte++) {
                seed = seed * 1664525 + 1013904223;
                function->config[byte] = (uint8_t)(seed >> 24);
                function->writable[byte] = (uint8_t)(seed >> 16);
            }
        }
        assert_int_equal(enumerate_buses(255), KAAL_OK);
        assert_true(access_count < 200000);
        for (uint32_t i = 0; i < registry.count; i++) {
            const struct kaal_device_record *record = &registry.devices[i].record;
            assert_true(record->range_count <= KAAL_DEVICE_RANGES_MAX);
            for (uint32_t j = 0; j < record->range_count; j++) {
                uint64_t bytes = record->ranges[j].bytes & ~KAAL_DEVICE_RANGE_PORTS;
                assert_true(bytes == 0 || is_power_of_two(bytes));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_ids_class_and_interrupt_are_read, clear),
        cmocka_unit_test_setup(test_bars_are_sized_and_put_back, clear),
        cmocka_unit_test_setup(test_bars_that_pc_firmware_left_out_are_placed, clear),
        cmocka_unit_test_setup(test_bar_that_the_bridges_window_has_no_room_for_is_reported, clear),
        cmocka_unit_test_setup(test_window_that_pc_firmware_left_closed_is_opened, clear),
        cmocka_unit_test_setup(test_bar_that_no_window_has_room_for_is_reported, clear),
        cmocka_unit_test_setup(test_functions_behind_bridges_are_found, clear),
        cmocka_unit_test_setup(test_single_function_devices_are_asked_once, clear),
        cmocka_unit_test_setup(test_capabilities_are_found, clear),
        cmocka_unit_test_setup(test_msix_table_outside_its_bar_is_not_used, clear),
        cmocka_unit_test_setup(test_unnumbered_bridge_is_harmless, clear),
        cmocka_unit_test_setup(test_bridges_with_wrong_numbers_cannot_loop, clear),
        cmocka_unit_test_setup(test_two_bridges_to_one_bus_find_it_once, clear),
        cmocka_unit_test_setup(test_capability_loops_end, clear),
        cmocka_unit_test_setup(test_impossible_bars_are_left_out, clear),
        cmocka_unit_test_setup(test_odd_headers_and_pins_are_reported, clear),
        cmocka_unit_test_setup(test_windows_that_make_no_sense_are_refused, clear),
        cmocka_unit_test_setup(test_random_configuration_spaces_are_survived, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
