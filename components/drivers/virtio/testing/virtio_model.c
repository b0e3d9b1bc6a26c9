/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The transport in registers as a device sees it: VIRTIO 1.2, 4.2.2, 2.7, and 5.2 for the requests.
 */
#include "virtio_model.h"

#include <string.h>

enum {
    MAGIC = 0x00,
    VERSION = 0x04,
    DEVICE_ID = 0x08,
    FEATURES = 0x10,
    FEATURES_SELECT = 0x14,
    QUEUE_SELECT = 0x30,
    QUEUE_MAX = 0x34,
    QUEUE_SIZE = 0x38,
    QUEUE_READY = 0x44,
    NOTIFY = 0x50,
    INTERRUPT_STATUS = 0x60,
    INTERRUPT_ACK = 0x64,
    STATUS = 0x70,
    DESCRIPTORS = 0x80,
    AVAILABLE = 0x90,
    USED = 0xa0,
    CONFIG = 0x100
};

#define QUEUE_ENTRIES    64u
#define FEATURES_LOW     (1u << 6 | 1u << 9) /* BLK_SIZE, FLUSH */
#define FEATURES_HIGH    3u                  /* VERSION_1, ACCESS_PLATFORM */
#define SEGMENTS_MAX     8u
#define STATUS_RUNNING   4u
#define DESCRIPTOR_NEXT  1u
#define DESCRIPTOR_WRITE 2u
#define TYPE_BLOCK       2u

struct descriptor {
    uint64_t bus;
    uint32_t bytes;
    uint16_t flags, next;
};

static struct block_model the_model;
/* A queue from the moment it is ready. */
static struct queue {
    uint32_t size;
    uint64_t descriptors, available, used;
    uint16_t taken; /* entries of the available ring so far */
} queues[2];

static uint32_t device_type;

static void power_on(struct block_model *model)
{
    uint8_t config[64] = {0};

    memset(model->registers, 0, sizeof(model->registers));
    block_model_set(model, MAGIC, 4, 0x74726976);
    block_model_set(model, VERSION, 4, 2);
    block_model_set(model, DEVICE_ID, 4, device_type);
    block_model_set(model, FEATURES, 4, FEATURES_LOW);
    block_model_set(model, QUEUE_MAX, 4, QUEUE_ENTRIES);
    memcpy(model->registers + CONFIG, config, sizeof(config));
    block_model_set(model, CONFIG, 8, BLOCK_MODEL_DISK_BYTES / 512);
    block_model_set(model, CONFIG + 20, 4, 512);
    memset(queues, 0, sizeof(queues));
}

static uint64_t address(const struct block_model *model, uint64_t offset)
{
    return block_model_get(model, offset, 8);
}

/* One request; returns how many bytes were written into memory. */
static uint32_t perform(struct block_model *model, const struct descriptor *parts, uint32_t count)
{
    const uint8_t *header = block_model_memory(model, parts[0].bus, 16);
    uint8_t *status = block_model_memory(model, parts[count - 1].bus, 1);
    uint32_t type;
    uint64_t sector;
    bool good = !model->failing;
    uint32_t written = 1;

    if (header == NULL || status == NULL || count < 2) {
        return 0;
    }
    memcpy(&type, header, sizeof(type));
    memcpy(&sector, header + 8, sizeof(sector));
    for (uint32_t i = 1; i + 1 < count; i++) {
        good = block_model_transfer(model, type == 1, sector * 512, parts[i].bytes, parts[i].bus) &&
               good;
        written += type == 0 ? parts[i].bytes : 0;
        sector += parts[i].bytes / 512;
    }
    *status = good ? 0 : 1;
    return written;
}

/* Follows a chain; returns how many descriptors it has, 0 if it leaves memory or is too long. */
static uint32_t follow(struct block_model *model, const struct queue *queue, uint16_t head,
                       struct descriptor *parts)
{
    uint32_t count = 0;
    uint16_t at = head;

    do {
        const struct descriptor *from =
            block_model_memory(model, queue->descriptors + at * sizeof(*from), sizeof(*from));
        if (from == NULL || count == SEGMENTS_MAX) {
            return 0;
        }
        parts[count] = *from;
        at = from->next;
    } while (parts[count++].flags & DESCRIPTOR_NEXT);
    return count;
}

static struct queue *running(const struct block_model *model, uint32_t index)
{
    struct queue *queue = &queues[index % 2];
    bool runs = (block_model_get(model, STATUS, 4) & STATUS_RUNNING) != 0;

    return runs && queue->size != 0 && queue->size <= QUEUE_ENTRIES ? queue : NULL;
}

/* The next chain of a queue; false if there is none. */
static bool next(struct block_model *model, struct queue *queue, uint16_t *head)
{
    uint16_t *available = block_model_memory(model, queue->available, 4 + 2 * queue->size);

    if (available == NULL || queue->taken == available[1]) {
        return false;
    }
    *head = available[2 + queue->taken++ % queue->size];
    return true;
}

static void finish(struct block_model *model, const struct queue *queue, uint32_t head,
                   uint32_t bytes)
{
    uint16_t *used = block_model_memory(model, queue->used, 4 + 8 * queue->size);
    uint32_t entry[2] = {head, bytes};

    if (used == NULL) {
        return;
    }
    memcpy((uint8_t *)used + 4 + 8 * (used[1] % queue->size), entry, sizeof(entry));
    used[1]++;
    model->interrupting = true;
    block_model_set(model, INTERRUPT_STATUS, 4, 1);
}

static void work(struct block_model *model)
{
    struct queue *queue = running(model, 0);
    uint16_t head;

    while (device_type == TYPE_BLOCK && !model->silent && queue != NULL &&
           next(model, queue, &head)) {
        struct descriptor parts[SEGMENTS_MAX];
        uint32_t count = follow(model, queue, head, parts);

        finish(model, queue, head, count == 0 ? 0 : perform(model, parts, count));
    }
}

bool virtio_model_finish(struct block_model *model, uint32_t index, uint8_t fill, uint32_t head_lie,
                         uint32_t bytes_lie)
{
    struct descriptor parts[SEGMENTS_MAX];
    struct queue *queue = running(model, index);
    uint32_t written = 0;
    uint16_t head;

    if (queue == NULL || !next(model, queue, &head)) {
        return false;
    }
    for (uint32_t i = 0, count = follow(model, queue, head, parts); i < count; i++) {
        void *memory = block_model_memory(model, parts[i].bus, parts[i].bytes);
        if (memory != NULL && (parts[i].flags & DESCRIPTOR_WRITE)) {
            memset(memory, fill, parts[i].bytes);
            written += parts[i].bytes;
        }
    }
    finish(model, queue, head + head_lie, written + bytes_lie);
    return true;
}

static void latch(const struct block_model *model)
{
    queues[block_model_get(model, QUEUE_SELECT, 4) % 2] =
        (struct queue){.size = (uint32_t)block_model_get(model, QUEUE_SIZE, 4),
                       .descriptors = address(model, DESCRIPTORS),
                       .available = address(model, AVAILABLE),
                       .used = address(model, USED)};
}

static void written(struct block_model *model, uint64_t offset, unsigned width, uint64_t value)
{
    (void)width;
    switch (offset) {
    case FEATURES_SELECT:
        block_model_set(model, FEATURES, 4, value == 0 ? FEATURES_LOW : FEATURES_HIGH);
        break;
    case STATUS:
        if (value == 0) {
            power_on(model);
        }
        break;
    case INTERRUPT_ACK:
        block_model_set(model, INTERRUPT_STATUS, 4, 0);
        break;
    case QUEUE_READY:
        latch(model);
        break;
    case NOTIFY:
        work(model);
        break;
    default:
        break;
    }
}

struct block_model *virtio_model(uint32_t type)
{
    device_type = type;
    the_model.power_on = power_on;
    the_model.written = written;
    the_model.work = work;
    the_model.mock.absent = 0x3e; /* bar1 to bar5 */
    return &the_model;
}

struct block_model *virtio_block_model(void)
{
    return virtio_model(TYPE_BLOCK);
}
