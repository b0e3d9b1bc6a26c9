/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An arena: kernel objects that live and die together, such as everything of one component. It
 * takes untypeds ("chunks") from the manager, makes objects in them by Retype, and holds the slots
 * of their capabilities. Releasing it revokes the chunks and gives back every byte and slot: one
 * call at a component's death, whatever it was given.
 *
 * Several arenas can charge one struct kaal_usage, which holds the quota.
 *
 * Typical use: kaal_arena_init -> kaal_arena_reserve(expected bytes) -> kaal_arena_allocate ... ->
 * kaal_arena_release (the arena is empty then, and can be used again).
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>
#include <kaal/untyped.h>

/** What an owner holds, and may hold. All counts are exact at any time. */
struct kaal_usage {
    uint64_t bytes;          /**< bytes of objects and DMA blocks held now */
    uint64_t bytes_max;      /**< quota; 0 = none */
    uint32_t slots;          /**< slots held in the broker's CSpace and, where charged, its own */
    uint32_t slots_max;      /**< quota; 0 = none */
    uint32_t frames;         /**< 4 KiB frames held now (a 2 MiB frame counts as 512) */
    uint32_t interrupts;     /**< interrupt handlers held now */
    uint32_t interrupts_max; /**< quota; none by default */
};

/** What one arena has of it. */
struct kaal_arena_held {
    uint64_t bytes;  /**< bytes of objects and DMA blocks */
    uint32_t slots;  /**< slots */
    uint32_t frames; /**< 4 KiB frames */
};

struct kaal_arena_chunk;
struct kaal_arena_extent;

/** An arena; all fields are its own. */
struct kaal_arena {
    struct kaal_untyped_manager *manager; /**< where chunks come from */
    struct kaal_usage *usage;             /**< who is charged */
    struct kaal_arena_chunk *chunks;      /**< newest first */
    struct kaal_arena_extent *extents;    /**< runs of slots, newest first */
    uint32_t chunk_count;                 /**< untypeds taken from the manager */
    uint32_t chunk_bits;                  /**< least size of one, log2 bytes */
    struct kaal_arena_held held;          /**< this arena's part of *usage */
};

/** Least chunk an arena takes when it needs more, unless told otherwise: 2^16 bytes. */
#define KAAL_ARENA_CHUNK_BITS 16u

/**
 * Makes an empty arena.
 *   usage  whom its objects are charged to; must outlive the arena's use
 */
void kaal_arena_init(struct kaal_arena *arena, struct kaal_untyped_manager *manager,
                     struct kaal_usage *usage);

/**
 * As kaal_arena_init(), for an arena of few objects: its chunks are as small as what is put into
 * them, so it holds no memory that is not charged.
 */
void kaal_arena_init_tight(struct kaal_arena *arena, struct kaal_untyped_manager *manager,
                           struct kaal_usage *usage);

/**
 * Takes one chunk of at least so many bytes in advance, so that what follows is cut from it.
 *   bytes  rounded up to a power of two
 * Returns KAAL_OK or an error of kaal_untyped_allocate(); a failure costs nothing.
 */
MUST_CHECK int kaal_arena_reserve(struct kaal_arena *arena, uint64_t bytes);

/**
 * Makes objects with capabilities in consecutive slots.
 *   type, size_bits  as seL4_Untyped_Retype;  count  1..256;  first  out: the first slot
 * Returns KAAL_OK; KAAL_ERR_QUOTA_MEMORY, KAAL_ERR_QUOTA_SLOTS, KAAL_ERR_NO_MEMORY,
 * KAAL_ERR_NO_SLOT, KAAL_ERR_NO_SPACE, KAAL_ERR_KERNEL; on failure no object was made and nothing
 * is charged. Ownership: the capabilities and slots belong to the arena.
 */
MUST_CHECK int kaal_arena_allocate(struct kaal_arena *arena, seL4_Word type, seL4_Word size_bits,
                                   uint32_t count, seL4_CPtr *first);

/**
 * Makes frames that are contiguous in physical memory, for a device.
 *   bytes      1..2^30, rounded up to 4 KiB pages, at most 256 of them
 *   alignment  of the first byte, a power of two, at most 2^30
 *   first      out: slot of the first 4 KiB frame;  count  out: how many
 *   paddr      out: physical address of the first byte
 * Returns as kaal_arena_allocate(); KAAL_ERR_INVALID for a size of 0 or over the limit,
 * KAAL_ERR_ALIGN for an alignment that is no power of two or too large.
 */
MUST_CHECK int kaal_arena_allocate_dma(struct kaal_arena *arena, uint64_t bytes, uint64_t alignment,
                                       seL4_CPtr *first, uint32_t *count, uint64_t *paddr);

/**
 * Takes empty slots for capabilities that the caller derives itself (copies, minted ones).
 *   count  1..256;  first  out
 * Returns KAAL_OK, KAAL_ERR_QUOTA_SLOTS or KAAL_ERR_NO_SLOT.
 * Ownership: kaal_arena_release() deletes what is in them.
 */
MUST_CHECK int kaal_arena_slots(struct kaal_arena *arena, uint32_t count, seL4_CPtr *first);

/**
 * Destroys every object of the arena and gives back all memory and slots; charges return to zero.
 * Capabilities in kaal_arena_slots() slots are deleted first, then the chunks are revoked.
 */
void kaal_arena_release(struct kaal_arena *arena);

/**
 * Charges something that is not in an arena (a slot in a component's own CNode).
 * Returns KAAL_OK, or KAAL_ERR_QUOTA_MEMORY or KAAL_ERR_QUOTA_SLOTS; then nothing changed.
 */
MUST_CHECK int kaal_usage_charge(struct kaal_usage *usage, uint64_t bytes, uint32_t slots,
                                 uint32_t frames);

/** Takes back what kaal_usage_charge() charged; never more than is charged. */
void kaal_usage_refund(struct kaal_usage *usage, uint64_t bytes, uint32_t slots, uint32_t frames);

/** Charges an interrupt handler. Returns KAAL_OK or KAAL_ERR_QUOTA_INTERRUPTS. */
MUST_CHECK int kaal_usage_charge_interrupt(struct kaal_usage *usage);

/** Takes back what kaal_usage_charge_interrupt() charged. */
void kaal_usage_refund_interrupt(struct kaal_usage *usage);
