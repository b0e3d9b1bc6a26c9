/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The PCI transport: structures named by capabilities lie in whichever BAR the device likes. One
 * MSI-X vector serves configuration and queues; without MSI-X the interrupt is the function's line.
 * Source: VIRTIO 1.2, 4.1.
 */
#include <kaal/broker.h>

#include "virtio.h"

#define NO_VECTOR 0xffffu

static uint64_t pci_features(const struct virtio *virtio)
{
    uint64_t features;

    virtio_common_write_device_feature_select(&virtio->common, 1);
    features = (uint64_t)virtio_common_read_device_feature(&virtio->common) << 32;
    virtio_common_write_device_feature_select(&virtio->common, 0);
    return features | virtio_common_read_device_feature(&virtio->common);
}

static void pci_accept(const struct virtio *virtio, uint64_t features)
{
    virtio_common_write_driver_feature_select(&virtio->common, 1);
    virtio_common_write_driver_feature(&virtio->common, (uint32_t)(features >> 32));
    virtio_common_write_driver_feature_select(&virtio->common, 0);
    virtio_common_write_driver_feature(&virtio->common, (uint32_t)features);
}

static uint8_t pci_status(const struct virtio *virtio)
{
    return virtio_common_read_device_status(&virtio->common);
}

static void pci_set_status(const struct virtio *virtio, uint8_t status)
{
    virtio_common_write_device_status(&virtio->common, status);
}

static uint32_t pci_generation(const struct virtio *virtio)
{
    return virtio_common_read_config_generation(&virtio->common);
}

static uint32_t pci_queue_size(const struct virtio *virtio, uint16_t index)
{
    if (index >= virtio_common_read_num_queues(&virtio->common)) {
        return 0;
    }
    virtio_common_write_queue_select(&virtio->common, index);
    return virtio_common_read_queue_size(&virtio->common);
}

static int pci_queue_enable(struct virtio_queue *queue, uint64_t available_bus, uint64_t used_bus)
{
    const struct virtio_common_registers *common = &queue->virtio->common;
    uint64_t doorbell =
        (uint64_t)virtio_common_read_queue_notify_off(common) * queue->virtio->notify_multiplier;

    virtio_common_write_queue_size(common, queue->size);
    if (queue->virtio->messages) {
        virtio_common_write_config_msix_vector(common, 0);
        virtio_common_write_queue_msix_vector(common, 0);
        if (virtio_common_read_queue_msix_vector(common) == NO_VECTOR) {
            return KAAL_ERR_IO;
        }
    }
    virtio_common_write_queue_desc(common, (uint32_t)queue->descriptors.bus);
    virtio_common_write_queue_desc_high(common, (uint32_t)(queue->descriptors.bus >> 32));
    virtio_common_write_queue_driver(common, (uint32_t)available_bus);
    virtio_common_write_queue_driver_high(common, (uint32_t)(available_bus >> 32));
    virtio_common_write_queue_device(common, (uint32_t)used_bus);
    virtio_common_write_queue_device_high(common, (uint32_t)(used_bus >> 32));
    virtio_common_write_queue_enable(common, 1);
    if (kaal_window_part(&queue->virtio->notify, doorbell & ~UINT64_C(3), sizeof(uint32_t),
                         &queue->doorbell) != KAAL_OK) {
        return KAAL_ERR_IO;
    }
    kaal_arch_window_move(&queue->doorbell, doorbell & 2);
    return KAAL_OK;
}

static void pci_notify(const struct virtio_queue *queue)
{
    kaal_window_write(&queue->doorbell, 0, sizeof(uint16_t), queue->index);
}

/* A message says by itself whose it is, and need not be taken back. */
static bool pci_interrupted(const struct virtio *virtio)
{
    return virtio->messages || virtio_isr_read_status(&virtio->isr) != 0;
}

static const struct virtio_transport pci_transport = {
    .features = pci_features,
    .accept = pci_accept,
    .status = pci_status,
    .set_status = pci_set_status,
    .generation = pci_generation,
    .queue_size = pci_queue_size,
    .queue_enable = pci_queue_enable,
    .notify = pci_notify,
    .interrupted = pci_interrupted,
};

static uint32_t config_read(uint32_t offset, uint32_t width)
{
    uint32_t value = 0;

    return kaal_pci_config_read(0, offset, width, &value) == KAAL_OK ? value : 0;
}

/* Opens the structure of a capability, unless an earlier one of its type is open already. */
static void open_structure(struct virtio *virtio, uint32_t at)
{
    uint32_t type = config_read(at + 3, 1);
    uint32_t bar = config_read(at + 4, 1);
    uint64_t needed = 0;
    struct kaal_window *window;

    switch (type) {
    case VIRTIO_PCI_COMMON:
        window = &virtio->common.window;
        needed = sizeof(*virtio->common.extent);
        break;
    case VIRTIO_PCI_NOTIFY:
        window = &virtio->notify;
        break;
    case VIRTIO_PCI_ISR:
        window = &virtio->isr.window;
        needed = sizeof(*virtio->isr.extent);
        break;
    case VIRTIO_PCI_DEVICE:
        window = &virtio->config;
        break;
    default:
        return;
    }
    uint64_t bytes = config_read(at + 12, 4);
    if (window->bytes != 0 || bar >= ARRAY_COUNT(virtio->bars) || bytes < needed ||
        kaal_window_part(&virtio->bars[bar], config_read(at + 8, 4), bytes, window) != KAAL_OK) {
        return;
    }
    if (type == VIRTIO_PCI_NOTIFY) {
        virtio->notify_multiplier = config_read(at + 16, 4);
    }
}

int virtio_pci_probe(struct virtio *virtio)
{
    uint32_t at = config_read(VIRTIO_PCI_CAPABILITIES, 1) & 0xfcu;

    for (uint32_t i = 0; i < VIRTIO_PCI_CAPS_MAX && at >= 0x40; i++) {
        uint32_t header = config_read(at, 4);
        if ((header & 0xffu) == VIRTIO_PCI_CAP_VENDOR) {
            open_structure(virtio, at);
        } else if ((header & 0xffu) == VIRTIO_PCI_CAP_MSIX) {
            virtio->messages = (header >> 16 & VIRTIO_PCI_MSIX_ENABLED) != 0;
        }
        at = header >> 8 & 0xfcu;
    }
    virtio->transport = &pci_transport;
    return virtio->common.window.bytes != 0 && virtio->notify.bytes != 0 &&
                   virtio->isr.window.bytes != 0
               ? KAAL_OK
               : KAAL_ERR_NOT_FOUND;
}
