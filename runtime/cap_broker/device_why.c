/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Why nobody holds a device, for a person: worked out when somebody asks, from the same facts that
 * a request is decided by.
 */
#include "server_internal.h"

#include <kaal/pci_registers.h>

#define PCI_CLASS_BRIDGE 0x06u

/* Parts of the machine that no component can be given. */
static bool is_machine(const struct kaal_device *device)
{
    return device->record.bus == KAAL_BUS_PCI &&
           (device->pci.header_type != PCI_HEADER_DEVICE ||
            device->record.pci_class >> 16 == PCI_CLASS_BRIDGE);
}

/* Somebody who holds a device in the same page, or NULL. */
static const struct kaal_account *page_holder(const struct kaal_broker *broker,
                                              const struct kaal_device *device)
{
    for (uint32_t i = 0; i < broker->registry->count; i++) {
        const struct kaal_device *other = &broker->registry->devices[i];
        if (other != device && other->holder != NULL && device_shares_page(device, other)) {
            return other->holder;
        }
    }
    return NULL;
}

/* A component whose line allows the device; one that was refused it first. */
static const struct kaal_account *allowed_account(const struct kaal_broker *broker,
                                                  const struct kaal_device *device)
{
    const struct kaal_account *found = NULL;
    for (const struct kaal_account *account = broker->accounts; account != NULL;
         account = account->next) {
        if (account == device->refused_to || (found == NULL && ceiling_allows(account, device))) {
            found = account;
        }
        if (found != NULL && found == device->refused_to) {
            break;
        }
    }
    return found;
}

void kaal_broker_device_record(const struct kaal_broker *broker, const struct kaal_device *device,
                               struct kaal_device_record *record)
{
    const struct kaal_account *page = page_holder(broker, device);
    const struct kaal_account *allowed = allowed_account(broker, device);
    *record = device->record;
    record->why = KAAL_DEVICE_NO_DRIVER;
    record->refusal = KAAL_OK;
    if (device->holder != NULL) {
        record->why = KAAL_DEVICE_HELD;
    } else if (is_machine(device)) {
        record->why = KAAL_DEVICE_MACHINE;
    } else if (device->record.bus == KAAL_BUS_VIRTIO_MMIO && device->record.virtio_id == 0) {
        record->why = KAAL_DEVICE_EMPTY;
    } else if (page != NULL) {
        record->why = KAAL_DEVICE_PAGE;
        name_copy(record->other, page->ceiling->name);
    } else if (allowed != NULL) {
        bool refused = allowed == device->refused_to;
        record->why = refused ? KAAL_DEVICE_REFUSED : KAAL_DEVICE_ALLOWED;
        record->refusal = refused ? device->refusal : KAAL_OK;
        name_copy(record->other, allowed->ceiling->name);
    }
}
