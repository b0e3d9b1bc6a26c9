/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Loading the namespace and finding devices in it. Sources: ACPI Specification 6.4, 6.1.5 (_HID),
 * 6.1.2 (_CID), 6.2.2 (_CRS), 6.3.7 (_STA), 5.8.1 (_PIC), 7.4.2 (\_S5_).
 */
#include "acpi_namespace.h"

#include <kaal/bits.h>

#define LEGACY_PORTS_END  UINT64_C(0x1000)    /* below: ISA, and what the board has of its own */
#define LEGACY_MEMORY_END (UINT64_C(1) << 20) /* below: RAM and VGA */
#define WORK_BYTES        (UINT64_C(1) << 20)
#define PIC_IOAPIC        1u
#define SLP_TYP_MAX       7u
#define STA_PRESENT       BIT32(0)
#define STA_FUNCTIONING   BIT32(3)
#define EISA_TEXT_BYTES   8u
#define SERIALS_MAX       4u

/* ---- loading ---- */

static void set_ioapic_mode(struct aml *aml)
{
    struct aml_node *method = aml_find(aml, &aml->root, "_PIC");
    const struct aml_value mode = {.type = AML_INTEGER, .integer = PIC_IOAPIC};
    struct aml_value ignored;
    if (method != NULL && aml_evaluate(aml, method, &mode, 1, &ignored) != KAAL_OK) {
        acpi_report(aml);
    }
}

static void read_sleep_types(struct aml *aml, struct kaal_platform *platform)
{
    struct aml_node *node = aml_find(aml, &aml->root, "_S5_");
    struct aml_value value;
    if (node == NULL || platform->power.port_a == 0 ||
        aml_evaluate(aml, node, NULL, 0, &value) != KAAL_OK || value.type != AML_PACKAGE ||
        value.count < 1) {
        return; /* what the table's bytes said stands */
    }
    struct aml_value types[2] = {value.elements[0], {.type = AML_INTEGER}};
    if (value.count > 1) {
        types[1] = value.elements[1];
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (types[i].type != AML_INTEGER || types[i].integer > SLP_TYP_MAX) {
            return;
        }
    }
    platform->power.method = KAAL_POWER_ACPI;
    platform->power.value_a = (uint16_t)types[0].integer;
    platform->power.value_b = (uint16_t)types[1].integer;
}

bool acpi_namespace_load(struct aml *aml, const struct kaal_acpi_blocks *blocks,
                         const struct kaal_discovery_access *access, struct kaal_platform *platform)
{
    void *memory = access->work_memory == NULL || blocks->count == 0
                       ? NULL
                       : access->work_memory(access->context, WORK_BYTES);
    if (memory == NULL) {
        struct kaal_problem problem;
        int ignored =
            report(access,
                   kaal_problem_set(&problem, KAAL_ERR_NO_MEMORY,
                                    "ACPI: no definition block, or no memory to read one; "
                                    "interrupt lines of PCI devices are unknown"),
                   &problem);
        (void)ignored;
        return false;
    }
    aml_init(aml, access, platform, memory, WORK_BYTES);
    for (uint32_t i = 0; i < blocks->count; i++) {
        const struct aml_table table = {
            .name = {blocks->blocks[i].name[0], blocks->blocks[i].name[1],
                     blocks->blocks[i].name[2], blocks->blocks[i].name[3]},
            .paddr = blocks->blocks[i].paddr,
            .data = blocks->blocks[i].data,
            .bytes = blocks->blocks[i].bytes};
        if (aml_load(aml, &table) != KAAL_OK) {
            acpi_report(aml); /* what was defined before the problem stays */
        }
    }
    set_ioapic_mode(aml);
    read_sleep_types(aml, platform);
    return true;
}

/* ---- devices ---- */

/* "PNP0501" of a compressed EISA id. Source: ACPI Specification 6.4, 19.3.4. */
static void eisa_text(uint32_t id, char text[EISA_TEXT_BYTES])
{
    static const char digits[] = "0123456789ABCDEF";
    uint32_t swapped = __builtin_bswap32(id);
    for (uint32_t i = 0; i < 3; i++) {
        text[i] = (char)('@' + (swapped >> (26 - 5 * i) & 31));
    }
    for (uint32_t i = 0; i < 4; i++) {
        text[3 + i] = digits[swapped >> (12 - 4 * i) & 15];
    }
    text[7] = '\0';
}

/* Adds an id to a device's list, which is kept in its record. */
static void add_id(struct kaal_device *device, const struct aml_value *value)
{
    char eisa[EISA_TEXT_BYTES];
    const char *text = eisa;
    uint32_t bytes = EISA_TEXT_BYTES - 1;
    if (value->type == AML_INTEGER) {
        eisa_text((uint32_t)value->integer, eisa);
    } else if (value->type == AML_STRING && value->count > 0) {
        text = (const char *)value->bytes;
        bytes = value->count;
    } else {
        return;
    }
    if (bytes >= KAAL_DEVICE_ID_BYTES - device->ids_bytes) {
        return; /* the best ones come first */
    }
    __builtin_memcpy(device->record.id + device->ids_bytes, text, bytes);
    device->ids_bytes += bytes + 1;
}

static void read_ids(struct aml *aml, struct aml_node *node, struct kaal_device *device)
{
    static const char names[][5] = {"_HID", "_CID"};
    device->ids = device->record.id;
    for (uint32_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct aml_node *ids = aml_find(aml, node, names[i]);
        struct aml_value value;
        if (ids == NULL || aml_evaluate(aml, ids, NULL, 0, &value) != KAAL_OK) {
            continue;
        }
        if (value.type != AML_PACKAGE) {
            add_id(device, &value);
            continue;
        }
        for (uint32_t j = 0; j < value.count; j++) {
            add_id(device, &value.elements[j]);
        }
    }
}

/* The machine itself, not something to drive: links, host bridges, processors, reserved ranges. */
static bool is_infrastructure(const struct kaal_device *device)
{
    static const char *const ids[] = {"PNP0C0F", "PNP0A03",  "PNP0A08", "PNP0C01",
                                      "PNP0C02", "ACPI0007", "PNP0000", "PNP0200"};
    for (uint32_t i = 0; i < ARRAY_COUNT(ids); i++) {
        if (kaal_device_has_id(device, ids[i])) {
            return true;
        }
    }
    return device->ids_bytes == 0;
}

/* Serial ports have the numbers that PCs have always given them. */
static uint32_t serial_number(const struct kaal_device *device)
{
    static const uint16_t ports[SERIALS_MAX] = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
    if (!kaal_device_has_id(device, "PNP0501") && !kaal_device_has_id(device, "PNP0500")) {
        return UINT32_MAX;
    }
    for (uint32_t i = 0; i < SERIALS_MAX; i++) {
        if (device->record.range_count > 0 && device->record.ranges[0].base == ports[i]) {
            return i;
        }
    }
    return UINT32_MAX;
}

int acpi_irq_of(const struct kaal_platform *platform, const struct acpi_irq *from,
                struct kaal_interrupt *irq)
{
    if (from->isa && from->number < 16) {
        /* Overrides know better than the descriptor, which may be older than them. */
        int error = kaal_platform_isa_irq(platform, (uint8_t)from->number, irq);
        if (error == KAAL_OK && from->level) {
            irq->level = true;
            irq->active_low = from->active_low;
        }
        return error;
    }
    return kaal_platform_global_irq(platform, from->number, from->level, from->active_low, irq);
}

static bool read_resources(struct aml *aml, struct aml_node *node, const char *name,
                           struct acpi_resources *resources)
{
    struct aml_node *source = aml_find(aml, node, name);
    struct aml_value value;
    __builtin_memset(resources, 0, sizeof(*resources));
    if (source == NULL) {
        return false;
    }
    if (aml_evaluate(aml, source, NULL, 0, &value) != KAAL_OK) {
        acpi_report(aml);
        return false;
    }
    return value.type == AML_BUFFER && acpi_resources_read(value.bytes, value.count, resources);
}

static void add_device(struct aml *aml, struct aml_node *node, const struct kaal_platform *platform,
                       struct kaal_device_registry *registry)
{
    struct acpi_resources resources;
    struct kaal_device *device = kaal_registry_add(registry);
    if (device == NULL) {
        return;
    }
    read_ids(aml, node, device);
    bool given = !is_infrastructure(device) && read_resources(aml, node, "_CRS", &resources) &&
                 (resources.range_count > 0 || resources.irq_count > 0);
    if (!given) {
        registry->count--; /* nothing to give to a driver */
        return;
    }
    for (uint32_t i = 0; i < resources.range_count; i++) {
        const struct acpi_range *range = &resources.ranges[i];
        kaal_device_set_range(device, i, range->base,
                              range->bytes | (range->ports ? KAAL_DEVICE_RANGE_PORTS : 0));
    }
    for (uint32_t i = 0; i < resources.irq_count; i++) {
        struct kaal_interrupt irq;
        if (acpi_irq_of(platform, &resources.irqs[i], &irq) == KAAL_OK) {
            kaal_device_add_irq(device, &irq);
        }
    }
    device->serial = serial_number(device);
}

/*
 * The windows that a host bridge passes on: BARs that nobody has placed can go there, except where
 * a PC has VGA's memory and the ports of ISA devices and of the board, not all of which have a
 * table.
 */
static void add_windows(struct aml *aml, struct aml_node *host, struct kaal_platform *platform)
{
    struct acpi_resources resources;
    if (platform->ecam_count == 0 || !read_resources(aml, host, "_CRS", &resources)) {
        return;
    }
    struct kaal_pci_ecam *ecam = &platform->ecams[0];
    for (uint32_t i = 0; i < resources.range_count; i++) {
        const struct acpi_range *range = &resources.ranges[i];
        uint64_t legacy_end = range->ports ? LEGACY_PORTS_END : LEGACY_MEMORY_END;
        uint64_t base = range->base < legacy_end ? legacy_end : range->base;
        uint64_t end = range->base + range->bytes;
        if (range->produced && base < end && ecam->window_count < KAAL_PCI_WINDOWS_MAX) {
            ecam->windows[ecam->window_count++] = (struct kaal_pci_window){
                .paddr = base,
                .pci_address = base,
                .bytes = (end - base) | (range->ports ? KAAL_DEVICE_RANGE_PORTS : 0)};
        }
    }
}

/* Whether a device is there; without _STA it is. */
static bool is_present(struct aml *aml, struct aml_node *node)
{
    struct aml_node *status = aml_find(aml, node, "_STA");
    struct aml_value value;
    if (status == NULL) {
        return true;
    }
    if (aml_evaluate(aml, status, NULL, 0, &value) != KAAL_OK) {
        acpi_report(aml);
        return false;
    }
    return value.type == AML_INTEGER && (value.integer & (STA_PRESENT | STA_FUNCTIONING)) != 0;
}

void acpi_namespace_devices(struct aml *aml, struct kaal_platform *platform,
                            struct kaal_device_registry *registry)
{
    struct aml_node *node = aml->root.child;
    while (node != NULL) {
        bool inside = node->kind == AML_KIND_SCOPE;
        if (node->kind == AML_KIND_DEVICE) {
            inside = is_present(aml, node);
            if (inside && aml_is_host_bridge(aml, node)) {
                add_windows(aml, node, platform);
            } else if (inside && aml_find(aml, node, "_HID") != NULL) {
                add_device(aml, node, platform, registry);
            }
        }
        if (inside && node->child != NULL) {
            node = node->child;
            continue;
        }
        while (node != NULL && node->sibling == NULL) {
            node = node->parent;
        }
        node = node == NULL ? NULL : node->sibling;
    }
}
