/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs of pages. A region is one piece of memory, divided into runs without gaps; each run's header
 * knows its length and that of the run before it, so both neighbours are found in one step. Free
 * runs hang in lists by the logarithm of their length and are merged as soon as they are
 * neighbours.
 */
#include "heap_internal.h"

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker.h>

#define BIN_COUNT 32u
/* Regions from the broker: at least this, and a quarter of the heap, up to the largest. */
#define REGION_LEAST_PAGES 16u
#define REGION_MOST_PAGES  256u

static struct heap_run *bins[BIN_COUNT];
static uint32_t bins_filled; /* bit b: bins[b] is not empty */
static uint64_t region_pages_total;
static uint64_t free_pages_total;
static uint32_t region_count;
static struct heap_run *spare; /* the region from the broker that is one free run, if any */

static uint32_t bin_of(size_t pages)
{
    return 63 - (uint32_t)__builtin_clzll(pages);
}

static bool is_empty_region(const struct heap_run *run)
{
    return run->region == run && run->pages == run->region_pages && run->handle != 0;
}

static void bin_add(struct heap_run *run)
{
    uint32_t bin = bin_of(run->pages);
    run->kind = HEAP_RUN_FREE;
    run->previous = NULL;
    run->next = bins[bin];
    if (run->next != NULL) {
        run->next->previous = run;
    }
    bins[bin] = run;
    bins_filled |= BIT32(bin);
    free_pages_total += run->pages;
    spare = is_empty_region(run) ? run : spare;
}

static void bin_remove(struct heap_run *run)
{
    uint32_t bin = bin_of(run->pages);
    spare = run == spare ? NULL : spare;
    free_pages_total -= run->pages;
    if (run->previous != NULL) {
        run->previous->next = run->next;
    } else {
        bins[bin] = run->next;
        if (run->next == NULL) {
            bins_filled &= ~BIT32(bin);
        }
    }
    if (run->next != NULL) {
        run->next->previous = run->previous;
    }
}

static struct heap_run *run_at(struct heap_run *run, int64_t pages)
{
    return (struct heap_run *)((char *)run + pages * (int64_t)HEAP_PAGE_BYTES);
}

/* The run behind this one in its region, or NULL. */
static struct heap_run *run_after(struct heap_run *run)
{
    struct heap_run *after = run_at(run, run->pages);
    return after == run_at(run->region, (int64_t)run->region->region_pages) ? NULL : after;
}

/* Sets a run's length, and tells the run behind it. */
static void set_length(struct heap_run *run, size_t pages)
{
    run->pages = (uint32_t)pages;
    struct heap_run *after = run_after(run);
    if (after != NULL) {
        after->before = run->pages;
    }
}

/* Cuts a run, which is in no list, after so many pages. Returns the rest, in no list either. */
static struct heap_run *cut(struct heap_run *run, size_t pages)
{
    struct heap_run *rest = run_at(run, (int64_t)pages);
    *rest = (struct heap_run){.before = (uint32_t)pages, .region = run->region};
    uint32_t rest_pages = run->pages - (uint32_t)pages;
    run->pages = (uint32_t)pages;
    set_length(rest, rest_pages);
    return rest;
}

static void region_add(void *memory, uint64_t pages, kaal_handle handle)
{
    struct heap_run *run = memory;
    *run = (struct heap_run){
        .pages = (uint32_t)pages, .region = run, .region_pages = pages, .handle = handle};
    region_pages_total += pages;
    region_count++;
    bin_add(run);
}

int kaal_heap_add(void *memory, size_t bytes)
{
    if ((uintptr_t)memory % HEAP_PAGE_BYTES != 0 || bytes == 0 || bytes % HEAP_PAGE_BYTES != 0) {
        return KAAL_ERR_ALIGN;
    }
    region_add(memory, bytes / HEAP_PAGE_BYTES, 0);
    return KAAL_OK;
}

/* A region of at least so many pages from the broker. */
static bool region_take(size_t pages)
{
    uint64_t wanted = region_pages_total / 4;
    wanted = wanted < REGION_LEAST_PAGES ? REGION_LEAST_PAGES : wanted;
    wanted = wanted > REGION_MOST_PAGES ? REGION_MOST_PAGES : wanted;
    struct kaal_memory memory;
    int error = KAAL_ERR_NO_MEMORY;
    if (wanted > pages) {
        error = kaal_allocate_memory(wanted * HEAP_PAGE_BYTES, &memory);
    }
    if (error != KAAL_OK) { /* near the quota: no more than is needed */
        error = kaal_allocate_memory(pages * HEAP_PAGE_BYTES, &memory);
    }
    if (error == KAAL_OK) {
        region_add(memory.address, memory.bytes / HEAP_PAGE_BYTES, memory.handle);
    }
    return error == KAAL_OK;
}

static void region_give_back(struct heap_run *run)
{
    region_pages_total -= run->region_pages;
    region_count--;
    int error = kaal_release(run->handle); /* the header is gone after this */
    ASSERT(error == KAAL_OK);
}

/* The first free run of so many pages, taken from its list, or NULL. */
static struct heap_run *find(size_t pages)
{
    uint32_t bin = bin_of(pages);
    struct heap_run *run = bins[bin];
    while (run != NULL && run->pages < pages) {
        run = run->next;
    }
    uint32_t larger = bins_filled & ~(BIT32(bin) | (BIT32(bin) - 1));
    if (run == NULL && larger != 0) {
        run = bins[__builtin_ctz(larger)];
    }
    if (run != NULL) {
        bin_remove(run);
    }
    return run;
}

struct heap_run *heap_run_take(size_t pages, size_t alignment_pages, enum heap_run_kind kind)
{
    size_t searched = pages + alignment_pages - 1;
    if (searched < pages || searched > UINT32_MAX / 2) {
        return NULL;
    }
    struct heap_run *run = find(searched);
    if (run == NULL && region_take(searched)) {
        run = find(searched);
    }
    if (run == NULL) {
        return NULL;
    }
    /* The object lies in the second page. */
    size_t object_page = (uintptr_t)run / HEAP_PAGE_BYTES + 1;
    size_t lead = alignment_pages == 1 ? 0 : align_up(object_page, alignment_pages) - object_page;
    if (lead != 0) {
        struct heap_run *rest = cut(run, lead);
        bin_add(run);
        run = rest;
    }
    if (run->pages > pages) {
        bin_add(cut(run, pages));
    }
    run->kind = kind;
    return run;
}

void heap_run_put(struct heap_run *run)
{
    run->kind = HEAP_RUN_FREE; /* also when it becomes the middle of a larger run */
    struct heap_run *after = run_after(run);
    if (after != NULL && after->kind == HEAP_RUN_FREE) {
        bin_remove(after);
        set_length(run, run->pages + after->pages);
    }
    if (run->before != 0) {
        struct heap_run *before = run_at(run, -(int64_t)run->before);
        if (before->kind == HEAP_RUN_FREE) {
            bin_remove(before);
            set_length(before, before->pages + run->pages);
            run = before;
        }
    }
    /* One region without objects is kept, the largest. */
    if (is_empty_region(run) && spare != NULL) {
        struct heap_run *smaller = run->pages < spare->pages ? run : spare;
        if (smaller == spare) {
            bin_remove(spare);
            bin_add(run);
        }
        region_give_back(smaller);
    } else {
        bin_add(run);
    }
}

bool heap_run_resize(struct heap_run *run, size_t pages)
{
    struct heap_run *after = run_after(run);
    size_t room = after != NULL && after->kind == HEAP_RUN_FREE ? after->pages : 0;
    if (pages > run->pages + room) {
        return false;
    }
    if (pages == run->pages) {
        return true;
    }
    if (room != 0) {
        bin_remove(after);
        set_length(run, run->pages + room);
    }
    if (pages < run->pages) {
        bin_add(cut(run, pages));
    }
    return true;
}

void heap_pages_figures(struct kaal_heap_figures *figures)
{
    figures->region_bytes = region_pages_total * HEAP_PAGE_BYTES;
    figures->free_bytes = free_pages_total * HEAP_PAGE_BYTES;
    figures->region_count = region_count;
}
