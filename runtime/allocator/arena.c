/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Objects in chunks. The kernel fills an untyped from its start, aligning each run of objects to
 * their size; `used` of a chunk follows that exactly, so it is known before a Retype whether the
 * objects fit. A chunk is never filled by a Retype that could fail half way: one Retype makes all
 * objects of a request.
 */
#include <kaal/arena.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/sel4_error.h>
#include <kaal/vspace.h>

#define PAGE_BITS 12u

/* Memory of an arena. */
struct kaal_arena_chunk {
    struct kaal_arena_chunk *next;
    struct kaal_untyped *untyped;
    uint64_t used; /* bytes up to the kernel's free index */
};
static_assert(sizeof(struct kaal_arena_chunk) <= KAAL_RECORD_BYTES, "shared storage");

/* A run of slots: of objects (emptied by revoking the chunk) or loose (deleted one by one). */
struct kaal_arena_extent {
    struct kaal_arena_extent *next;
    seL4_CPtr first;
    uint32_t count;
    bool loose;
};
static_assert(sizeof(struct kaal_arena_extent) <= KAAL_RECORD_BYTES, "shared storage");

/* How many of the newest chunks are searched for room: bounds the cost of an allocation. */
#define CHUNKS_SEARCHED 4u

int kaal_usage_charge(struct kaal_usage *usage, uint64_t bytes, uint32_t slots, uint32_t frames)
{
    if (usage->bytes_max != 0 &&
        (usage->bytes > usage->bytes_max || bytes > usage->bytes_max - usage->bytes)) {
        return KAAL_ERR_QUOTA_MEMORY;
    }
    if (usage->slots_max != 0 &&
        (usage->slots > usage->slots_max || slots > usage->slots_max - usage->slots)) {
        return KAAL_ERR_QUOTA_SLOTS;
    }
    usage->bytes += bytes;
    usage->slots += slots;
    usage->frames += frames;
    return KAAL_OK;
}

void kaal_usage_refund(struct kaal_usage *usage, uint64_t bytes, uint32_t slots, uint32_t frames)
{
    ASSERT(usage->bytes >= bytes);
    ASSERT(usage->slots >= slots);
    ASSERT(usage->frames >= frames);
    usage->bytes -= bytes;
    usage->slots -= slots;
    usage->frames -= frames;
}

int kaal_usage_charge_interrupt(struct kaal_usage *usage)
{
    if (usage->interrupts >= usage->interrupts_max) {
        return KAAL_ERR_QUOTA_INTERRUPTS;
    }
    usage->interrupts++;
    return KAAL_OK;
}

void kaal_usage_refund_interrupt(struct kaal_usage *usage)
{
    ASSERT(usage->interrupts > 0);
    usage->interrupts--;
}

static int charge(struct kaal_arena *arena, uint64_t bytes, uint32_t slots, uint32_t frames)
{
    int error = kaal_usage_charge(arena->usage, bytes, slots, frames);
    if (error == KAAL_OK) {
        arena->held.bytes += bytes;
        arena->held.slots += slots;
        arena->held.frames += frames;
    }
    return error;
}

static void refund(struct kaal_arena *arena, uint64_t bytes, uint32_t slots, uint32_t frames)
{
    kaal_usage_refund(arena->usage, bytes, slots, frames);
    arena->held.bytes -= bytes;
    arena->held.slots -= slots;
    arena->held.frames -= frames;
}

void kaal_arena_init(struct kaal_arena *arena, struct kaal_untyped_manager *manager,
                     struct kaal_usage *usage)
{
    *arena = (struct kaal_arena){
        .manager = manager, .usage = usage, .chunk_bits = KAAL_ARENA_CHUNK_BITS};
}

void kaal_arena_init_tight(struct kaal_arena *arena, struct kaal_untyped_manager *manager,
                           struct kaal_usage *usage)
{
    kaal_arena_init(arena, manager, usage);
    arena->chunk_bits = KAAL_UNTYPED_BITS_MIN;
}

static uint32_t log2_up(uint64_t value)
{
    return value <= 1 ? 0 : 64 - (uint32_t)__builtin_clzll(value - 1);
}

/* Adds a chunk of 2^bits bytes; alignment_bits as for the manager. */
static int add_chunk(struct kaal_arena *arena, uint32_t bits, uint32_t alignment_bits)
{
    struct kaal_arena_chunk *chunk = kaal_record_take(arena->manager);
    if (chunk == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    int error =
        kaal_untyped_allocate_aligned(arena->manager, bits, alignment_bits, &chunk->untyped);
    if (error != KAAL_OK) {
        kaal_record_put(arena->manager, chunk);
        return error;
    }
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->chunk_count++;
    return KAAL_OK;
}

static void remove_newest_chunk(struct kaal_arena *arena)
{
    struct kaal_arena_chunk *chunk = arena->chunks;
    arena->chunks = chunk->next;
    arena->chunk_count--;
    int error = kaal_untyped_free(arena->manager, chunk->untyped);
    ASSERT(error == KAAL_OK);
    kaal_record_put(arena->manager, chunk);
}

int kaal_arena_reserve(struct kaal_arena *arena, uint64_t bytes)
{
    if (bytes == 0 || bytes > BIT64(KAAL_UNTYPED_BITS_MAX)) {
        return KAAL_ERR_INVALID;
    }
    uint32_t bits = log2_up(bytes);
    return add_chunk(arena, bits < PAGE_BITS ? PAGE_BITS : bits, 0);
}

/* Offset at which the kernel would place objects in a chunk, or UINT64_MAX if they do not fit. */
static uint64_t place_in(const struct kaal_arena_chunk *chunk, uint32_t object_bits, uint32_t count)
{
    uint64_t chunk_bytes = BIT64(chunk->untyped->bits);
    uint64_t offset = align_up(chunk->used, BIT64(object_bits));
    return range_inside(offset, (uint64_t)count << object_bits, chunk_bytes) ? offset : UINT64_MAX;
}

/* A chunk with room, perhaps a new one. */
static int find_chunk(struct kaal_arena *arena, uint32_t object_bits, uint32_t count,
                      struct kaal_arena_chunk **found)
{
    unsigned searched = 0;
    for (struct kaal_arena_chunk *chunk = arena->chunks;
         chunk != NULL && searched < CHUNKS_SEARCHED; chunk = chunk->next, searched++) {
        if (place_in(chunk, object_bits, count) != UINT64_MAX) {
            *found = chunk;
            return KAAL_OK;
        }
    }
    uint32_t bits = log2_up((uint64_t)count << object_bits);
    int error = add_chunk(arena, bits < arena->chunk_bits ? arena->chunk_bits : bits, 0);
    if (error == KAAL_ERR_NO_MEMORY && bits < arena->chunk_bits) {
        error = add_chunk(arena, bits < PAGE_BITS ? PAGE_BITS : bits, 0); /* nearly exhausted */
    }
    *found = arena->chunks;
    return error;
}

/* A run of slots, recorded in the arena; the CSpace grows when few are left. */
static int take_slots(struct kaal_arena *arena, uint32_t count, bool loose, seL4_CPtr *first)
{
    struct kaal_cspace *cspace = arena->manager->cspace;
    if (cspace->free_count < count + KAAL_CSPACE_RESERVE) {
        /* A failure shows below, when there really is no slot. */
        int ignored = kaal_cspace_expand(cspace, arena->manager);
        (void)ignored;
    }
    int error = kaal_cspace_allocate_run(cspace, count, first);
    if (error == KAAL_ERR_NO_SLOT && kaal_cspace_expand(cspace, arena->manager) == KAAL_OK) {
        error = kaal_cspace_allocate_run(cspace, count, first);
    }
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_arena_extent *newest = arena->extents;
    if (newest != NULL && newest->loose == loose && newest->first + newest->count == *first) {
        newest->count += count;
        return KAAL_OK;
    }
    struct kaal_arena_extent *extent = kaal_record_take(arena->manager);
    if (extent == NULL) {
        (void)kaal_cspace_free_run(cspace, *first, count);
        return KAAL_ERR_NO_SPACE;
    }
    *extent =
        (struct kaal_arena_extent){.next = newest, .first = *first, .count = count, .loose = loose};
    arena->extents = extent;
    return KAAL_OK;
}

/* Undoes the last take_slots(). */
static void return_slots(struct kaal_arena *arena, uint32_t count)
{
    struct kaal_arena_extent *extent = arena->extents;
    extent->count -= count;
    (void)kaal_cspace_free_run(arena->manager->cspace, extent->first + extent->count, count);
    if (extent->count == 0) {
        arena->extents = extent->next;
        kaal_record_put(arena->manager, extent);
    }
}

static uint32_t frames_in(seL4_Word type, uint32_t object_bits, uint32_t count)
{
    bool is_frame = object_bits >= PAGE_BITS && type == kaal_frame_type(object_bits);
    return is_frame ? count << (object_bits - PAGE_BITS) : 0;
}

/* Makes objects in a chunk that has room; everything but the charge. */
static int make_objects(struct kaal_arena *arena, struct kaal_arena_chunk *chunk, seL4_Word type,
                        seL4_Word size_bits, uint32_t object_bits, uint32_t count, seL4_CPtr *first)
{
    int error = take_slots(arena, count, false, first);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_cspace_retype(arena->manager->cspace, chunk->untyped->cap, type, size_bits, *first,
                               count);
    if (error != KAAL_OK) {
        return_slots(arena, count);
        return KAAL_ERR_KERNEL;
    }
    chunk->used = place_in(chunk, object_bits, count) + ((uint64_t)count << object_bits);
    return KAAL_OK;
}

int kaal_arena_allocate(struct kaal_arena *arena, seL4_Word type, seL4_Word size_bits,
                        uint32_t count, seL4_CPtr *first)
{
    uint32_t object_bits;
    if (count == 0 || count > seL4_UntypedRetypeMaxObjects ||
        kaal_object_bits(type, size_bits, &object_bits) != KAAL_OK) {
        return KAAL_ERR_INVALID;
    }
    uint64_t bytes = (uint64_t)count << object_bits;
    uint32_t frames = frames_in(type, object_bits, count);
    int error = charge(arena, bytes, count, frames);
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_arena_chunk *before = arena->chunks;
    struct kaal_arena_chunk *chunk;
    error = find_chunk(arena, object_bits, count, &chunk);
    if (error == KAAL_OK) {
        error = make_objects(arena, chunk, type, size_bits, object_bits, count, first);
        if (error != KAAL_OK && arena->chunks != before) {
            remove_newest_chunk(arena);
        }
    }
    if (error != KAAL_OK) {
        refund(arena, bytes, count, frames);
    }
    return error;
}

int kaal_arena_allocate_dma(struct kaal_arena *arena, uint64_t bytes, uint64_t alignment,
                            seL4_CPtr *first, uint32_t *count, uint64_t *paddr)
{
    if (!is_power_of_two(alignment) || alignment > BIT64(30)) {
        return KAAL_ERR_ALIGN;
    }
    if (bytes == 0 || bytes > (uint64_t)seL4_UntypedRetypeMaxObjects << PAGE_BITS) {
        return KAAL_ERR_INVALID;
    }
    *count = (uint32_t)(align_up(bytes, BIT64(PAGE_BITS)) >> PAGE_BITS);
    uint64_t charged = (uint64_t)*count << PAGE_BITS;
    int error = charge(arena, charged, *count, *count);
    if (error != KAAL_OK) {
        return error;
    }
    error = add_chunk(arena, log2_up(charged), log2_up(alignment));
    if (error == KAAL_OK) {
        error = make_objects(arena, arena->chunks, kaal_frame_type(PAGE_BITS), PAGE_BITS, PAGE_BITS,
                             *count, first);
        if (error != KAAL_OK) {
            remove_newest_chunk(arena);
        }
    }
    if (error != KAAL_OK) {
        refund(arena, charged, *count, *count);
        return error;
    }
    *paddr = arena->chunks->untyped->paddr;
    return KAAL_OK;
}

int kaal_arena_slots(struct kaal_arena *arena, uint32_t count, seL4_CPtr *first)
{
    int error = charge(arena, 0, count, 0);
    if (error != KAAL_OK) {
        return error;
    }
    error = take_slots(arena, count, true, first);
    if (error != KAAL_OK) {
        refund(arena, 0, count, 0);
    }
    return error;
}

void kaal_arena_release(struct kaal_arena *arena)
{
    struct kaal_cspace *cspace = arena->manager->cspace;
    for (struct kaal_arena_extent *extent = arena->extents; extent != NULL; extent = extent->next) {
        for (uint32_t i = 0; extent->loose && i < extent->count; i++) {
            seL4_Error error = seL4_CNode_Delete(cspace->root, extent->first + i, cspace->depth);
            ASSERT(error == seL4_NoError);
        }
    }
    while (arena->chunks != NULL) {
        remove_newest_chunk(arena);
    }
    while (arena->extents != NULL) {
        struct kaal_arena_extent *extent = arena->extents;
        arena->extents = extent->next;
        int error = kaal_cspace_free_run(cspace, extent->first, extent->count);
        ASSERT(error == KAAL_OK);
        kaal_record_put(arena->manager, extent);
    }
    kaal_usage_refund(arena->usage, arena->held.bytes, arena->held.slots, arena->held.frames);
    arena->held = (struct kaal_arena_held){0};
    ASSERT(arena->chunk_count == 0);
}
