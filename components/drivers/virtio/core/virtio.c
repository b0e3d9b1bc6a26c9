/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Start and stop of a virtio device, its configuration, and split virtqueues. Source: VIRTIO 1.2.
 */
#include <kaal/assert.h>
#include <kaal/broker.h>
#include <kaal/poll.h>

#include "virtio.h"

#define RESET_TIMEOUT_NS  (500 * KAAL_POLL_MS)
#define CONFIG_ROUNDS_MAX 16u

int virtio_probe(struct virtio *virtio, uint32_t type)
{
    uint32_t id;

    /* The broker matched the type of a PCI function by its id (4.1.2). */
    if (kaal_pci_config_read(0, 0, sizeof(id), &id) == KAAL_OK) {
        return virtio_pci_probe(virtio);
    }
    return virtio_mmio_probe(virtio, type);
}

/* 2.4.2: the status reads as 0 once the reset is done. */
static int reset(struct virtio *virtio)
{
    struct kaal_poll poll = kaal_poll_start(RESET_TIMEOUT_NS);

    virtio->transport->set_status(virtio, 0);
    while (virtio->transport->status(virtio) != 0) {
        if (!kaal_poll_again(&poll)) {
            return KAAL_ERR_TIMEOUT;
        }
    }
    return KAAL_OK;
}

int virtio_start(struct virtio *virtio, uint64_t wanted, uint64_t *features)
{
    const struct virtio_transport *transport = virtio->transport;
    uint8_t status = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER;
    int result = reset(virtio);

    if (result != KAAL_OK) {
        return result;
    }
    kaal_dma_forget(&virtio->memory);
    transport->set_status(virtio, VIRTIO_STATUS_ACKNOWLEDGE);
    transport->set_status(virtio, status);
    *features =
        transport->features(virtio) & (wanted | VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);
    transport->accept(virtio, *features);
    status |= VIRTIO_STATUS_FEATURES_OK;
    transport->set_status(virtio, status);
    if (!(*features & VIRTIO_F_VERSION_1) ||
        !(transport->status(virtio) & VIRTIO_STATUS_FEATURES_OK)) {
        transport->set_status(virtio, VIRTIO_STATUS_FAILED);
        return KAAL_ERR_UNSUPPORTED;
    }
    return KAAL_OK;
}

void virtio_ready(struct virtio *virtio)
{
    kaal_dma_publish();
    virtio->transport->set_status(virtio, VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER |
                                              VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_DRIVER_OK);
}

void virtio_stop(struct virtio *virtio)
{
    int ignored = reset(virtio); /* start waits again, and reports it */
    (void)ignored;
}

bool virtio_interrupted(struct virtio *virtio)
{
    return virtio->transport->interrupted(virtio);
}

static uint64_t config_field(const struct virtio *virtio, uint32_t offset, unsigned width)
{
    return range_inside(offset, width, virtio->config.bytes)
               ? kaal_window_read(&virtio->config, offset, width)
               : 0;
}

uint8_t virtio_config8(const struct virtio *virtio, uint32_t offset)
{
    return (uint8_t)config_field(virtio, offset, sizeof(uint8_t));
}

uint16_t virtio_config16(const struct virtio *virtio, uint32_t offset)
{
    return (uint16_t)config_field(virtio, offset, sizeof(uint16_t));
}

uint32_t virtio_config32(const struct virtio *virtio, uint32_t offset)
{
    return (uint32_t)config_field(virtio, offset, sizeof(uint32_t));
}

uint64_t virtio_config64(const struct virtio *virtio, uint32_t offset)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < CONFIG_ROUNDS_MAX; i++) {
        uint32_t before = virtio->transport->generation(virtio);

        value = virtio_config32(virtio, offset) | (uint64_t)virtio_config32(virtio, offset + 4)
                                                      << 32;
        if (virtio->transport->generation(virtio) == before) {
            break;
        }
    }
    return value;
}

/* ---- queues ---- */

int virtio_queue_open(struct virtio *virtio, struct virtio_queue *queue, uint16_t index,
                      uint16_t size_max)
{
    struct kaal_dma available;
    struct kaal_dma used;
    uint32_t size = virtio->transport->queue_size(virtio, index);
    int result;

    ASSERT(is_power_of_two(size_max) && size_max <= VIRTIO_QUEUE_MAX);
    if (size == 0) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (!is_power_of_two(size) || size > 32768) {
        return KAAL_ERR_IO;
    }
    *queue = (struct virtio_queue){
        .virtio = virtio, .index = index, .size = (uint16_t)(size < size_max ? size : size_max)};
    result = virtio_descriptors_open(&queue->descriptors, &virtio->memory, 16);
    if (result == KAAL_OK) {
        result = kaal_dma_take(&virtio->memory, sizeof(*queue->available) + 2u * queue->size + 2, 2,
                               &available);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(
            &virtio->memory,
            sizeof(*queue->used) + sizeof(struct virtio_used_entry) * queue->size + 2, 4, &used);
    }
    if (result != KAAL_OK) {
        return result;
    }
    queue->available = available.memory;
    queue->used = used.memory;
    queue->free = queue->size;
    for (uint16_t i = 0; i < queue->size; i++) {
        queue->next[i] = (uint16_t)(i + 1);
    }
    return virtio->transport->queue_enable(queue, available.bus, used.bus);
}

int virtio_queue_add(struct virtio_queue *queue, const struct virtio_segment *segments,
                     uint32_t out_count, uint32_t in_count, uint32_t token)
{
    uint32_t count = out_count + in_count;
    uint16_t head = queue->first_free;
    uint16_t at = head;
    uint32_t writable = 0;

    ASSERT(count > 0 && count <= VIRTIO_SEGMENTS_MAX);
    if (count > queue->free) {
        return KAAL_ERR_FULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t flags = (i < out_count ? 0 : VIRTIO_DESCRIPTOR_WRITE) |
                         (i + 1 < count ? VIRTIO_DESCRIPTOR_NEXT : 0);

        writable += i < out_count ? 0 : segments[i].bytes;
        virtio_descriptors_write(&queue->descriptors, at,
                                 (struct virtio_descriptor){.bus = segments[i].bus,
                                                            .bytes = segments[i].bytes,
                                                            .flags = (uint16_t)flags,
                                                            .next = queue->next[at]});
        at = queue->next[at];
    }
    queue->first_free = at;
    queue->free = (uint16_t)(queue->free - count);
    queue->chains[head].token = token;
    queue->chains[head].writable = writable;
    queue->chains[head].count = (uint16_t)count;
    queue->available->ring[queue->available_index & (queue->size - 1)] = head;
    queue->available_index++;
    return KAAL_OK;
}

void virtio_queue_kick(struct virtio_queue *queue)
{
    if (queue->published_index == queue->available_index) {
        return;
    }
    kaal_dma_publish(); /* descriptors before the index, 2.7.13.3.1 */
    queue->available->index = queue->published_index = queue->available_index;
    kaal_dma_publish(); /* the index before the look at the flag, 2.7.13.4.1 */
    if (!(queue->used->flags & VIRTIO_USED_NO_NOTIFY)) {
        queue->virtio->transport->notify(queue);
    }
}

/* Links the descriptors of a chain back into the free list. */
static void chain_free(struct virtio_queue *queue, uint16_t head)
{
    uint16_t count = queue->chains[head].count;
    uint16_t last = head;

    for (uint16_t i = 1; i < count; i++) {
        last = queue->next[last];
    }
    queue->next[last] = queue->first_free;
    queue->first_free = head;
    queue->free = (uint16_t)(queue->free + count);
    queue->chains[head].count = 0;
}

int virtio_queue_take(struct virtio_queue *queue, uint32_t *token, uint32_t *bytes)
{
    uint16_t news = (uint16_t)(queue->used->index - queue->used_index);
    uint16_t in_flight = (uint16_t)(queue->published_index - queue->used_index);
    volatile const struct virtio_used_entry *entry;
    uint32_t id;

    if (news == 0) {
        return KAAL_ERR_EMPTY;
    }
    if (news > in_flight) {
        return KAAL_ERR_IO;
    }
    kaal_dma_fetch(); /* the index before the entry, 2.7.14 */
    entry = &queue->used->ring[queue->used_index & (queue->size - 1)];
    id = entry->id;
    *bytes = entry->bytes;
#ifdef KAAL_PLANTED_BUG_VIRTIO
    id &= 0x1ff; /* the fuzzer's self-test builds this: twice the largest queue */
#else
    if (id >= queue->size) {
        return KAAL_ERR_IO;
    }
#endif
    if (queue->chains[id].count == 0 || *bytes > queue->chains[id].writable) {
        return KAAL_ERR_IO;
    }
    queue->used_index++;
    *token = queue->chains[id].token;
    chain_free(queue, (uint16_t)id);
    return KAAL_OK;
}
