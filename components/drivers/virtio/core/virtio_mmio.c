/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The transport in registers. Source: VIRTIO 1.2, 4.2.
 */
#include "virtio.h"

static uint64_t mmio_features(const struct virtio *virtio)
{
    uint64_t features;

    virtio_mmio_write_device_features_sel(&virtio->mmio, 1);
    features = (uint64_t)virtio_mmio_read_device_features(&virtio->mmio) << 32;
    virtio_mmio_write_device_features_sel(&virtio->mmio, 0);
    return features | virtio_mmio_read_device_features(&virtio->mmio);
}

static void mmio_accept(const struct virtio *virtio, uint64_t features)
{
    virtio_mmio_write_driver_features_sel(&virtio->mmio, 1);
    virtio_mmio_write_driver_features(&virtio->mmio, (uint32_t)(features >> 32));
    virtio_mmio_write_driver_features_sel(&virtio->mmio, 0);
    virtio_mmio_write_driver_features(&virtio->mmio, (uint32_t)features);
}

static uint8_t mmio_status(const struct virtio *virtio)
{
    return (uint8_t)virtio_mmio_read_status(&virtio->mmio);
}

static void mmio_set_status(const struct virtio *virtio, uint8_t status)
{
    virtio_mmio_write_status(&virtio->mmio, status);
}

static uint32_t mmio_generation(const struct virtio *virtio)
{
    return virtio_mmio_read_config_generation(&virtio->mmio);
}

static uint32_t mmio_queue_size(const struct virtio *virtio, uint16_t index)
{
    virtio_mmio_write_queue_sel(&virtio->mmio, index);
    return virtio_mmio_read_queue_num_max(&virtio->mmio);
}

static int mmio_queue_enable(struct virtio_queue *queue, uint64_t available_bus, uint64_t used_bus)
{
    const struct virtio_mmio_registers *mmio = &queue->virtio->mmio;

    virtio_mmio_write_queue_num(mmio, queue->size);
    virtio_mmio_write_queue_desc(mmio, (uint32_t)queue->descriptors.bus);
    virtio_mmio_write_queue_desc_high(mmio, (uint32_t)(queue->descriptors.bus >> 32));
    virtio_mmio_write_queue_driver(mmio, (uint32_t)available_bus);
    virtio_mmio_write_queue_driver_high(mmio, (uint32_t)(available_bus >> 32));
    virtio_mmio_write_queue_device(mmio, (uint32_t)used_bus);
    virtio_mmio_write_queue_device_high(mmio, (uint32_t)(used_bus >> 32));
    virtio_mmio_write_queue_ready(mmio, 1);
    return KAAL_OK;
}

static void mmio_notify(const struct virtio_queue *queue)
{
    virtio_mmio_write_queue_notify(&queue->virtio->mmio, queue->index);
}

static bool mmio_interrupted(const struct virtio *virtio)
{
    uint32_t causes = virtio_mmio_read_interrupt_status(&virtio->mmio);

    virtio_mmio_write_interrupt_ack(&virtio->mmio, causes);
    return causes != 0;
}

static const struct virtio_transport mmio_transport = {
    .features = mmio_features,
    .accept = mmio_accept,
    .status = mmio_status,
    .set_status = mmio_set_status,
    .generation = mmio_generation,
    .queue_size = mmio_queue_size,
    .queue_enable = mmio_queue_enable,
    .notify = mmio_notify,
    .interrupted = mmio_interrupted,
};

int virtio_mmio_probe(struct virtio *virtio, uint32_t type)
{
    const struct kaal_window *whole = &virtio->bars[0];

    if (whole->bytes < VIRTIO_MMIO_CONFIG) {
        return KAAL_ERR_NOT_FOUND;
    }
    virtio->mmio.window = *whole;
    if (virtio_mmio_read_magic(&virtio->mmio) != VIRTIO_MMIO_MAGIC ||
        virtio_mmio_read_device_id(&virtio->mmio) != type) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (virtio_mmio_read_version(&virtio->mmio) != VIRTIO_MMIO_VERSION) {
        return KAAL_ERR_VERSION;
    }
    virtio->transport = &mmio_transport;
    return kaal_window_part(whole, VIRTIO_MMIO_CONFIG, whole->bytes - VIRTIO_MMIO_CONFIG,
                            &virtio->config);
}
