/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The untyped manager: every byte of memory the kernel handed over, as a forest of untyped
 * capabilities. An allocation takes the smallest free untyped that fits and halves it by Retype
 * until it has the wanted size. A freed one is revoked and kept at its size, because the kernel
 * clears a childless untyped at its next Retype: merging eagerly would clear the same memory again
 * and again. Halves are merged only when nothing fits. Device memory is split down to the exact
 * address and merged at once when given back, which costs nothing.
 *
 * The records live in storage that the caller gives (and can add to at any time); arenas and
 * address spaces take theirs from the same storage.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/cspace.h>
#include <kaal/error.h>

/** Size classes: 2^4 (the kernel's least) to 2^47 bytes. */
#define KAAL_UNTYPED_BITS_MAX 47u
/** Smallest untyped that the manager makes. */
#define KAAL_UNTYPED_BITS_MIN 4u

/** State of an untyped record. */
enum kaal_untyped_state {
    KAAL_UNTYPED_UNUSED = 0,    /**< the record describes no memory */
    KAAL_UNTYPED_FREE = 1,      /**< in a free list */
    KAAL_UNTYPED_SPLIT = 2,     /**< its two halves are untypeds of their own */
    KAAL_UNTYPED_ALLOCATED = 3, /**< somebody's */
};

/** One untyped. Owners may read cap, paddr, bits and device; all else is the manager's. */
struct kaal_untyped {
    seL4_CPtr cap;                  /**< its capability */
    uint64_t paddr;                 /**< physical address of its first byte */
    uint8_t bits;                   /**< log2 bytes */
    uint8_t state;                  /**< enum kaal_untyped_state */
    bool device;                    /**< device memory: frames and untypeds only */
    bool boot;                      /**< the kernel made it; its capability is never deleted */
    struct kaal_untyped *parent;    /**< the untyped it is half of, or NULL */
    struct kaal_untyped *low;       /**< lower half (state SPLIT) */
    struct kaal_untyped *high;      /**< upper half (state SPLIT) */
    struct kaal_untyped *next;      /**< free list */
    struct kaal_untyped *previous;  /**< free list */
    struct kaal_untyped *next_boot; /**< all kernel-made ones */
};

/** Bytes of one record of the shared storage; each kind of record fits into it. */
#define KAAL_RECORD_BYTES 128u

/** Exact figures at one moment; RAM only unless the name says device. */
struct kaal_untyped_totals {
    uint64_t total_bytes;        /**< what the kernel handed over */
    uint64_t free_bytes;         /**< not allocated */
    uint64_t largest_bytes;      /**< largest block that could be allocated now, after merging */
    uint64_t device_total_bytes; /**< device ranges handed over */
    uint64_t device_free_bytes;  /**< of these, not allocated */
};

/** The manager; all fields are its own. */
struct kaal_untyped_manager {
    struct kaal_cspace *cspace;                               /**< where the slots come from */
    struct kaal_untyped *free_ram[KAAL_UNTYPED_BITS_MAX + 1]; /**< free lists by size */
    uint64_t free_mask;          /**< bit b: free_ram[b] is not empty */
    struct kaal_untyped *boot;   /**< kernel-made ones, linked by next_boot */
    uint64_t total_bytes;        /**< RAM the kernel handed over */
    uint64_t free_bytes;         /**< of it, not allocated */
    uint64_t device_total_bytes; /**< device ranges handed over */
    uint64_t device_free_bytes;  /**< of these, not allocated */
    void *free_records;          /**< list of unused records */
    uint32_t free_record_count;  /**< its length */
    uint32_t total_record_count; /**< records ever given */
};

/**
 * Starts with the untypeds of bootinfo.
 *   manager  caller's storage;  cspace  where split-off capabilities go
 *   bootinfo  checked by kaal_bootinfo_open
 *   storage, storage_bytes  memory for records, 8-byte aligned; KAAL_RECORD_BYTES each
 * Returns KAAL_OK, or KAAL_ERR_NO_SPACE if the storage does not even hold bootinfo's list.
 */
MUST_CHECK int kaal_untyped_init(struct kaal_untyped_manager *manager, struct kaal_cspace *cspace,
                                 const seL4_BootInfo *bootinfo, void *storage,
                                 size_t storage_bytes);

/** Adds memory for more records; it is never given back. storage: 8-byte aligned. */
void kaal_untyped_add_storage(struct kaal_untyped_manager *manager, void *storage,
                              size_t storage_bytes);

/**
 * Allocates RAM: an untyped of exactly 2^bits bytes, aligned to its size.
 *   bits  4..47;  untyped  out
 * Returns KAAL_OK, KAAL_ERR_INVALID, KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SLOT, KAAL_ERR_NO_SPACE (no
 * record left), KAAL_ERR_KERNEL. Cost: independent of the number of live objects, except when
 * halves must be merged first. Ownership: the caller's until kaal_untyped_free.
 */
MUST_CHECK int kaal_untyped_allocate(struct kaal_untyped_manager *manager, uint32_t bits,
                                     struct kaal_untyped **untyped);

/**
 * As kaal_untyped_allocate(), with a stricter alignment.
 *   alignment_bits  log2 of the alignment, at most 47; less than bits means bits
 */
MUST_CHECK int kaal_untyped_allocate_aligned(struct kaal_untyped_manager *manager, uint32_t bits,
                                             uint32_t alignment_bits,
                                             struct kaal_untyped **untyped);

/**
 * Allocates the block at an exact physical address, RAM or device memory.
 *   paddr  multiple of 2^bits;  bits  4..47;  untyped  out
 * Returns KAAL_OK; KAAL_ERR_ALIGN; KAAL_ERR_NOT_FOUND if the kernel did not hand over all of it (it
 * keeps its own devices); KAAL_ERR_BUSY if part of it is allocated; otherwise as
 * kaal_untyped_allocate().
 */
MUST_CHECK int kaal_untyped_allocate_at(struct kaal_untyped_manager *manager, uint64_t paddr,
                                        uint32_t bits, struct kaal_untyped **untyped);

/**
 * Revokes an untyped (every object in it is destroyed) and gives it back.
 * The slots that held capabilities to those objects are empty then, but remain their owner's.
 * Returns KAAL_OK; KAAL_ERR_DOUBLE_FREE if it is not allocated; KAAL_ERR_FOREIGN if it is NULL.
 */
MUST_CHECK int kaal_untyped_free(struct kaal_untyped_manager *manager,
                                 struct kaal_untyped *untyped);

/** The figures of this moment. Cost: a walk over all untypeds. */
void kaal_untyped_totals(const struct kaal_untyped_manager *manager,
                         struct kaal_untyped_totals *totals);

/**
 * Takes a zeroed record from the shared storage.
 * Returns KAAL_RECORD_BYTES bytes, 8-byte aligned, or NULL if none is left.
 */
void *kaal_record_take(struct kaal_untyped_manager *manager);

/** Gives back a record from kaal_record_take(); it is poisoned. record: not NULL. */
void kaal_record_put(struct kaal_untyped_manager *manager, void *record);
