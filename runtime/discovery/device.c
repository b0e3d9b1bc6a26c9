/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The device registry and matching. Ids are compared exactly; what a table says is never completed
 * by guessing.
 */
#include <kaal/device.h>

#include <stddef.h>

struct kaal_device *kaal_registry_add(struct kaal_device_registry *registry)
{
    if (registry->count >= KAAL_DEVICES_MAX) {
        registry->dropped++;
        return NULL;
    }
    struct kaal_device *device = &registry->devices[registry->count++];
    __builtin_memset(device, 0, sizeof(*device));
    device->serial = UINT32_MAX;
    device->record.irq = UINT32_MAX;
    return device;
}

void kaal_device_set_range(struct kaal_device *device, uint32_t index, uint64_t base,
                           uint64_t bytes)
{
    if (index >= KAAL_DEVICE_RANGES_MAX) {
        return;
    }
    device->record.ranges[index] = (struct kaal_device_range){.base = base, .bytes = bytes};
    if (index >= device->record.range_count) {
        device->record.range_count = index + 1;
    }
}

void kaal_device_add_irq(struct kaal_device *device, const struct kaal_interrupt *irq)
{
    if (device->irq_count >= KAAL_DEVICE_IRQS_MAX) {
        return;
    }
    if (device->irq_count == 0) {
        device->record.irq = irq->source;
    }
    device->irqs[device->irq_count++] = *irq;
}

/* Compares a NUL-terminated id with the bytes of an entry of a list. */
static bool id_equals(const char *id, const char *entry, uint32_t entry_bytes)
{
    for (uint32_t i = 0; i < entry_bytes; i++) {
        if (id[i] != entry[i]) {
            return false;
        }
        if (id[i] == '\0') {
            return true;
        }
    }
    return false; /* the entry is not terminated */
}

bool kaal_device_has_id(const struct kaal_device *device, const char *id)
{
    if (id[0] == '\0') {
        return false;
    }
    uint32_t at = 0;
    while (at < device->ids_bytes) {
        if (id_equals(id, device->ids + at, device->ids_bytes - at)) {
            return true;
        }
        while (at < device->ids_bytes && device->ids[at] != '\0') {
            at++;
        }
        at++;
    }
    return false;
}

/* What a selector and an entry of a declaration have in common. */
static bool matches(const struct kaal_device *device, uint32_t kind, uint32_t value, const char *id)
{
    const struct kaal_device_record *record = &device->record;
    /* Ids come from images: only look at a terminated one. */
    bool terminated = false;
    for (uint32_t i = 0; i < KAAL_DEVICE_ID_BYTES; i++) {
        terminated = terminated || id[i] == '\0';
    }
    switch (kind) {
    case KAAL_SELECT_SERIAL:
        return device->serial == value;
    case KAAL_SELECT_PCI:
        return record->bus == KAAL_BUS_PCI && record->pci_id == value;
    case KAAL_SELECT_PCI_CLASS:
        return record->bus == KAAL_BUS_PCI && record->pci_class == value;
    case KAAL_SELECT_VIRTIO:
        return value != 0 && record->virtio_id == value;
    case KAAL_SELECT_COMPATIBLE:
    case KAAL_SELECT_PNP:
        return terminated && kaal_device_has_id(device, id);
    default:
        return false;
    }
}

bool kaal_device_declared(const struct kaal_device *device,
                          const struct kaal_driver_declaration *declaration, uint32_t *match)
{
    for (uint32_t i = 0; i < declaration->match_count && i < KAAL_DRIVER_MATCHES_MAX; i++) {
        const struct kaal_driver_match *entry = &declaration->matches[i];
        if (matches(device, entry->kind, entry->value, entry->id)) {
            if (match != NULL) {
                *match = i;
            }
            return true;
        }
    }
    return false;
}

bool kaal_device_selected(const struct kaal_device *device,
                          const struct kaal_device_selector *selector,
                          const struct kaal_driver_declaration *declaration)
{
    if (selector->kind == KAAL_SELECT_AUTO) {
        return declaration != NULL && kaal_device_declared(device, declaration, NULL);
    }
    return matches(device, selector->kind, selector->value, selector->id);
}
