/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An address space: maps frames, makes the page tables that this needs, remembers them, and hands
 * out free address ranges. Page tables come from an arena, so they end with it. No invocation is
 * ever tried to see whether it fails: the records say which tables exist.
 *
 * For the calling task's own VSpace the records know nothing of the tables that the kernel made, so
 * give kaal_vspace_init() a window in a part of the address space without any: at or above 2^39.
 */
#pragma once

#include <stdint.h>

#include <kaal/arena.h>
#include <kaal/error.h>

/** How a frame is mapped. */
enum kaal_map {
    KAAL_MAP_READ = 1u << 0,    /**< readable; always needed */
    KAAL_MAP_WRITE = 1u << 1,   /**< writable */
    KAAL_MAP_EXECUTE = 1u << 2, /**< executable (x86_64: every page is) */
    KAAL_MAP_DEVICE = 1u << 3,  /**< uncached device registers */
};

struct kaal_vspace_table;
struct kaal_vspace_hole;

/** An address space; fields are its own, except that anyone may read root. */
struct kaal_vspace {
    seL4_CPtr root;                   /**< PML4 or VSpace capability */
    struct kaal_arena *arena;         /**< where page tables come from */
    struct kaal_vspace_table *tables; /**< tables that exist, newest first */
    struct kaal_vspace_hole *holes;   /**< free address ranges, ascending */
};

/**
 * Describes an address space whose root exists.
 *   root  capability with an ASID;  arena  for page tables and records
 *   window_base, window_bytes  page-aligned range from which kaal_vspace_range_take() serves;
 *   0 bytes = none
 * Returns KAAL_OK, KAAL_ERR_ALIGN, or KAAL_ERR_NO_SPACE (no record left).
 */
MUST_CHECK int kaal_vspace_init(struct kaal_vspace *vspace, seL4_CPtr root,
                                struct kaal_arena *arena, uint64_t window_base,
                                uint64_t window_bytes);

/**
 * Makes a new address space: root object from the arena, ASID from the initial thread's pool.
 * Arguments and results as kaal_vspace_init(), and the errors of kaal_arena_allocate().
 */
MUST_CHECK int kaal_vspace_create(struct kaal_vspace *vspace, struct kaal_arena *arena,
                                  uint64_t window_base, uint64_t window_bytes);

/** Forgets the records. The tables and the root go with their arena. */
void kaal_vspace_deinit(struct kaal_vspace *vspace);

/**
 * Maps frames of consecutive slots at consecutive addresses.
 *   first, count  slots of frame capabilities, each not mapped anywhere
 *   vaddr         multiple of the frame size;  bits  12 or 21: frame size
 *   how           bits of enum kaal_map
 * Returns KAAL_OK; KAAL_ERR_ALIGN, KAAL_ERR_RANGE, KAAL_ERR_BUSY (something is in the way),
 * errors of kaal_arena_allocate() for a page table; on failure none of the frames stays mapped.
 */
MUST_CHECK int kaal_vspace_map(struct kaal_vspace *vspace, seL4_CPtr first, uint32_t count,
                               uint64_t vaddr, uint32_t bits, uint32_t how);

/** Unmaps frames of consecutive slots, wherever they are mapped; unmapped ones are no error. */
void kaal_vspace_unmap(seL4_CPtr first, uint32_t count);

/**
 * Takes a free address range from the window; a guard page stays free behind it.
 *   bytes  > 0, rounded up to 4 KiB;  alignment  a power of two, at least 4096;  vaddr  out
 * Returns KAAL_OK, KAAL_ERR_INVALID, KAAL_ERR_ALIGN or KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int kaal_vspace_range_take(struct kaal_vspace *vspace, uint64_t bytes,
                                      uint64_t alignment, uint64_t *vaddr);

/**
 * Gives back a range taken with the same size.
 * Returns KAAL_OK; KAAL_ERR_DOUBLE_FREE if part of it is free already; KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int kaal_vspace_range_put(struct kaal_vspace *vspace, uint64_t vaddr, uint64_t bytes);

/** The object type of a frame. bits: 12, 21 or 30. */
seL4_Word kaal_frame_type(uint32_t bits);

/**
 * Bytes of an object as log2, for any type of this architecture.
 *   type, size_bits  as seL4_Untyped_Retype;  object_bits  out
 * Returns KAAL_OK, KAAL_ERR_INVALID for an unknown type or size.
 */
MUST_CHECK int kaal_object_bits(seL4_Word type, seL4_Word size_bits, uint32_t *object_bits);
