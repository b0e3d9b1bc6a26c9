/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A pool of DMA memory: buffers cut from one block that is contiguous for the device. The pool's
 * records lie in storage of the caller's, so a device that writes where it should not cannot
 * corrupt them, and the block may be uncached.
 *
 * Typical sequence, at a driver's start:
 *   static struct kaal_dma_piece pieces[64];
 *   kaal_dma_pool_init(&pool, &resource->dma, pieces, 64);
 *   kaal_dma_allocate(&pool, 4096, 4096, 65536, &ring);     ring.address for us, ring.bus for it
 *   ... kaal_dma_free(&pool, &ring);
 *
 * A pool belongs to one thread. Cost: linear in the number of pieces; allocate at start-up, not on
 * the data path.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>

/** Buffers start and end at multiples of this many bytes, so that no two share a cache line. */
#define KAAL_DMA_GRANULE 64u

/** A record of the pool: a used or free part of the block. */
struct kaal_dma_piece {
    uint64_t offset; /**< of its first byte in the block */
    uint64_t bytes;  /**< length; 0 = the record is unused */
    uint32_t next;   /**< index of the piece behind it, or of the next unused record */
    bool used;       /**< somebody's buffer */
};

/** A pool; all fields are its own. */
struct kaal_dma_pool {
    struct kaal_dma_resource memory; /**< the block */
    struct kaal_dma_piece *pieces;   /**< records; the used ones in address order from index 0 */
    uint32_t unused;                 /**< first unused record, UINT32_MAX = none */
    uint64_t free_bytes;             /**< not in any buffer */
};

/** A buffer. */
struct kaal_dma_buffer {
    void *address;  /**< where the driver sees it */
    uint64_t bus;   /**< where the device sees it */
    uint64_t bytes; /**< length, a multiple of KAAL_DMA_GRANULE */
};

/**
 * Starts a pool: the whole block is free.
 *   memory  the block; vaddr, bus and bytes are multiples of KAAL_DMA_GRANULE
 *   pieces, piece_count  storage, at least 1; one more than the most buffers at a time is enough
 *   when nothing needs alignment, else twice that
 * Returns KAAL_OK, KAAL_ERR_ALIGN or KAAL_ERR_INVALID. Ownership: borrows pieces for ever.
 */
MUST_CHECK int kaal_dma_pool_init(struct kaal_dma_pool *pool,
                                  const struct kaal_dma_resource *memory,
                                  struct kaal_dma_piece *pieces, uint32_t piece_count);

/**
 * Takes a buffer at the lowest place that fits; its contents are what was there.
 *   bytes      > 0, rounded up to KAAL_DMA_GRANULE
 *   alignment  of the bus address, a power of two
 *   boundary   a power of two of which the buffer crosses no multiple (bus addresses), 0 = none
 *   buffer     out
 * Returns KAAL_OK; KAAL_ERR_INVALID (0 bytes, or more than the boundary), KAAL_ERR_ALIGN (no power
 * of two), KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SPACE (no record left).
 */
MUST_CHECK int kaal_dma_allocate(struct kaal_dma_pool *pool, uint64_t bytes, uint64_t alignment,
                                 uint64_t boundary, struct kaal_dma_buffer *buffer);

/**
 * Gives back a buffer; free neighbours become one.
 * Returns KAAL_OK; KAAL_ERR_DOUBLE_FREE if it is free already; KAAL_ERR_FOREIGN if it is not a
 * buffer of this pool.
 */
MUST_CHECK int kaal_dma_free(struct kaal_dma_pool *pool, const struct kaal_dma_buffer *buffer);

/** Bytes of the largest buffer that a call with alignment KAAL_DMA_GRANULE could get. */
uint64_t kaal_dma_largest(const struct kaal_dma_pool *pool);
