/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory that a driver shares with its device: pieces of the declared block, rings of descriptors,
 * and the barriers between them and the device's registers.
 *
 * The broker maps such memory cached where the device's accesses are coherent, which the reference
 * machines' are, and uncached where it is asked to (kaal_allocate_dma()); in neither case is there
 * a cache line to maintain. What is left is order: write descriptors, kaal_dma_publish(), then the
 * doorbell; read the device's index, kaal_dma_fetch(), then the descriptors and data behind it.
 *
 *     KAAL_DMA_RING(tx_ring, struct tx_descriptor, 256);
 *
 *     struct tx_ring ring;
 *     tx_ring_open(&ring, &device->dma, 16);                at start
 *     tx_ring_write(&ring, tail, (struct tx_descriptor){...});
 *     kaal_dma_publish();                                   then write the tail register
 *     kaal_dma_fetch(); done = tx_ring_read(&ring, head);   a copy: the device cannot change it
 */
#pragma once

#include <stdint.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/error.h>
#include <kaal/mmio.h>

/** Memory shared with the device. */
struct kaal_dma {
    void *memory;   /**< first byte here */
    uint64_t bytes; /**< length */
    uint64_t bus;   /**< first byte as the device addresses it */
    uint64_t used;  /**< bytes given out by kaal_dma_take() */
};

/**
 * Takes the next piece of a block, zeroed. Call kaal_dma_forget() first in a driver's start, which
 * is called again after a reset.
 *   bytes  > 0;  alignment  of the bus address, a power of two;  piece  out
 * Returns KAAL_OK, or KAAL_ERR_NO_MEMORY if the rest of the block is too small.
 */
MUST_CHECK static inline int kaal_dma_take(struct kaal_dma *block, uint64_t bytes,
                                           uint64_t alignment, struct kaal_dma *piece)
{
    uint64_t offset = align_up(block->bus + block->used, alignment) - block->bus;

    if (!range_inside(offset, bytes, block->bytes)) {
        return KAAL_ERR_NO_MEMORY;
    }
    block->used = offset + bytes;
    *piece = (struct kaal_dma){
        .memory = (char *)block->memory + offset, .bytes = bytes, .bus = block->bus + offset};
    memset(piece->memory, 0, bytes);
    return KAAL_OK;
}

/** Makes the whole block free again: the device must be stopped. */
static inline void kaal_dma_forget(struct kaal_dma *block)
{
    block->used = 0;
}

/** What was written to shared memory is there for the device before later register writes. */
static inline void kaal_dma_publish(void)
{
    dma_wmb();
}

/** What the device wrote before what was read last is seen by later reads. */
static inline void kaal_dma_fetch(void)
{
    dma_rmb();
}

/**
 * Declares `struct NAME`, a ring of descriptors in shared memory, with
 *   NAME_open(ring, block, alignment)  takes its memory: as kaal_dma_take()
 *   NAME_write(ring, index, value)     stores a descriptor; index is free-running
 *   NAME_read(ring, index)             gives a private copy of one
 *   name  as above;  type  of a descriptor;  count_  descriptors, a power of two
 */
#define KAAL_DMA_RING(name, type, count_)                                               \
    struct name {                                                                       \
        volatile type *entries; /* [count_] */                                          \
        uint64_t bus;           /* of the first */                                      \
    };                                                                                  \
    enum {                                                                              \
        name##_COUNT = (count_)                                                         \
    };                                                                                  \
    _Static_assert((count_) > 0 && ((count_) & ((count_)-1)) == 0, "a power of two");   \
    MUST_CHECK __attribute__((unused)) static inline int name##_open(                   \
        struct name *ring, struct kaal_dma *block, uint64_t alignment)                  \
    {                                                                                   \
        struct kaal_dma piece;                                                          \
        int result = kaal_dma_take(block, sizeof(type) * (count_), alignment, &piece);  \
        if (result == KAAL_OK) {                                                        \
            ring->entries = piece.memory;                                               \
            ring->bus = piece.bus;                                                      \
        }                                                                               \
        return result;                                                                  \
    }                                                                                   \
    __attribute__((unused)) static inline void name##_write(const struct name *ring,    \
                                                            uint32_t index, type value) \
    {                                                                                   \
        ring->entries[index & ((count_)-1)] = value;                                    \
    }                                                                                   \
    __attribute__((unused)) static inline type name##_read(const struct name *ring,     \
                                                           uint32_t index)              \
    {                                                                                   \
        return ring->entries[index & ((count_)-1)];                                     \
    }                                                                                   \
    _Static_assert(sizeof(type) > 0, "a descriptor")
