/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A first-in first-out queue of bytes in the console's private memory: what was typed ahead, and
 * what waits for the serial line. One thread, no sharing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/assert.h>

/** Capacity of a queue; a power of two. */
#define BYTE_QUEUE_BYTES 65536u

/** The queue; all zero is an empty one. Indices run free; their difference is the count. */
struct byte_queue {
    uint32_t head; /**< index of the first byte */
    uint32_t tail; /**< index after the last byte */
    uint8_t bytes[BYTE_QUEUE_BYTES];
};

/** Bytes in the queue. */
static inline uint32_t byte_queue_count(const struct byte_queue *queue)
{
    return queue->tail - queue->head;
}

/** Bytes that still fit. */
static inline uint32_t byte_queue_room(const struct byte_queue *queue)
{
    return BYTE_QUEUE_BYTES - byte_queue_count(queue);
}

/** Appends one byte; there must be room. */
static inline void byte_queue_push(struct byte_queue *queue, uint8_t byte)
{
    ASSERT(byte_queue_room(queue) > 0);
    queue->bytes[queue->tail++ % BYTE_QUEUE_BYTES] = byte;
}

/** Removes and returns the first byte; there must be one. */
static inline uint8_t byte_queue_pop(struct byte_queue *queue)
{
    ASSERT(byte_queue_count(queue) > 0);
    return queue->bytes[queue->head++ % BYTE_QUEUE_BYTES];
}

/** Empties the queue. */
static inline void byte_queue_clear(struct byte_queue *queue)
{
    queue->head = queue->tail;
}
