/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtio device played by a test. Source: VIRTIO 1.2; sections at each function. */
#include "virtio_mock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG      0x100u
#define F_VERSION_1 (UINT64_C(1) << 32)
#define DRIVER_OK   4u
#define FEATURES_OK 8u

struct descriptor {
    uint64_t bus;
    uint32_t bytes;
    uint16_t flags, next;
};

static struct virtio_mock *device_of(struct kaal_mock *mock)
{
    return (struct virtio_mock *)mock;
}

/* 4.2.2 */
static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    struct virtio_mock *device = device_of(mock);
    uint64_t value = 0;

    if (device->noise != 0) {
        device->noise = device->noise * 6364136223846793005u + 1442695040888963407u;
        return device->noise >> 32;
    }
    if (offset >= CONFIG) {
        assert_true(offset - CONFIG + width <= sizeof(device->config));
        memcpy(&value, device->config + (offset - CONFIG), width);
        return value;
    }
    assert_int_equal(width, 4);
    switch (offset) {
    case 0x000:
        return 0x74726976;
    case 0x004:
        return 2;
    case 0x008:
        return device->type;
    case 0x010:
        return device->select[0] > 1
                   ? 0
                   : (uint32_t)((device->features | F_VERSION_1) >> (32 * device->select[0]));
    case 0x034:
        return device->queue < VIRTIO_MOCK_QUEUES ? VIRTIO_MOCK_ENTRIES : 0;
    case 0x044:
        return device->queues[device->queue].ready;
    case 0x060:
        return device->causes;
    case 0x070:
        return device->status;
    case 0x0fc:
        return device->generation;
    default:
        fail_msg("register %x is not to be read", (unsigned)offset);
        return 0;
    }
}

static void set_half(uint64_t *address, bool high, uint32_t half)
{
    *address = high ? (*address & UINT32_MAX) | (uint64_t)half << 32
                    : (*address & ~(uint64_t)UINT32_MAX) | half;
}

/* 2.1, 3.1.1: writing 0 resets; features are fixed once FEATURES_OK is set. */
static void write_status(struct virtio_mock *device, uint32_t status)
{
    if (status == 0 && !device->never_resets) {
        memset(device->queues, 0, sizeof(device->queues));
        device->accepted = 0;
        device->causes = 0;
    }
    if (device->never_resets) {
        return;
    }
    assert_true(status == 0 || (status & device->status) == device->status); /* none is cleared */
    if (status & FEATURES_OK && !(device->status & FEATURES_OK)) {
        assert_true(device->accepted & F_VERSION_1);
        assert_int_equal(device->accepted & ~(device->features | F_VERSION_1), 0);
    }
    device->status = status;
}

static void write_queue(struct virtio_mock *device, uint64_t offset, uint32_t word)
{
    assert_true(device->queue < VIRTIO_MOCK_QUEUES);
    switch (offset) {
    case 0x038:
        assert_true(word > 0 && word <= VIRTIO_MOCK_ENTRIES && (word & (word - 1)) == 0);
        device->queues[device->queue].entries = word;
        break;
    case 0x044:
        assert_true(device->status & FEATURES_OK); /* 3.1.1, 7: queues after features */
        device->queues[device->queue].ready = word;
        break;
    case 0x080:
    case 0x084:
        set_half(&device->queues[device->queue].descriptors, offset & 4, word);
        break;
    case 0x090:
    case 0x094:
        set_half(&device->queues[device->queue].available, offset & 4, word);
        break;
    default:
        set_half(&device->queues[device->queue].used, offset & 4, word);
    }
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    struct virtio_mock *device = device_of(mock);
    uint32_t word = (uint32_t)value;

    assert_int_equal(width, 4);
    if (device->noise != 0) {
        return;
    }
    switch (offset) {
    case 0x014:
        device->select[0] = word;
        break;
    case 0x020:
        assert_true(device->select[1] < 2 && !(device->status & FEATURES_OK));
        set_half(&device->accepted, device->select[1] == 1, word);
        break;
    case 0x024:
        device->select[1] = word;
        break;
    case 0x030:
        device->queue = word;
        break;
    case 0x038:
    case 0x044:
    case 0x080:
    case 0x084:
    case 0x090:
    case 0x094:
    case 0x0a0:
    case 0x0a4:
        write_queue(device, offset, word);
        break;
    case 0x050:
        assert_true(word < VIRTIO_MOCK_QUEUES && device->queues[word].ready);
        if (device->notified != NULL) {
            device->notified(word);
        }
        break;
    case 0x064:
        device->causes &= ~word;
        break;
    case 0x070:
        write_status(device, word);
        break;
    default:
        fail_msg("register %x is not to be written", (unsigned)offset);
    }
}

void virtio_mock_reset(struct virtio_mock *device, uint32_t type, uint64_t features,
                       void *(*memory)(uint64_t bus, uint64_t bytes),
                       void (*notified)(uint32_t queue))
{
    *device = (struct virtio_mock){
        .mock = {.read = mock_read, .write = mock_write},
        .type = type,
        .features = features,
        .memory = memory,
        .notified = notified,
        .status = 0x0f, /* an earlier driver's */
    };
}

static void *at(const struct virtio_mock *device, uint64_t bus, uint64_t bytes)
{
    void *memory = device->memory(bus, bytes);

    assert_non_null(memory);
    return memory;
}

/* 2.7.5, 2.7.6 */
bool virtio_mock_take(struct virtio_mock *device, uint32_t queue, struct virtio_mock_chain *chain)
{
    uint32_t entries = device->queues[queue].entries;
    const struct descriptor *descriptors;
    const uint16_t *available;
    uint16_t next;

    if (!(device->status & DRIVER_OK) || !device->queues[queue].ready) {
        return false;
    }
    available = at(device, device->queues[queue].available, 4 + 2 * (uint64_t)entries);
    descriptors = at(device, device->queues[queue].descriptors, 16 * (uint64_t)entries);
    if (available[1] == device->queues[queue].taken) {
        return false;
    }
    next = available[2 + device->queues[queue].taken++ % entries];
    *chain = (struct virtio_mock_chain){.head = next};
    do {
        assert_true(next < entries && chain->count < 8);
        const struct descriptor *part = &descriptors[next];
        bool writable = (part->flags & 2) != 0;
        assert_true(writable || chain->count == 0 || !chain->parts[chain->count - 1].writable);
        chain->parts[chain->count].memory = at(device, part->bus, part->bytes);
        chain->parts[chain->count].bytes = part->bytes;
        chain->parts[chain->count++].writable = writable;
        next = part->next;
        if (!(part->flags & 1)) {
            return true;
        }
    } while (true);
}

/* 2.7.8 */
void virtio_mock_finish(struct virtio_mock *device, uint32_t queue, uint16_t head, uint32_t bytes)
{
    uint32_t entries = device->queues[queue].entries;
    uint8_t *used = at(device, device->queues[queue].used, 4 + 8 * (uint64_t)entries);
    uint32_t entry[2] = {head, bytes};

    memcpy(used + 4 + 8 * (uint64_t)(device->queues[queue].finished++ % entries), entry, 8);
    memcpy(used + 2, &device->queues[queue].finished, 2);
    device->causes |= 1;
}

void virtio_mock_config_changed(struct virtio_mock *device)
{
    device->generation++;
    device->causes |= 2;
}
