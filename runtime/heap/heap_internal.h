/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the sources of the heap share: the header of a run of pages.
 *
 * Every run begins with a header in its first page, and the header of an object's run is found from
 * the object's address alone: it is at the start of the page that holds the byte before the object.
 * (A page-aligned object therefore has its header in the page before it.)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/heap.h>

#define HEAP_PAGE_BYTES   ((size_t)4096)
#define HEAP_HEADER_BYTES ((size_t)64)

/** What a run is; the values are unlikely in memory that is no header. */
enum heap_run_kind {
    HEAP_RUN_FREE = 0x46726565,
    HEAP_RUN_CELLS = 0x43656c6c, /**< one page of equal cells */
    HEAP_RUN_LARGE = 0x4c617267, /**< one object */
};

/** The header of a run. */
struct heap_run {
    uint32_t kind;             /**< enum heap_run_kind */
    uint32_t pages;            /**< length */
    uint32_t before;           /**< length of the run just before it in the region, 0 = none */
    uint16_t size_class;       /**< CELLS: index of the class */
    uint16_t used;             /**< CELLS: live cells */
    struct heap_run *region;   /**< the first run of the region */
    uint64_t region_pages;     /**< first run: pages of the region */
    uint64_t handle;           /**< first run: the broker's handle, 0 = from kaal_heap_add() */
    struct heap_run *next;     /**< FREE: list of its length; CELLS: list of runs with free cells */
    struct heap_run *previous; /**< as next */
    void *free_cells;          /**< CELLS: linked through their first word */
};
_Static_assert(sizeof(struct heap_run) <= HEAP_HEADER_BYTES, "a run's first bytes");

/* pages.c */

/** The run that holds an object. */
static inline struct heap_run *heap_run_of(const void *object)
{
    return (struct heap_run *)(((uintptr_t)object - 1) & ~(HEAP_PAGE_BYTES - 1));
}
/**
 * Takes a run, from the broker if there is none.
 *   alignment_pages  1: any page; otherwise the page behind the first one is aligned to so many
 * Returns its header with kind, pages and the region set, or NULL.
 */
struct heap_run *heap_run_take(size_t pages, size_t alignment_pages, enum heap_run_kind kind);
/** Gives back a run. */
void heap_run_put(struct heap_run *run);
/** Changes the length of a run in place. Returns false if what follows it is not free. */
bool heap_run_resize(struct heap_run *run, size_t pages);
/** Fills in what the page level knows of the figures. */
void heap_pages_figures(struct kaal_heap_figures *figures);

/* checks.c: every function gets the cell that an object lies in, of which it is the first byte. */

#ifndef KAAL_HEAP_CHECKS
#define KAAL_HEAP_CHECKS 0
#endif
/** Bytes that the checks add to an object. */
#define HEAP_CHECK_BYTES ((size_t)(KAAL_HEAP_CHECKS ? 16 : 0))
/** Marks a cell as an object of so many bytes; fresh: it has never been an object. */
void heap_check_allocated(void *cell, size_t cell_bytes, size_t bytes, bool fresh);
/** Ends the component unless the cell is a live and intact object; marks it free if ending. */
void heap_check_freed(void *cell, size_t cell_bytes);
/** Checks as heap_check_freed(), changing nothing. Returns the object's bytes. */
size_t heap_check_live(const void *cell, size_t cell_bytes);
