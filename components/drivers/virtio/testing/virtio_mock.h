/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A virtio device played by a test, on the transport in registers (VIRTIO 1.2, 4.2): registers,
 * feature bits, configuration, and the device's side of split queues, each step of the driver's
 * checked against the specification.
 */
#pragma once

#include <kaal/registers.h>

/** Most queues of a mock device. */
#define VIRTIO_MOCK_QUEUES 4u
/** Entries that it offers for each. */
#define VIRTIO_MOCK_ENTRIES 256u

/** A request as the device finds it. */
struct virtio_mock_chain {
    uint16_t head;  /**< for virtio_mock_finish() */
    uint32_t count; /**< used entries of parts */
    struct {
        uint8_t *memory; /**< first byte */
        uint32_t bytes;  /**< length */
        bool writable;   /**< by the device */
    } parts[8];
};

/** The device. */
struct virtio_mock {
    struct kaal_mock mock; /**< for the bench; first member */
    uint32_t type;         /**< of the device */
    uint64_t features;     /**< offered, without VERSION_1 */
    uint8_t config[64];    /**< device-specific configuration */
    /** What the device reaches: NULL if not all of it is memory that it was given. */
    void *(*memory)(uint64_t bus, uint64_t bytes);
    void (*notified)(uint32_t queue); /**< the driver rang */
    uint64_t noise;                   /**< not 0: registers read as pseudo-random */
    bool never_resets;                /**< the status stays as it is */
    uint32_t select[2];               /**< device and driver feature words */
    uint64_t accepted;                /**< features that the driver accepted */
    uint32_t queue;                   /**< selected */
    uint32_t status;                  /**< 2.1 */
    uint32_t causes;                  /**< interrupt status */
    uint32_t generation;              /**< of the configuration */
    struct {
        uint32_t entries, ready;
        uint64_t descriptors, available, used;
        uint16_t taken, finished; /**< free-running */
    } queues[VIRTIO_MOCK_QUEUES];
};

/** Power on. type, features, memory, notified  as in the structure */
void virtio_mock_reset(struct virtio_mock *device, uint32_t type, uint64_t features,
                       void *(*memory)(uint64_t bus, uint64_t bytes),
                       void (*notified)(uint32_t queue));

/** Takes the next request of a queue; false if there is none, or the driver is not ready. */
bool virtio_mock_take(struct virtio_mock *device, uint32_t queue, struct virtio_mock_chain *chain);

/** Finishes a request. bytes  that the device says it wrote */
void virtio_mock_finish(struct virtio_mock *device, uint32_t queue, uint16_t head, uint32_t bytes);

/** The configuration changed: raises the interrupt. */
void virtio_mock_config_changed(struct virtio_mock *device);
