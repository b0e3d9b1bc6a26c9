/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Small objects are cells: a page per size class at a time, its free cells linked through their
 * first word, and the pages of a class that have free cells linked in a list. Taking and freeing a
 * cell is a list operation each. The page's header is found from the cell's address.
 *
 * The classes are 16 bytes apart at first and then four to eight to each doubling; the largest fill
 * a page in two or three. A page of power-of-two cells starts them at a multiple of their size, so
 * that aligned objects are cells too.
 */
#include "heap_internal.h"

#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/startup.h>

#define CELL_MAX_BYTES   2016u
#define ALIGNED_CELL_MAX 1024u
#define GRANULE          16u
#define ALIGNMENT_MAX    BIT64(30)
#define OBJECT_MAX_BYTES (BIT64(40))
#define CLASS_COUNT      21u

static const uint16_t cell_bytes[CLASS_COUNT] = {16,  32,  48,  64,  80,   96,   112,
                                                 128, 160, 192, 224, 256,  320,  384,
                                                 448, 512, 640, 768, 1024, 1344, 2016};

/* The class of the smallest cells that hold so many granules. */
static const uint8_t class_by_granules[CELL_MAX_BYTES / GRANULE + 1] = {
    [0 ... 1] = 0,     [2] = 1,          [3] = 2,          [4] = 3,          [5] = 4,
    [6] = 5,           [7] = 6,          [8] = 7,          [9 ... 10] = 8,   [11 ... 12] = 9,
    [13 ... 14] = 10,  [15 ... 16] = 11, [17 ... 20] = 12, [21 ... 24] = 13, [25 ... 28] = 14,
    [29 ... 32] = 15,  [33 ... 40] = 16, [41 ... 48] = 17, [49 ... 64] = 18, [65 ... 84] = 19,
    [85 ... 126] = 20,
};
static struct heap_run *with_free_cells[CLASS_COUNT];
static uint64_t object_count;

static void list_add(struct heap_run *run)
{
    struct heap_run **list = &with_free_cells[run->size_class];
    run->previous = NULL;
    run->next = *list;
    if (run->next != NULL) {
        run->next->previous = run;
    }
    *list = run;
}

static void list_remove(struct heap_run *run)
{
    if (run->previous != NULL) {
        run->previous->next = run->next;
    } else {
        with_free_cells[run->size_class] = run->next;
    }
    if (run->next != NULL) {
        run->next->previous = run->previous;
    }
}

/* A page of free cells of a class, put into its list. */
static struct heap_run *make_cells(uint32_t size_class)
{
    struct heap_run *run = heap_run_take(1, 1, HEAP_RUN_CELLS);
    if (run == NULL) {
        return NULL;
    }
    size_t bytes = cell_bytes[size_class];
    size_t first = is_power_of_two(bytes) && bytes > HEAP_HEADER_BYTES ? bytes : HEAP_HEADER_BYTES;
    run->size_class = (uint16_t)size_class;
    run->used = 0;
    run->free_cells = NULL;
    void **end = &run->free_cells;
    for (size_t at = first; at + bytes <= HEAP_PAGE_BYTES; at += bytes) {
        char *cell = (char *)run + at;
        if (KAAL_HEAP_CHECKS) {
            memset(cell, 0, bytes); /* a cell that was never an object has no mark */
        }
        *end = cell;
        end = (void **)(void *)cell;
    }
    *end = NULL;
    list_add(run);
    return run;
}

static void *take_cell(uint32_t size_class)
{
    struct heap_run *run = with_free_cells[size_class];
    if (__builtin_expect(run == NULL, false)) {
        run = make_cells(size_class);
        if (run == NULL) {
            return NULL;
        }
    }
    void **cell = run->free_cells;
    run->free_cells = *cell;
    run->used++;
    if (run->free_cells == NULL) {
        list_remove(run);
    }
    return cell;
}

static void put_cell(struct heap_run *run, void *object)
{
    bool was_full = run->free_cells == NULL;
    *(void **)object = run->free_cells;
    run->free_cells = object;
    run->used--;
    if (was_full) {
        list_add(run);
    }
    /* The last page of a class stays: the next object of this size is likely. */
    if (run->used == 0 && (run->next != NULL || run->previous != NULL)) {
        list_remove(run);
        heap_run_put(run);
    }
}

static size_t large_bytes(const struct heap_run *run, const void *object)
{
    return run->pages * HEAP_PAGE_BYTES - (size_t)((const char *)object - (const char *)run);
}

static size_t bytes_of_cell(const struct heap_run *run, const void *object)
{
    return run->kind == HEAP_RUN_CELLS ? cell_bytes[run->size_class] : large_bytes(run, object);
}

static void *allocate_large(size_t bytes)
{
    size_t pages = (bytes + HEAP_HEADER_BYTES + HEAP_PAGE_BYTES - 1) / HEAP_PAGE_BYTES;
    struct heap_run *run = heap_run_take(pages, 1, HEAP_RUN_LARGE);
    return run == NULL ? NULL : (char *)run + HEAP_HEADER_BYTES;
}

/* Everything but the checks' marks. bytes: at most OBJECT_MAX_BYTES. */
static void *allocate(size_t bytes)
{
    if (__builtin_expect(bytes <= CELL_MAX_BYTES, true)) {
        return take_cell(class_by_granules[(bytes + GRANULE - 1) / GRANULE]);
    }
    return allocate_large(bytes);
}

static void *finish(void *object, size_t bytes)
{
    if (object == NULL) {
        return NULL;
    }
    object_count++;
    if (KAAL_HEAP_CHECKS) {
        const struct heap_run *run = heap_run_of(object);
        heap_check_allocated(object, bytes_of_cell(run, object), bytes,
                             run->kind == HEAP_RUN_LARGE);
    }
    return object;
}

void *kaal_heap_allocate(size_t bytes)
{
    if (bytes > OBJECT_MAX_BYTES) {
        return NULL;
    }
    return finish(allocate(bytes + HEAP_CHECK_BYTES), bytes);
}

void *kaal_heap_allocate_aligned(size_t alignment, size_t bytes)
{
    if (!is_power_of_two(alignment) || alignment > ALIGNMENT_MAX || bytes > OBJECT_MAX_BYTES) {
        return NULL;
    }
    if (alignment <= KAAL_HEAP_ALIGNMENT) {
        return kaal_heap_allocate(bytes);
    }
    size_t needed = bytes + HEAP_CHECK_BYTES;
    needed = needed < alignment ? alignment : needed;
    if (needed <= ALIGNED_CELL_MAX) {
        size_t rounded = (size_t)1
                         << (64 - __builtin_clzll(needed - 1)); /* such cells are aligned */
        return finish(allocate(rounded), bytes);
    }
    size_t pages = 1 + (bytes + HEAP_CHECK_BYTES + HEAP_PAGE_BYTES - 1) / HEAP_PAGE_BYTES;
    size_t alignment_pages = alignment <= HEAP_PAGE_BYTES ? 1 : alignment / HEAP_PAGE_BYTES;
    struct heap_run *run = heap_run_take(pages, alignment_pages, HEAP_RUN_LARGE);
    return finish(run == NULL ? NULL : (char *)run + HEAP_PAGE_BYTES, bytes);
}

void *kaal_heap_allocate_zeroed(size_t count, size_t bytes)
{
    size_t all;
    if (__builtin_mul_overflow(count, bytes, &all)) {
        return NULL;
    }
    void *object = kaal_heap_allocate(all);
    return object == NULL ? NULL : memset(object, 0, all);
}

void kaal_heap_free(void *object)
{
    if (object == NULL) {
        return;
    }
    struct heap_run *run = heap_run_of(object);
    if (KAAL_HEAP_CHECKS && (run->kind == HEAP_RUN_CELLS || run->kind == HEAP_RUN_LARGE)) {
        heap_check_freed(object, bytes_of_cell(run, object));
    }
    object_count--;
    if (__builtin_expect(run->kind == HEAP_RUN_CELLS, true)) {
        put_cell(run, object);
    } else if (run->kind == HEAP_RUN_LARGE) {
        heap_run_put(run);
    } else {
        kaal_panic("heap: free of something that is no object of the heap, or a second time");
    }
}

size_t kaal_heap_usable(const void *object)
{
    const struct heap_run *run = heap_run_of(object);
    size_t bytes = bytes_of_cell(run, object);
    return KAAL_HEAP_CHECKS ? heap_check_live(object, bytes) : bytes;
}

/* Resizes without moving, if the object's cell or run allows it and little would be wasted. */
static bool resize_in_place(struct heap_run *run, void *object, size_t bytes)
{
    size_t cell = bytes_of_cell(run, object);
    if (run->kind == HEAP_RUN_CELLS) {
        return bytes <= cell && bytes > cell / 2;
    }
    size_t lead = (size_t)((char *)object - (char *)run);
    return bytes > CELL_MAX_BYTES &&
           heap_run_resize(run, (bytes + lead + HEAP_PAGE_BYTES - 1) / HEAP_PAGE_BYTES);
}

void *kaal_heap_resize(void *object, size_t bytes)
{
    if (object == NULL) {
        return kaal_heap_allocate(bytes);
    }
    if (bytes > OBJECT_MAX_BYTES) {
        return NULL;
    }
    struct heap_run *run = heap_run_of(object);
    size_t usable = kaal_heap_usable(object);
    if (resize_in_place(run, object, bytes + HEAP_CHECK_BYTES)) {
        if (KAAL_HEAP_CHECKS) {
            heap_check_allocated(object, bytes_of_cell(run, object), bytes, true);
        }
        return object;
    }
    void *moved = kaal_heap_allocate(bytes);
    if (moved != NULL) {
        memcpy(moved, object, bytes < usable ? bytes : usable);
        kaal_heap_free(object);
    }
    return moved;
}

void kaal_heap_figures(struct kaal_heap_figures *figures)
{
    *figures = (struct kaal_heap_figures){.object_count = object_count};
    heap_pages_figures(figures);
}
