/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pieces form a list in address order that covers the block without gaps; two free ones never stand
 * side by side. The first piece is always record 0.
 */
#include <kaal/dma_pool.h>

#include <kaal/assert.h>
#include <kaal/bits.h>

#define NONE UINT32_MAX

static uint32_t record_take(struct kaal_dma_pool *pool)
{
    uint32_t index = pool->unused;
    if (index != NONE) {
        pool->unused = pool->pieces[index].next;
    }
    return index;
}

static void record_put(struct kaal_dma_pool *pool, uint32_t index)
{
    pool->pieces[index] = (struct kaal_dma_piece){.next = pool->unused};
    pool->unused = index;
}

int kaal_dma_pool_init(struct kaal_dma_pool *pool, const struct kaal_dma_resource *memory,
                       struct kaal_dma_piece *pieces, uint32_t piece_count)
{
    if ((memory->vaddr | memory->bus | memory->bytes) % KAAL_DMA_GRANULE != 0) {
        return KAAL_ERR_ALIGN;
    }
    if (piece_count == 0 || memory->bytes == 0 || memory->bus + memory->bytes < memory->bus) {
        return KAAL_ERR_INVALID;
    }
    *pool = (struct kaal_dma_pool){
        .memory = *memory, .pieces = pieces, .unused = NONE, .free_bytes = memory->bytes};
    for (uint32_t index = piece_count - 1; index > 0; index--) {
        record_put(pool, index);
    }
    pieces[0] = (struct kaal_dma_piece){.bytes = memory->bytes, .next = NONE};
    return KAAL_OK;
}

/* Offset of a buffer in a free piece, or UINT64_MAX if it does not fit there. */
static uint64_t place_in(const struct kaal_dma_pool *pool, const struct kaal_dma_piece *piece,
                         uint64_t bytes, uint64_t alignment, uint64_t boundary)
{
    uint64_t first = pool->memory.bus + piece->offset;
    uint64_t bus = align_up(first, alignment);
    if (boundary != 0 && bus / boundary != (bus + bytes - 1) / boundary) {
        bus = align_up(align_up(bus, boundary), alignment);
    }
    /* A step over the end of the bus addresses makes bus smaller than first. */
    bool fits = bus >= first && range_inside(bus - first, bytes, piece->bytes);
    return fits ? piece->offset + (bus - first) : UINT64_MAX;
}

/* Divides a piece at an offset inside it; the new one behind it is of the same kind. */
static void divide(struct kaal_dma_pool *pool, uint32_t index, uint64_t offset)
{
    struct kaal_dma_piece *piece = &pool->pieces[index];
    uint32_t behind = record_take(pool);
    ASSERT(behind != NONE);
    pool->pieces[behind] = (struct kaal_dma_piece){.offset = offset,
                                                   .bytes = piece->offset + piece->bytes - offset,
                                                   .next = piece->next,
                                                   .used = piece->used};
    piece->bytes = offset - piece->offset;
    piece->next = behind;
}

/* True if so many records are unused. count: at most 2 */
static bool records_left(const struct kaal_dma_pool *pool, uint32_t count)
{
    uint32_t index = pool->unused;
    for (uint32_t i = 0; i < count; i++) {
        if (index == NONE) {
            return false;
        }
        index = pool->pieces[index].next;
    }
    return true;
}

/* Makes [offset, offset + bytes) of a free piece a buffer. */
static int take(struct kaal_dma_pool *pool, uint32_t index, uint64_t offset, uint64_t bytes)
{
    const struct kaal_dma_piece *piece = &pool->pieces[index];
    bool lead = offset != piece->offset;
    bool rest = offset + bytes != piece->offset + piece->bytes;
    if (!records_left(pool, (uint32_t)lead + (uint32_t)rest)) {
        return KAAL_ERR_NO_SPACE;
    }
    if (lead) {
        divide(pool, index, offset);
        index = piece->next;
    }
    if (rest) {
        divide(pool, index, offset + bytes);
    }
    pool->pieces[index].used = true;
    pool->free_bytes -= bytes;
    return KAAL_OK;
}

int kaal_dma_allocate(struct kaal_dma_pool *pool, uint64_t bytes, uint64_t alignment,
                      uint64_t boundary, struct kaal_dma_buffer *buffer)
{
    if (!is_power_of_two(alignment) || (boundary != 0 && !is_power_of_two(boundary))) {
        return KAAL_ERR_ALIGN;
    }
    uint64_t rounded = align_up(bytes, KAAL_DMA_GRANULE);
    if (rounded == 0 || (boundary != 0 && rounded > boundary)) {
        return KAAL_ERR_INVALID;
    }
    alignment = alignment < KAAL_DMA_GRANULE ? KAAL_DMA_GRANULE : alignment;
    for (uint32_t index = 0; index != NONE; index = pool->pieces[index].next) {
        const struct kaal_dma_piece *piece = &pool->pieces[index];
        uint64_t offset =
            piece->used ? UINT64_MAX : place_in(pool, piece, rounded, alignment, boundary);
        if (offset == UINT64_MAX) {
            continue;
        }
        int error = take(pool, index, offset, rounded);
        if (error == KAAL_OK) {
            *buffer = (struct kaal_dma_buffer){
                .address = (void *)(uintptr_t)(pool->memory.vaddr + offset),
                .bus = pool->memory.bus + offset,
                .bytes = rounded,
            };
        }
        return error;
    }
    return KAAL_ERR_NO_MEMORY;
}

/* Joins a piece with the one behind it, if both are free. */
static void join(struct kaal_dma_pool *pool, uint32_t index)
{
    struct kaal_dma_piece *piece = &pool->pieces[index];
    uint32_t behind = piece->next;
    if (behind == NONE || piece->used || pool->pieces[behind].used) {
        return;
    }
    piece->bytes += pool->pieces[behind].bytes;
    piece->next = pool->pieces[behind].next;
    record_put(pool, behind);
}

int kaal_dma_free(struct kaal_dma_pool *pool, const struct kaal_dma_buffer *buffer)
{
    uint64_t offset = buffer->bus - pool->memory.bus;
    uint32_t before = NONE;
    uint32_t index = 0;
    /* The piece that holds the buffer's first byte. */
    while (index != NONE && offset - pool->pieces[index].offset >= pool->pieces[index].bytes) {
        before = index;
        index = pool->pieces[index].next;
    }
    if (index == NONE || buffer->address != (void *)(uintptr_t)(pool->memory.vaddr + offset)) {
        return KAAL_ERR_FOREIGN;
    }
    struct kaal_dma_piece *piece = &pool->pieces[index];
    if (!piece->used) {
        return KAAL_ERR_DOUBLE_FREE;
    }
    if (piece->offset != offset || piece->bytes != buffer->bytes) {
        return KAAL_ERR_FOREIGN;
    }
    piece->used = false;
    pool->free_bytes += piece->bytes;
    join(pool, index);
    if (before != NONE) {
        join(pool, before);
    }
    return KAAL_OK;
}

uint64_t kaal_dma_largest(const struct kaal_dma_pool *pool)
{
    uint64_t largest = 0;
    for (uint32_t index = 0; index != NONE; index = pool->pieces[index].next) {
        const struct kaal_dma_piece *piece = &pool->pieces[index];
        largest = !piece->used && piece->bytes > largest ? piece->bytes : largest;
    }
    return largest;
}
