/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: ACPI's static tables, then every PCI window they name, and the first serial port of a PC,
 * which no static table lists: it is looked for at its usual ports by writing to its scratch
 * register, and its interrupt goes through the MADT's overrides.
 */
#include <kaal/acpi.h>
#include <kaal/pci.h>

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

static void add_com1(const struct kaal_discovery_access *access,
                     const struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    struct kaal_device *device = com1_present(access) ? kaal_registry_add(registry) : NULL;
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
    struct kaal_device *device = platform->hpet_paddr == 0 ? NULL : kaal_registry_add(registry);
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
    const uint8_t *rsdp;
    uint64_t rsdp_bytes;
    int error =
        kaal_bootinfo_find_extra(info, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, &rsdp, &rsdp_bytes);
    if (error != KAAL_OK) {
        struct kaal_problem problem;
        error = report(access,
                       kaal_problem_set(&problem, error,
                                        "bootinfo has no ACPI RSDP block; only COM1 can be used"),
                       &problem);
    } else {
        error = kaal_acpi_read(rsdp, rsdp_bytes, access, platform);
    }
    add_com1(access, platform, registry);
    add_hpet(platform, registry);
    for (uint32_t i = 0; i < platform->ecam_count; i++) {
        int ignored = kaal_pci_enumerate(&platform->ecams[i], access, registry);
        (void)ignored; /* was reported */
    }
    return error;
}
