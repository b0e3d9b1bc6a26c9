/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What all virtio drivers share: the transports (PCI, registers), the start of a device, and split
 * virtqueues. A driver has a `struct virtio` and one `struct virtio_queue` for each queue:
 *
 *     probe   virtio_probe(&dev->virtio, type)
 *     start   virtio_start(...) -> virtio_queue_open(...) for each queue -> virtio_ready(...)
 *     work    virtio_queue_add(...), virtio_queue_kick(...), virtio_queue_take(...)
 *     stop    virtio_stop(...)
 *
 * What the device writes is checked before it is used; a device that lies or does not answer gives
 * KAAL_ERR_IO or KAAL_ERR_TIMEOUT, which the kit answers by a reset and another start.
 * Source: VIRTIO 1.2; sections at each function.
 */
#pragma once

#include <kaal/driver.h>

#include "virtio_regs.h"

/** Device types (chapter 5). */
enum virtio_type {
    VIRTIO_TYPE_NET = 1,
    VIRTIO_TYPE_BLOCK = 2,
    VIRTIO_TYPE_CONSOLE = 3,
    VIRTIO_TYPE_RNG = 4,
};

/** Most entries of a queue. */
#define VIRTIO_QUEUE_MAX 256u
/** DMA memory that one queue takes at most. */
#define VIRTIO_QUEUE_BYTES 8192u
/** Most descriptors of one chain. */
#define VIRTIO_SEGMENTS_MAX 8u

struct virtio_transport;

/** A virtio device; fields are the core's. */
struct virtio {
    struct kaal_window bars[6];               /**< [0] also: the transport in registers */
    struct kaal_irq irq;                      /**< for everything */
    struct kaal_dma memory;                   /**< queues, and what the driver takes */
    const struct virtio_transport *transport; /**< set by probe */
    struct virtio_mmio_registers mmio;        /**< registers: all of it */
    struct virtio_common_registers common;    /**< PCI: common configuration */
    struct virtio_isr_registers isr;          /**< PCI: interrupt status */
    struct kaal_window notify;                /**< PCI: doorbells */
    struct kaal_window config;                /**< device-specific configuration */
    uint32_t notify_multiplier;               /**< PCI: 4.1.4.4 */
    bool messages;                            /**< PCI: interrupts come by MSI-X */
};

/** The resources of a virtio driver whose structure has a `struct virtio` as `field`. */
#define VIRTIO_RESOURCES(field, dma_bytes)                        \
    KAAL_RESOURCES(KAAL_RANGE_OPTIONAL("bar0", field.bars[0], 0), \
                   KAAL_RANGE_OPTIONAL("bar1", field.bars[1], 1), \
                   KAAL_RANGE_OPTIONAL("bar2", field.bars[2], 2), \
                   KAAL_RANGE_OPTIONAL("bar3", field.bars[3], 3), \
                   KAAL_RANGE_OPTIONAL("bar4", field.bars[4], 4), \
                   KAAL_RANGE_OPTIONAL("bar5", field.bars[5], 5), \
                   KAAL_IRQ_NAMED("irq", field.irq, 0),           \
                   KAAL_DMA_NAMED("memory", field.memory, dma_bytes))

KAAL_DMA_RING(virtio_descriptors, struct virtio_descriptor, VIRTIO_QUEUE_MAX);

/** A split virtqueue (2.7); fields are the core's. */
struct virtio_queue {
    struct virtio *virtio;
    struct virtio_descriptors descriptors;
    volatile struct virtio_available *available; /**< the device reads it */
    volatile struct virtio_used *used;           /**< the device writes it */
    struct kaal_window doorbell;                 /**< PCI */
    uint16_t index;                              /**< number of the queue */
    uint16_t size;                               /**< entries, a power of two */
    uint16_t free;                               /**< descriptors in no chain */
    uint16_t first_free;                         /**< head of their list */
    uint16_t available_index;                    /**< chains given, free-running */
    uint16_t published_index;                    /**< of them, those the device was told of */
    uint16_t used_index;                         /**< chains taken back */
    uint16_t next[VIRTIO_QUEUE_MAX]; /**< private links: the device cannot change them */
    struct {
        uint32_t token;    /**< the driver's name for it */
        uint32_t writable; /**< bytes that the device may write */
        uint16_t count;    /**< descriptors, 0: no chain begins here */
    } chains[VIRTIO_QUEUE_MAX];
};

/** A part of a request: memory contiguous for the device. */
struct virtio_segment {
    uint64_t bus;   /**< first byte */
    uint32_t bytes; /**< > 0 */
};

/**
 * Finds the transport and checks the device's type.
 *   type  enum virtio_type
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (another device, or none), KAAL_ERR_VERSION (a legacy one).
 */
MUST_CHECK int virtio_probe(struct virtio *virtio, uint32_t type);

/**
 * Resets the device and agrees on features (3.1.1, steps 1 to 6); all of memory is free then.
 *   wanted  feature bits of the device's type that the driver can use;  features  out: agreed on
 * Returns KAAL_OK; KAAL_ERR_TIMEOUT (the reset does not end), KAAL_ERR_UNSUPPORTED (no VERSION_1,
 * or the device refuses the features).
 */
MUST_CHECK int virtio_start(struct virtio *virtio, uint64_t wanted, uint64_t *features);

/**
 * Makes a queue, between virtio_start() and virtio_ready().
 *   index  number of the queue;  size_max  most entries wanted, a power of two up to
 *   VIRTIO_QUEUE_MAX
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (the device has no such queue), KAAL_ERR_IO (it has one
 * of an impossible size, or refuses the interrupt), KAAL_ERR_NO_MEMORY.
 */
MUST_CHECK int virtio_queue_open(struct virtio *virtio, struct virtio_queue *queue, uint16_t index,
                                 uint16_t size_max);

/** The device may work from now on (3.1.1, step 8). */
void virtio_ready(struct virtio *virtio);

/** Resets the device: it does nothing any more. */
void virtio_stop(struct virtio *virtio);

/** Takes the device's interrupt back; true if it was this device's. */
bool virtio_interrupted(struct virtio *virtio);

/** Reads device-specific configuration (2.5). offset  of the field; absent fields read as 0. */
uint8_t virtio_config8(const struct virtio *virtio, uint32_t offset);
/** The same for a 16-bit field. */
uint16_t virtio_config16(const struct virtio *virtio, uint32_t offset);
/** The same for a 32-bit field. */
uint32_t virtio_config32(const struct virtio *virtio, uint32_t offset);
/** The same for a 64-bit field, whose halves belong together (2.5.1). */
uint64_t virtio_config64(const struct virtio *virtio, uint32_t offset);

/**
 * Gives the device a request; it learns of it by virtio_queue_kick().
 *   segments  [out_count + in_count], 1..VIRTIO_SEGMENTS_MAX: first what the device reads, then
 *   what it writes;  token  for virtio_queue_take()
 * Returns KAAL_OK or KAAL_ERR_FULL.
 */
MUST_CHECK int virtio_queue_add(struct virtio_queue *queue, const struct virtio_segment *segments,
                                uint32_t out_count, uint32_t in_count, uint32_t token);

/** Tells the device of all requests added since the last call (2.7.13). */
void virtio_queue_kick(struct virtio_queue *queue);

/**
 * Takes a finished request back (2.7.14).
 *   token  out;  bytes  out: how many the device says it wrote, at most what it could
 * Returns KAAL_OK; KAAL_ERR_EMPTY; KAAL_ERR_IO (the device finished what it was not given).
 */
MUST_CHECK int virtio_queue_take(struct virtio_queue *queue, uint32_t *token, uint32_t *bytes);

/** @cond INTERNAL */
/** What the two transports do differently. */
struct virtio_transport {
    uint64_t (*features)(const struct virtio *virtio);
    void (*accept)(const struct virtio *virtio, uint64_t features);
    uint8_t (*status)(const struct virtio *virtio);
    void (*set_status)(const struct virtio *virtio, uint8_t status);
    uint32_t (*generation)(const struct virtio *virtio);
    uint32_t (*queue_size)(const struct virtio *virtio, uint16_t index);
    int (*queue_enable)(struct virtio_queue *queue, uint64_t available_bus, uint64_t used_bus);
    void (*notify)(const struct virtio_queue *queue);
    bool (*interrupted)(const struct virtio *virtio);
};
int virtio_mmio_probe(struct virtio *virtio, uint32_t type);
int virtio_pci_probe(struct virtio *virtio);
/** @endcond */
