/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: ACPI's static tables, then the devices of its namespace, then every PCI window, and the
 * interrupt lines of what was found there. The first serial port of a PC is looked for even when no
 * table names it: at its usual ports, by writing to its scratch register.
 */
#include <kaal/acpi.h>
#include <kaal/pci.h>

#include "acpi_namespace.h"

#include "discovery_internal.h"

#define COM1_PORT    0x3F8u
#define COM1_PORTS   8u
#define COM1_IRQ     4u
#define COM1_SCRATCH 7u

static const char com1_ids[] = "PNP0501\0PNP0500";
static const char hpet_ids[] = "PNP0103";
#define HPET_BYTES 1024u

/* True if something that remembers answers at COM1's scratch register; its value is kept. */
static bool com1_present(const struct kaal_discovery_access *access)
{
    if (access->port_read8 == NULL || access->port_write8 == NULL) {
        return false;
    }
    const uint16_t port = COM1_PORT + COM1_SCRATCH;
    uint8_t before = access->port_read8(access->context, port);
    bool present = true;
    const uint8_t patterns[] = {0x55, 0xAA};
    for (uint32_t i = 0; i < sizeof(patterns); i++) {
        access->port_write8(access->context, port, patterns[i]);
        present = present && access->port_read8(access->context, port) == patterns[i];
    }
    access->port_write8(access->context, port, before);
    return present;
}

static void set_id(struct kaal_device *device, const char *ids, uint32_t ids_bytes)
{
    device->ids = ids;
    device->ids_bytes = ids_bytes;
    for (uint32_t i = 0; i < KAAL_DEVICE_ID_BYTES - 1 && ids[i] != '\0'; i++) {
        device->record.id[i] = ids[i];
    }
}

/* Whether a device of the namespace is the one that is always looked for. */
static bool has_range(const struct kaal_device_registry *registry, uint64_t base, bool ports)
{
    for (uint32_t i = 0; i < registry->count; i++) {
        const struct kaal_device_range *range = &registry->devices[i].record.ranges[0];
        if (range->base == base && ((range->bytes & KAAL_DEVICE_RANGE_PORTS) != 0) == ports) {
            return true;
        }
    }
    return false;
}

static void add_com1(const struct kaal_discovery_access *access,
                     const struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    struct kaal_device *device = NULL;
    if (!has_range(registry, COM1_PORT, true) && com1_present(access)) {
        device = kaal_registry_add(registry);
    }
    if (device == NULL) {
        return;
    }
    set_id(device, com1_ids, sizeof(com1_ids));
    device->serial = 0;
    kaal_device_set_range(device, 0, COM1_PORT, COM1_PORTS | KAAL_DEVICE_RANGE_PORTS);
    struct kaal_interrupt irq;
    if (kaal_platform_isa_irq(platform, COM1_IRQ, &irq) == KAAL_OK) {
        kaal_device_add_irq(device, &irq);
    }
}

static void add_hpet(const struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    struct kaal_device *device = NULL;
    if (platform->hpet_paddr != 0 && !has_range(registry, platform->hpet_paddr, false)) {
        device = kaal_registry_add(registry);
    }
    if (device != NULL) {
        set_id(device, hpet_ids, sizeof(hpet_ids));
        kaal_device_set_range(device, 0, platform->hpet_paddr, HPET_BYTES);
    }
}

int kaal_discover(const struct kaal_bootinfo *info, const struct kaal_discovery_access *access,
                  struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    __builtin_memset(platform, 0, sizeof(*platform));
    registry->count = 0;
    registry->dropped = 0;
    static struct aml aml;
    static struct kaal_acpi_blocks blocks;
    const uint8_t *rsdp;
    uint64_t rsdp_bytes;
    blocks.count = 0;
    int error =
        kaal_bootinfo_find_extra(info, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, &rsdp, &rsdp_bytes);
    if (error != KAAL_OK) {
        struct kaal_problem problem;
        error = report(access,
                       kaal_problem_set(&problem, error,
                                        "bootinfo has no ACPI RSDP block; only COM1 can be used"),
                       &problem);
    } else {
        error = kaal_acpi_read(rsdp, rsdp_bytes, access, platform, &blocks);
    }
    bool named = blocks.count > 0 && acpi_namespace_load(&aml, &blocks, access, platform);
    if (named) {
        acpi_namespace_devices(&aml, platform, registry);
    }
    add_com1(access, platform, registry);
    add_hpet(platform, registry);
    for (uint32_t i = 0; i < platform->ecam_count; i++) {
        int ignored = kaal_pci_enumerate(&platform->ecams[i], access, registry);
        (void)ignored; /* was reported */
    }
    if (named) {
        acpi_namespace_route(&aml, platform, registry);
    }
    return error;
}
