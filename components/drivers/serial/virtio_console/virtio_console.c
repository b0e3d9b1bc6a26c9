/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio console, port 0: a queue each way. What is in a queue is lost when the device is
 * reset, so each has one byte at most: then a restart of this driver leaves no more than that in
 * doubt, as the class promises. Source: VIRTIO 1.2, 5.3.
 */
#include <kaal/class/serial.h>

#include "virtio.h"

#define RECEIVE_QUEUE  0
#define TRANSMIT_QUEUE 1

struct virtio_console {
    struct virtio virtio;
    struct virtio_queue receive, transmit;
    struct kaal_dma receive_byte, transmit_byte;
};

static int virtio_console_probe(struct virtio_console *console)
{
    return virtio_probe(&console->virtio, VIRTIO_TYPE_CONSOLE);
}

static int side_open(struct virtio_console *console, struct virtio_queue *queue, uint16_t index,
                     struct kaal_dma *byte)
{
    int result = virtio_queue_open(&console->virtio, queue, index, 1);

    return result == KAAL_OK ? kaal_dma_take(&console->virtio.memory, 1, 64, byte) : result;
}

static int give(struct virtio_queue *queue, const struct kaal_dma *byte, uint32_t out, uint32_t in)
{
    struct virtio_segment segment = {.bus = byte->bus, .bytes = 1};
    int result = virtio_queue_add(queue, &segment, out, in, 0);

    virtio_queue_kick(queue);
    return result;
}

static int virtio_console_start(struct virtio_console *console)
{
    uint64_t features;
    int result = virtio_start(&console->virtio, 0, &features);

    if (result == KAAL_OK) {
        result = side_open(console, &console->receive, RECEIVE_QUEUE, &console->receive_byte);
    }
    if (result == KAAL_OK) {
        result = side_open(console, &console->transmit, TRANSMIT_QUEUE, &console->transmit_byte);
    }
    if (result == KAAL_OK) {
        virtio_ready(&console->virtio);
        result = give(&console->receive, &console->receive_byte, 0, 1);
    }
    return result;
}

static void virtio_console_stop(struct virtio_console *console)
{
    virtio_stop(&console->virtio);
}

static bool virtio_console_interrupted(struct virtio_console *console)
{
    return virtio_interrupted(&console->virtio);
}

static bool virtio_console_receive(struct virtio_console *console, uint8_t *byte)
{
    uint32_t token;
    uint32_t bytes;

    if (virtio_queue_take(&console->receive, &token, &bytes) != KAAL_OK) {
        return false;
    }
    *byte = *(volatile uint8_t *)console->receive_byte.memory;
    return give(&console->receive, &console->receive_byte, 0, 1) == KAAL_OK && bytes == 1;
}

static size_t virtio_console_transmit_room(struct virtio_console *console)
{
    uint32_t token;
    uint32_t bytes;
    int ignored = virtio_queue_take(&console->transmit, &token, &bytes);

    (void)ignored; /* what counts is whether the queue is free now */
    return console->transmit.free;
}

static void virtio_console_transmit(struct virtio_console *console, uint8_t byte)
{
    *(volatile uint8_t *)console->transmit_byte.memory = byte;
    int ignored = give(&console->transmit, &console->transmit_byte, 1, 0); /* there was room */
    (void)ignored;
}

KAAL_SERIAL_DRIVER(virtio_console, KAAL_MATCH(KAAL_VIRTIO(VIRTIO_TYPE_CONSOLE)),
                   VIRTIO_RESOURCES(virtio, 2 * VIRTIO_QUEUE_BYTES), .probe = virtio_console_probe,
                   .start = virtio_console_start, .stop = virtio_console_stop,
                   .reset = virtio_console_stop, .interrupted = virtio_console_interrupted,
                   .receive = virtio_console_receive, .transmit_room = virtio_console_transmit_room,
                   .transmit = virtio_console_transmit);
