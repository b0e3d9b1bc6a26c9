/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio entropy device: one queue of buffers that the device fills. Source: VIRTIO 1.2, 5.4.
 */
#include <kaal/class/rng.h>

#include "virtio.h"

#define REQUEST_QUEUE 0
#define BUFFER_BYTES  256u

struct virtio_rng {
    struct virtio virtio;
    struct virtio_queue queue;
    struct kaal_dma buffer;
};

static int virtio_rng_probe(struct virtio_rng *rng)
{
    return virtio_probe(&rng->virtio, VIRTIO_TYPE_RNG);
}

static int virtio_rng_start(struct virtio_rng *rng)
{
    uint64_t features;
    int result = virtio_start(&rng->virtio, 0, &features);

    if (result == KAAL_OK) {
        result = virtio_queue_open(&rng->virtio, &rng->queue, REQUEST_QUEUE, 1);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(&rng->virtio.memory, BUFFER_BYTES, 64, &rng->buffer);
    }
    if (result == KAAL_OK) {
        virtio_ready(&rng->virtio);
    }
    return result;
}

static void virtio_rng_stop(struct virtio_rng *rng)
{
    virtio_stop(&rng->virtio);
}

static bool virtio_rng_interrupted(struct virtio_rng *rng)
{
    return virtio_interrupted(&rng->virtio);
}

static int virtio_rng_request(struct virtio_rng *rng)
{
    struct virtio_segment buffer = {.bus = rng->buffer.bus, .bytes = BUFFER_BYTES};
    int result = virtio_queue_add(&rng->queue, &buffer, 0, 1, 0);

    virtio_queue_kick(&rng->queue);
    return result;
}

static int virtio_rng_take(struct virtio_rng *rng, uint8_t **bytes, uint32_t *count)
{
    uint32_t token;

    *bytes = rng->buffer.memory;
    return virtio_queue_take(&rng->queue, &token, count);
}

KAAL_RNG_DRIVER(virtio_rng, KAAL_MATCH(KAAL_VIRTIO(VIRTIO_TYPE_RNG)),
                VIRTIO_RESOURCES(virtio, VIRTIO_QUEUE_BYTES), .probe = virtio_rng_probe,
                .start = virtio_rng_start, .stop = virtio_rng_stop, .reset = virtio_rng_stop,
                .interrupted = virtio_rng_interrupted, .request = virtio_rng_request,
                .take = virtio_rng_take);
