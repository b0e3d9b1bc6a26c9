/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The device tree: a good one is read right; each of many malformed ones gives a clear message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/device_tree.h>
#include <libfdt.h>

#define BLOB_BYTES  16384
#define REPORTS_MAX 64
#define GIC_PHANDLE 1u

static _Alignas(8) uint8_t blob[BLOB_BYTES];
static struct kaal_platform platform;
static struct kaal_device_registry registry;
static struct kaal_problem reports[REPORTS_MAX];
static unsigned report_count;

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

/* ---- a PCI bus: a host bridge, and one function with INTB at 00:03.0 ---- */

#define ECAM UINT64_C(0x4010000000)

static uint32_t config_read32(void *context, uint64_t paddr)
{
    (void)context;
    uint64_t offset = paddr - ECAM;
    uint64_t function = offset >> 12;
    if (function != 0 && function != 3 << 3) {
        return UINT32_MAX;
    }
    switch (offset & 0xFFF) {
    case 0x00:
        return function == 0 ? 0x00081B36 : 0x10411AF4;
    case 0x08:
        return function == 0 ? 0x06000000 : 0x02000001;
    case 0x3C:
        return function == 0 ? 0 : 0x0200;
    default:
        return 0;
    }
}

static void config_write32(void *context, uint64_t paddr, uint32_t value)
{
    (void)context;
    (void)paddr;
    (void)value;
}

static void remember(void *context, const struct kaal_problem *problem)
{
    (void)context;
    if (report_count < REPORTS_MAX) {
        reports[report_count] = *problem;
    }
    report_count++;
}

static int read_bytes(const uint8_t *data, size_t bytes)
{
    const struct kaal_discovery_access access = {
        .config_read32 = config_read32, .config_write32 = config_write32, .report = remember};
    report_count = 0;
    memset(&platform, 0, sizeof(platform));
    registry.count = 0;
    registry.dropped = 0;
    return kaal_device_tree_read(data, bytes, &access, &platform, &registry);
}

/* Reads the blob from a heap copy of its exact length, so that ASan guards its end. */
static uint8_t *copy;
static int read_blob_of(size_t bytes)
{
    free(copy);
    copy = malloc(bytes == 0 ? 1 : bytes);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, blob, bytes);
    return read_bytes(copy, bytes);
}

static int read_blob(void)
{
    return read_blob_of(fdt_totalsize(blob));
}

static bool reported(const char *text)
{
    for (unsigned i = 0; i < report_count && i < REPORTS_MAX; i++) {
        if (strstr(reports[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
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

/* ---- building ---- */

static void must(int error)
{
    if (error != 0) {
        fail_msg("libfdt: %s", fdt_strerror(error));
    }
}

static void cells(const char *name, const uint32_t *values, unsigned count)
{
    fdt32_t big[64];
    assert_true(count <= ARRAY_COUNT(big));
    for (unsigned i = 0; i < count; i++) {
        big[i] = cpu_to_fdt32(values[i]);
    }
    must(fdt_property(blob, name, big, (int)(count * sizeof(big[0]))));
}

#define CELLS(name, ...) \
    cells(name, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void begin(const char *name)
{
    must(fdt_begin_node(blob, name));
}

static void end(void)
{
    must(fdt_end_node(blob));
}

static void compatible(const char *list, size_t bytes)
{
    must(fdt_property(blob, "compatible", list, (int)bytes));
}

static void make_pci(void)
{
    static const char ids[] = "pci-host-ecam-generic";
    begin("pcie@10000000");
    compatible(ids, sizeof(ids));
    must(fdt_property_string(blob, "device_type", "pci"));
    CELLS("reg", 0x40, 0x10000000, 0, 0x10000000);
    CELLS("bus-range", 0, 0xFF);
    CELLS("#address-cells", 3);
    CELLS("#size-cells", 2);
    CELLS("#interrupt-cells", 1);
    CELLS("ranges", 0x1000000, 0, 0, 0, 0x3EFF0000, 0, 0x10000, 0x2000000, 0, 0x10000000, 0,
          0x10000000, 0, 0x2EFF0000);
    CELLS("interrupt-map-mask", 0x1800, 0, 0, 7);
    CELLS("interrupt-map", 0, 0, 0, 1, GIC_PHANDLE, 0, 0, 0, 3, 4, 0x1800, 0, 0, 2, GIC_PHANDLE, 0,
          0, 0, 9, 4);
    end();
}

static void make_good(void)
{
    static const char uart_ids[] = "arm,pl011\0arm,primecell";
    static const char gic_ids[] = "arm,cortex-a15-gic";
    static const char rtc_ids[] = "arm,pl031";
    static const char psci_ids[] = "arm,psci-1.0\0arm,psci";
    static const char timer_ids[] = "arm,armv8-timer";
    static const char bus_ids[] = "simple-bus";
    memset(blob, 0, sizeof(blob));
    must(fdt_create(blob, sizeof(blob) / 2));
    must(fdt_finish_reservemap(blob));
    begin("");
    CELLS("#address-cells", 2);
    CELLS("#size-cells", 2);
    CELLS("interrupt-parent", GIC_PHANDLE);
    begin("psci");
    compatible(psci_ids, sizeof(psci_ids));
    must(fdt_property_string(blob, "method", "smc"));
    end();
    begin("intc@8000000");
    compatible(gic_ids, sizeof(gic_ids));
    must(fdt_property(blob, "interrupt-controller", NULL, 0));
    CELLS("#interrupt-cells", 3);
    CELLS("#address-cells", 2);
    CELLS("#size-cells", 2);
    CELLS("phandle", GIC_PHANDLE);
    CELLS("reg", 0, 0x8000000, 0, 0x10000);
    end();
    begin("pl011@9000000");
    compatible(uart_ids, sizeof(uart_ids));
    CELLS("reg", 0, 0x9000000, 0, 0x1000);
    CELLS("interrupts", 0, 1, 4);
    end();
    begin("timer");
    compatible(timer_ids, sizeof(timer_ids));
    CELLS("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
    end();
    begin("bus@c000000");
    compatible(bus_ids, sizeof(bus_ids));
    CELLS("#address-cells", 1);
    CELLS("#size-cells", 1);
    CELLS("ranges", 0x1000, 0, 0xC000000, 0x10000, 0x800000, 0, 0xD000000, 0x1000);
    begin("rtc@1000");
    compatible(rtc_ids, sizeof(rtc_ids));
    CELLS("reg", 0x2000, 0x1000, 0x800000, 0x100);
    CELLS("interrupts-extended", GIC_PHANDLE, 0, 2, 1);
    end();
    end();
    make_pci();
    begin("chosen");
    must(fdt_property_string(blob, "stdout-path", "/pl011@9000000:115200n8"));
    end();
    end();
    must(fdt_finish(blob));
    must(fdt_open_into(blob, blob, sizeof(blob))); /* room for edits */
}

/* ---- reading a good one ---- */

static void test_serial_port_has_address_interrupt_and_ids(void **state)
{
    (void)state;
    make_good();
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(report_count, 0);
    const struct kaal_device *uart = find("arm,pl011");
    assert_non_null(uart);
    assert_ptr_equal(uart, find("arm,primecell"));
    assert_null(find("arm,pl01"));
    assert_null(find("arm,pl0111"));
    assert_int_equal(uart->record.bus, KAAL_BUS_PLATFORM);
    assert_string_equal(uart->record.id, "arm,pl011");
    assert_int_equal(uart->record.range_count, 1);
    assert_int_equal(uart->record.ranges[0].base, 0x9000000);
    assert_int_equal(uart->record.ranges[0].bytes, 0x1000);
    assert_int_equal(uart->irq_count, 1);
    assert_int_equal(uart->irqs[0].number, 33);
    assert_true(uart->irqs[0].level);
    assert_int_equal(uart->record.irq, 33);
    assert_int_equal(uart->serial, 0);
}

static void test_addresses_are_translated_through_ranges(void **state)
{
    (void)state;
    make_good();
    assert_int_equal(read_blob(), KAAL_OK);
    const struct kaal_device *rtc = find("arm,pl031");
    assert_non_null(rtc);
    assert_int_equal(rtc->record.range_count, 2);
    assert_int_equal(rtc->record.ranges[0].base, 0xC001000);
    assert_int_equal(rtc->record.ranges[1].base, 0xD000000);
    assert_int_equal(rtc->record.ranges[1].bytes, 0x100);
    assert_int_equal(rtc->irqs[0].number, 34);
    assert_false(rtc->irqs[0].level);
    assert_int_equal(rtc->serial, UINT32_MAX);
}

static void test_private_interrupts_have_their_own_numbers(void **state)
{
    (void)state;
    make_good();
    assert_int_equal(read_blob(), KAAL_OK);
    const struct kaal_device *timer = find("arm,armv8-timer");
    assert_non_null(timer);
    assert_int_equal(timer->irq_count, 4);
    assert_int_equal(timer->irqs[0].number, 29);
    assert_int_equal(timer->irqs[3].number, 26);
    assert_int_equal(timer->record.range_count, 0);
}

static void test_psci_and_pci_host_are_found(void **state)
{
    (void)state;
    make_good();
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(platform.power.method, KAAL_POWER_PSCI_SMC);
    assert_int_equal(platform.power.psci_function, 0x84000008);
    assert_int_equal(platform.ecam_count, 1);
    assert_int_equal(platform.ecams[0].paddr, ECAM);
    assert_int_equal(platform.ecams[0].last_bus, 0xFF);
    assert_int_equal(platform.ecams[0].window_count, 2);
    assert_int_equal(platform.ecams[0].windows[0].bytes, 0x10000 | KAAL_DEVICE_RANGE_PORTS);
    assert_int_equal(platform.ecams[0].windows[1].paddr, 0x10000000);
    assert_int_equal(platform.ecams[0].windows[1].bytes, 0x2EFF0000);
}

static void test_pci_interrupt_comes_from_the_map(void **state)
{
    (void)state;
    make_good();
    assert_int_equal(read_blob(), KAAL_OK);
    const struct kaal_device *net = NULL;
    for (uint32_t i = 0; i < registry.count; i++) {
        if (registry.devices[i].record.pci_id == 0x1AF41041) {
            net = &registry.devices[i];
        }
    }
    assert_non_null(net);
    assert_int_equal(net->record.pci_address, 3 << 3);
    assert_int_equal(net->record.pci_class, 0x020000);
    assert_int_equal(net->irq_count, 1);
    assert_int_equal(net->irqs[0].number, 32 + 9);
}

static int node_at(const char *path)
{
    int node = fdt_path_offset(blob, path);
    assert_true(node >= 0);
    return node;
}

static void test_disabled_devices_and_what_is_below_are_left_out(void **state)
{
    (void)state;
    make_good();
    must(fdt_setprop_string(blob, node_at("/bus@c000000"), "status", "disabled"));
    must(fdt_setprop_string(blob, node_at("/pl011@9000000"), "status", "okay"));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_null(find("arm,pl031"));
    assert_non_null(find("arm,pl011"));
}

static void test_serial_aliases_number_the_ports(void **state)
{
    (void)state;
    make_good();
    int aliases = fdt_add_subnode(blob, 0, "aliases");
    must(aliases < 0 ? aliases : 0);
    must(fdt_setprop_string(blob, aliases, "serial1", "/pl011@9000000"));
    must(fdt_setprop_string(blob, aliases, "serial0", "/bus@c000000/rtc@1000"));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(find("arm,pl011")->serial, 1);
    assert_int_equal(find("arm,pl031")->serial, 0);
}

/* Two aliases that name each other: followed, they overflow the stack. */
static void test_aliases_of_aliases_are_not_followed(void **state)
{
    (void)state;
    make_good();
    int aliases = fdt_add_subnode(blob, 0, "aliases");
    must(aliases < 0 ? aliases : 0);
    must(fdt_setprop_string(blob, aliases, "serial0", "serial1"));
    must(fdt_setprop_string(blob, aliases, "serial1", "serial0"));
    must(fdt_setprop_string(blob, aliases, "serial2", "/pl011@9000000"));
    must(fdt_setprop_string(blob, aliases, "serial3", "serial2"));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(find("arm,pl011")->serial, 2);
}

static void test_hvc_and_old_psci_are_told_apart(void **state)
{
    (void)state;
    make_good();
    must(fdt_setprop_string(blob, node_at("/psci"), "method", "hvc"));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(platform.power.method, KAAL_POWER_PSCI_HVC);
    make_good();
    must(fdt_setprop_string(blob, node_at("/psci"), "compatible", "arm,psci"));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(platform.power.method, KAAL_POWER_NONE);
    assert_non_null(strstr(platform.power.why_not, "SYSTEM_OFF"));
    make_good();
    must(fdt_del_node(blob, node_at("/psci")));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_non_null(strstr(platform.power.why_not, "no PSCI"));
}

/* ---- malformed properties ---- */

/* One property replaced by cells (count 0 = empty), by raw bytes, or removed. */
struct damage {
    const char *node;
    const char *property;
    int count; /* cells; REMOVE or BYTES */
    uint32_t value[8];
    const char *text;     /* part of a report; NULL = silently harmless */
    const char *left_out; /* id that must not be found, NULL = none */
    const char *kept;     /* id that must be found although damaged, NULL = none */
};

#define REMOVE (-1)
#define BYTES  (-2) /* value[0] bytes of value[1..] as they are in memory */

#define UART "/pl011@9000000"
#define GIC  "/intc@8000000"
#define BUS  "/bus@c000000"
#define RTC  "/bus@c000000/rtc@1000"
#define PCI  "/pcie@10000000"

static const struct damage damages[] = {
    /* reg */
    {UART, "reg", 1, {0}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", 2, {0, 0x9000000}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", 3, {0, 0x9000000, 0}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", 5, {0, 0x9000000, 0, 0x1000, 0}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", 4, {0, 0x9000000, 0, 0}, "reg: an empty or impossible range", NULL, "arm,pl011"},
    {UART, "reg", 4, {~0u, ~0u, 0, 0x1000}, "impossible range", NULL, "arm,pl011"},
    {UART, "reg", 4, {0, 0, ~0u, ~0u}, "impossible range", NULL, "arm,pl011"},
    {UART, "reg", 4, {0, 0, 0x80000000, 0}, "impossible range", NULL, "arm,pl011"},
    {UART, "reg", BYTES, {3, 0xAABBCC}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", BYTES, {17, 0, 0, 0, 1}, "reg: not a whole number", NULL, "arm,pl011"},
    {UART, "reg", 0, {0}, NULL, NULL, "arm,pl011"},
    /* compatible */
    {UART, "compatible", 0, {0}, "compatible: not a list", "arm,pl011", NULL},
    {UART, "compatible", BYTES, {3, 0x6d7261}, "compatible: not a list", "arm,pl011", NULL},
    {UART, "compatible", BYTES, {1, 0x61}, "compatible: not a list", "arm,pl011", NULL},
    {UART, "compatible", BYTES, {4, 0x6161}, NULL, "arm,pl011", "aa"},
    {UART, "compatible", BYTES, {4, 0}, NULL, "arm,pl011", NULL},
    {UART, "compatible", REMOVE, {0}, NULL, "arm,pl011", NULL},
    {RTC, "compatible", 0, {0}, "compatible: not a list", "arm,pl031", NULL},
    {PCI,
     "compatible",
     BYTES,
     {2, 0x6162},
     "compatible: not a list",
     "pci-host-ecam-generic",
     NULL},
    /* interrupts */
    {UART, "interrupts", 1, {0}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {UART, "interrupts", 2, {0, 1}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {UART, "interrupts", 4, {0, 1, 4, 0}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {UART, "interrupts", BYTES, {5, 0, 0}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {2, 1, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {~0u, 1, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {0, 988, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {0, ~0u, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {0, ~0u - 31, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {1, 16, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 3, {1, ~0u, 4}, "neither a shared nor a private", NULL, "arm,pl011"},
    {UART, "interrupts", 6, {0, 1, 4, 7, 7, 7}, "neither a shared", NULL, "arm,pl011"},
    {UART, "interrupt-parent", 1, {99}, "the interrupt parent is no", NULL, "arm,pl011"},
    {UART, "interrupt-parent", 1, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {UART, "interrupt-parent", 1, {~0u}, "the interrupt parent is no", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 1, {99}, "interrupts-extended: an entry", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 1, {0}, "interrupts-extended: an entry", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 1, {1}, "interrupts-extended: an entry", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 3, {1, 0, 1}, "interrupts-extended: an entry", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 4, {1, 5, 1, 4}, "neither a shared", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 5, {1, 0, 1, 4, 1}, "too short", NULL, "arm,pl011"},
    {UART, "interrupts-extended", 5, {1, 0, 1, 4, 77}, "without a controller", NULL, "arm,pl011"},
    {RTC, "interrupts-extended", 2, {1, 0}, "interrupts-extended: an entry", NULL, "arm,pl031"},
    {RTC, "interrupts-extended", BYTES, {3, 0}, NULL, NULL, "arm,pl031"},
    {GIC, "#interrupt-cells", 1, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", 1, {~0u}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", 1, {0x40000000}, "interrupts: not a whole", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", 1, {5}, "interrupts: not a whole number", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", 1, {1000}, "interrupts-extended: an entry", NULL, "arm,pl031"},
    {GIC, "#interrupt-cells", 1, {1}, "interrupts-extended: an entry", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", 2, {3, 3}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", REMOVE, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "#interrupt-cells", BYTES, {1, 3}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "interrupt-controller", REMOVE, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "phandle", 1, {7}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "phandle", REMOVE, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "phandle", 1, {0}, "the interrupt parent is no", NULL, "arm,pl011"},
    {GIC, "#address-cells", 1, {~0u}, "interrupt-map: an entry", NULL, "arm,pl011"},
    {GIC, "#address-cells", 1, {100}, "interrupt-map: an entry", NULL, "arm,pl011"},
    /* cells and ranges */
    {"/", "#address-cells", 1, {0}, NULL, "arm,pl011", NULL},
    {"/", "#address-cells", 1, {3}, NULL, "arm,pl011", NULL},
    {"/", "#address-cells", 1, {~0u}, NULL, "arm,pl011", NULL},
    {"/", "#size-cells", 1, {~0u}, NULL, "arm,pl011", NULL},
    {"/", "#size-cells", 1, {0}, "PCI is not searched", NULL, "arm,pl011"},
    {"/", "#size-cells", 1, {1}, "reg: not a whole number", NULL, "arm,pl011"},
    {"/", "#address-cells", 2, {2, 2}, NULL, NULL, "arm,pl011"},
    {BUS, "#address-cells", 1, {0}, NULL, "arm,pl031", "arm,pl011"},
    {BUS, "#address-cells", 1, {2}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "#address-cells", 1, {3}, NULL, "arm,pl031", "arm,pl011"},
    {BUS, "#address-cells", 1, {0x40000001}, NULL, "arm,pl031", "arm,pl011"},
    {BUS, "#size-cells", 1, {3}, NULL, "arm,pl031", "arm,pl011"},
    {BUS, "#size-cells", 1, {2}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "ranges", REMOVE, {0}, NULL, "arm,pl031", "arm,pl011"},
    {BUS, "ranges", 1, {0}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "ranges", 3, {0, 0, 0}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "ranges", 5, {0, 0, 0, 0, 0}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "ranges", BYTES, {15, 0, 0, 0}, "ranges: not a whole number", NULL, "arm,pl031"},
    {BUS, "ranges", 4, {0x2800, 0, 0, 0x100}, NULL, NULL, "arm,pl031"},
    {BUS, "ranges", 4, {0, ~0u, ~0u, ~0u}, "leads past 2^64", NULL, "arm,pl031"},
    {RTC, "reg", 2, {~0u, ~0u}, NULL, NULL, "arm,pl031"},
    {RTC, "reg", 2, {0x2000, 0}, "reg: an empty", NULL, "arm,pl031"},
    {RTC, "reg", 3, {0x2000, 0x1000, 0}, "reg: not a whole number", NULL, "arm,pl031"},
    /* PSCI */
    {"/psci", "method", REMOVE, {0}, "method: neither smc nor hvc", NULL, "arm,pl011"},
    {"/psci", "method", 0, {0}, "method: neither smc nor hvc", NULL, "arm,pl011"},
    {"/psci", "method", BYTES, {3, 0x636D73}, "method: neither smc nor hvc", NULL, "arm,pl011"},
    {"/psci", "method", BYTES, {4, 0x78787878}, "method: neither smc", NULL, "arm,pl011"},
    {"/psci", "method", BYTES, {4, 0x61636D73}, "method: neither smc", NULL, "arm,pl011"},
    {"/psci", "compatible", BYTES, {4, 0x78787878}, "compatible: not a list", NULL, "arm,pl011"},
    /* PCI host */
    {PCI, "reg", 2, {0x40, 0x10000000}, "PCI is not searched", NULL, "arm,pl011"},
    {PCI, "reg", 0, {0}, "PCI is not searched", NULL, "arm,pl011"},
    {PCI, "reg", REMOVE, {0}, "PCI is not searched", NULL, "arm,pl011"},
    {PCI, "reg", 4, {0x40, 0x10001000, 0, 0x10000000}, "PCI is not searched", NULL, NULL},
    {PCI, "reg", 4, {0x40, 0x10000000, 0, 0x1000}, "PCI is not searched", NULL, NULL},
    {PCI, "reg", 4, {0x40, 0x10000000, 0, 0}, "PCI is not searched", NULL, NULL},
    {PCI, "reg", 4, {~0u, 0xFFF00000, 0, 0x100000}, "impossible range", NULL, NULL},
    {PCI, "bus-range", 1, {0}, "bus-range: not two bus numbers", NULL, "arm,pl011"},
    {PCI, "bus-range", 2, {5, 4}, "bus-range: not two bus numbers", NULL, "arm,pl011"},
    {PCI, "bus-range", 2, {0, 256}, "bus-range: not two bus numbers", NULL, "arm,pl011"},
    {PCI, "bus-range", 2, {~0u, ~0u}, "bus-range: not two bus numbers", NULL, "arm,pl011"},
    {PCI, "bus-range", 0, {0}, "bus-range: not two bus numbers", NULL, "arm,pl011"},
    {PCI, "ranges", REMOVE, {0}, "ranges: no windows", NULL, NULL},
    {PCI, "ranges", 3, {0, 0, 0}, "ranges: no windows", NULL, NULL},
    {PCI, "ranges", 7, {0x2000000, 0, 0, 0, 0, ~0u, ~0u}, "window of impossible size", NULL, NULL},
    {PCI, "#address-cells", 1, {2}, "ranges: no windows", NULL, NULL},
    {PCI, "#size-cells", 1, {1}, "ranges: no windows", NULL, NULL},
    {PCI, "interrupt-map", 4, {0, 0, 0, 1}, NULL, NULL, "arm,pl011"},
    {PCI, "interrupt-map", 5, {0, 0, 0, 1, 99}, "interrupt-map: an entry", NULL, NULL},
    {PCI, "interrupt-map", 5, {0, 0, 0, 1, 1}, "interrupt-map: an entry", NULL, NULL},
    {PCI, "interrupt-map", 8, {0, 0, 0, 1, 1, 0, 0, 0}, "interrupt-map: an entry", NULL, NULL},
    {PCI, "interrupt-map-mask", 3, {0x1800, 0, 0}, NULL, NULL, "arm,pl011"},
    {PCI, "interrupt-map-mask", REMOVE, {0}, NULL, NULL, "arm,pl011"},
    {PCI, "#interrupt-cells", 1, {3}, NULL, NULL, "arm,pl011"},
    /* console */
    {"/chosen", "stdout-path", 0, {0}, NULL, NULL, "arm,pl011"},
    {"/chosen", "stdout-path", BYTES, {4, 0x78787878}, NULL, NULL, "arm,pl011"},
    {"/chosen", "stdout-path", BYTES, {4, 0x3A3A3A}, NULL, NULL, "arm,pl011"},
};
_Static_assert(sizeof(damages) / sizeof(damages[0]) >= 100, "at least a hundred malformed trees");

static void apply(const struct damage *damage)
{
    int node = node_at(damage->node);
    if (damage->count == REMOVE) {
        must(fdt_delprop(blob, node, damage->property));
    } else if (damage->count == BYTES) {
        must(fdt_setprop(blob, node, damage->property, &damage->value[1], (int)damage->value[0]));
    } else {
        fdt32_t big[8];
        for (int i = 0; i < damage->count; i++) {
            big[i] = cpu_to_fdt32(damage->value[i]);
        }
        must(fdt_setprop(blob, node, damage->property, big, damage->count * 4));
    }
}

static void test_each_malformed_property_is_named(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_COUNT(damages); i++) {
        const struct damage *damage = &damages[i];
        make_good();
        apply(damage);
        int error = read_blob();
        bool told = damage->text == NULL ? report_count == 0 : reported(damage->text);
        bool found = (damage->left_out == NULL || find(damage->left_out) == NULL) &&
                     (damage->kept == NULL || find(damage->kept) != NULL);
        if (error != KAAL_OK || !told || !found) {
            fail_msg("damage %u (%s %s): %s, found as expected: %d, %u reports, first: %s", i,
                     damage->node, damage->property, kaal_error_name(error), found, report_count,
                     report_count > 0 ? reports[0].text : "");
        }
    }
}

/* ---- malformed structure ---- */

/* Found by fuzz_device_tree: libfdt reads the root's name through a null pointer. */
static void test_old_version_is_refused(void **state)
{
    (void)state;
    make_good();
    fdt_set_version(blob, 15);
    fdt_set_last_comp_version(blob, 15);
    assert_int_equal(read_blob(), KAAL_ERR_FORMAT);
    assert_true(reported("the blob's version is older than 16"));
}

static void test_tree_cut_at_any_length_is_an_error(void **state)
{
    (void)state;
    make_good();
    must(fdt_pack(blob));
    for (size_t bytes = 0; bytes < fdt_totalsize(blob); bytes += bytes < 64 ? 1 : 7) {
        int error = read_blob_of(bytes);
        assert_true(error == KAAL_ERR_TRUNCATED || error == KAAL_ERR_FORMAT);
        assert_int_equal(report_count, 1);
        assert_int_equal(registry.count, 0);
    }
}

static void test_header_fields_are_checked(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset;
        uint32_t value;
    } fields[] = {
        {0, 0},           {0, 0xD00DFEEE},  {4, 0},           {4, 8},           {4, 0xFFFFFFFF},
        {8, 0},           {8, 0xFFFFFFFF},  {8, 3},           {12, 0xFFFFFFFF}, {12, 0x7FFFFFFF},
        {16, 0xFFFFFFFF}, {16, 3},          {20, 0},          {20, 1},          {24, 18},
        {24, 0xFFFFFFFF}, {32, 0xFFFFFFFF}, {36, 0xFFFFFFFF}, {36, 2},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(fields); i++) {
        make_good();
        size_t bytes = fdt_totalsize(blob);
        fdt32_t big = cpu_to_fdt32(fields[i].value);
        memcpy(blob + fields[i].offset, &big, sizeof(big));
        int error = read_blob_of(bytes);
        if (error == KAAL_OK || report_count != 1 || !reported("device tree: ")) {
            fail_msg("field %u: %s, %s", i, kaal_error_name(error), reports[0].text);
        }
    }
}

static void test_unaligned_tree_is_refused(void **state)
{
    (void)state;
    make_good();
    memmove(blob + 4, blob, fdt_totalsize(blob) / 2);
    assert_int_equal(read_bytes(blob + 4, BLOB_BYTES - 4), KAAL_ERR_ALIGN);
    assert_true(reported("8-byte aligned"));
}

static void test_deep_nesting_is_bounded(void **state)
{
    (void)state;
    memset(blob, 0, sizeof(blob));
    must(fdt_create(blob, sizeof(blob)));
    must(fdt_finish_reservemap(blob));
    begin("");
    for (unsigned i = 0; i < 40; i++) {
        begin("n");
        must(fdt_property(blob, "ranges", NULL, 0));
        must(fdt_property_string(blob, "compatible", "deep"));
        CELLS("reg", 0, 0x1000, 0x1000);
    }
    for (unsigned i = 0; i < 41; i++) {
        end();
    }
    must(fdt_finish(blob));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_true(reported("nested deeper"));
    assert_true(registry.count > 5 && registry.count < 16);
}

static void test_too_many_devices_are_counted(void **state)
{
    (void)state;
    memset(blob, 0, sizeof(blob));
    must(fdt_create(blob, sizeof(blob)));
    must(fdt_finish_reservemap(blob));
    begin("");
    for (unsigned i = 0; i < KAAL_DEVICES_MAX + 5; i++) {
        char name[16];
        snprintf(name, sizeof(name), "d@%x", i);
        begin(name);
        must(fdt_property_string(blob, "compatible", "many"));
        CELLS("reg", 0, i << 12, 0x1000);
        end();
    }
    end();
    must(fdt_finish(blob));
    assert_int_equal(read_blob(), KAAL_OK);
    assert_int_equal(registry.count, KAAL_DEVICES_MAX);
    assert_int_equal(registry.dropped, 5);
}

/* Random damage anywhere; repeatable. Whatever is still accepted must read without a fault. */
static void test_random_damage_is_survived(void **state)
{
    (void)state;
    uint32_t seed = 7;
    unsigned refused = 0;
    for (unsigned round = 0; round < 6000; round++) {
        make_good();
        must(fdt_pack(blob));
        size_t bytes = fdt_totalsize(blob);
        for (unsigned i = 0; i < 1 + round % 5; i++) {
            seed = seed * 1664525 + 1013904223;
            blob[(seed >> 8) % bytes] ^= (uint8_t)(1u << (seed >> 29));
        }
        int error = read_blob_of(bytes);
        if (error != KAAL_OK) {
            refused++;
            assert_true(report_count > 0);
        }
    }
    assert_true(refused > 100);
}

static int free_copy(void **state)
{
    (void)state;
    free(copy);
    copy = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serial_port_has_address_interrupt_and_ids),
        cmocka_unit_test(test_addresses_are_translated_through_ranges),
        cmocka_unit_test(test_private_interrupts_have_their_own_numbers),
        cmocka_unit_test(test_psci_and_pci_host_are_found),
        cmocka_unit_test(test_pci_interrupt_comes_from_the_map),
        cmocka_unit_test(test_disabled_devices_and_what_is_below_are_left_out),
        cmocka_unit_test(test_serial_aliases_number_the_ports),
        cmocka_unit_test(test_aliases_of_aliases_are_not_followed),
        cmocka_unit_test(test_hvc_and_old_psci_are_told_apart),
        cmocka_unit_test(test_each_malformed_property_is_named),
        cmocka_unit_test(test_old_version_is_refused),
        cmocka_unit_test(test_tree_cut_at_any_length_is_an_error),
        cmocka_unit_test(test_header_fields_are_checked),
        cmocka_unit_test(test_unaligned_tree_is_refused),
        cmocka_unit_test(test_deep_nesting_is_bounded),
        cmocka_unit_test(test_too_many_devices_are_counted),
        cmocka_unit_test(test_random_damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, free_copy);
}
