/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The heap of a component. On the target malloc(), calloc(), realloc(), free(), aligned_alloc(),
 * posix_memalign(), memalign() and malloc_usable_size() are these functions under their usual
 * names; a program that uses only those needs this header for nothing.
 *
 * Memory comes from the broker in regions (KAAL_BROKER_ALLOCATE_MEMORY), which needs `allow:
 * [memory]` in the component's line of compose.yaml, or from kaal_heap_add(). Objects up to 2 KiB
 * are cells of a page with others of their size; larger ones are runs of pages. A region without
 * any object goes back to the broker, except one that is kept for the next allocation.
 *
 * There is one heap, for the one thread of a component; no function may be called from two.
 *
 * In a build with KAAL_HEAP_CHECKS every object carries its size and a mark behind its last byte: a
 * second free, a write over the end and a write after free end the component with kaal_panic(), and
 * a message that says which.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>

/** Alignment of every object. */
#define KAAL_HEAP_ALIGNMENT 16u

/** What the heap holds at one moment. */
struct kaal_heap_figures {
    uint64_t region_bytes; /**< memory from the broker and kaal_heap_add() */
    uint64_t free_bytes;   /**< of it, in runs of pages that hold no object */
    uint64_t object_count; /**< live objects */
    uint32_t region_count; /**< pieces that region_bytes consists of */
};

/**
 * Allocates an object; its contents are undefined.
 *   bytes  any; 0 gives an object without usable bytes
 * Returns the object, aligned to KAAL_HEAP_ALIGNMENT, or NULL if the broker refuses more memory.
 * Context: the component's thread; at most one broker call. Ownership: until kaal_heap_free().
 */
void *kaal_heap_allocate(size_t bytes);

/**
 * As kaal_heap_allocate(), at a multiple of an alignment.
 *   alignment  a power of two, at most 2^30
 * Returns NULL also for an alignment that is none.
 */
void *kaal_heap_allocate_aligned(size_t alignment, size_t bytes);

/** As kaal_heap_allocate(), all bytes 0. Returns NULL also if count * bytes overflows. */
void *kaal_heap_allocate_zeroed(size_t count, size_t bytes);

/**
 * Changes the size of an object, moving it if it must; the bytes both sizes have stay.
 *   object  or NULL, which allocates
 * Returns where the object is now, or NULL: then it is unchanged. The new place has only the
 * alignment KAAL_HEAP_ALIGNMENT.
 */
void *kaal_heap_resize(void *object, size_t bytes);

/**
 * Frees an object.
 *   object  from one of the functions above, or NULL; anything else ends the component
 */
void kaal_heap_free(void *object);

/** Bytes that an object's owner may use: at least what was asked for. object: not NULL. */
size_t kaal_heap_usable(const void *object);

/**
 * Gives the heap memory that does not come from the broker, for ever.
 *   memory  page-aligned, unused, writable;  bytes  at least one page, whole pages
 * Returns KAAL_OK or KAAL_ERR_ALIGN.
 */
MUST_CHECK int kaal_heap_add(void *memory, size_t bytes);

/** The figures of this moment. Cost: constant. */
void kaal_heap_figures(struct kaal_heap_figures *figures);
