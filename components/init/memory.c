/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Boot order here matters: the first records live in .bss because nothing can be allocated yet; the
 * larger CSpace comes before anything that needs many slots; the window lies at 2^39, where the
 * kernel made no page tables, so that the address-space records are complete.
 */
#include "memory.h"

#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>

#define PAGE_BYTES      4096u
#define WINDOW_BASE     (UINT64_C(1) << 39)
#define WINDOW_BYTES    (UINT64_C(1) << 38)
#define RECORD_BYTES    65536u /* in .bss: enough for boot and the first components */
#define RECORDS_LOW     256u
#define SLOTS_LOW       1024u
#define TOP_UP_PAGES    16u
#define PERMANENT_PAGES 16u
#define PERMANENT_ALIGN 64u

/* The linker's name for the first byte of the image: its ELF header. */
extern const unsigned char __ehdr_start[];

static const struct kaal_bootinfo *info;
static struct kaal_cspace cspace;
static struct kaal_untyped_manager untyped;
static struct kaal_arena arena;
static struct kaal_usage usage; /* no quota */
static struct kaal_vspace vspace;
static uint64_t scratch_vaddr;
static unsigned char first_records[RECORD_BYTES] __attribute__((aligned(64)));
static unsigned char *permanent_next;
static size_t permanent_left;

int memory_start(const struct kaal_bootinfo *bootinfo, struct kaal_problem *problem)
{
    info = bootinfo;
    int error = kaal_cspace_init(&cspace, info->raw);
    if (error != KAAL_OK) {
        return kaal_problem_set(problem, error, "the root CNode is larger than init can manage");
    }
    error = kaal_untyped_init(&untyped, &cspace, info->raw, first_records, sizeof(first_records));
    if (error != KAAL_OK) {
        return kaal_problem_set(problem, error, "bootinfo lists more untypeds than init can hold");
    }
    kaal_arena_init(&arena, &untyped, &usage);
    error = kaal_cspace_expand(&cspace, &untyped);
    if (error != KAAL_OK) {
        return kaal_problem_set(problem, error, "no memory for a larger CSpace; try more RAM");
    }
    error = kaal_vspace_init(&vspace, seL4_CapInitThreadVSpace, &arena, WINDOW_BASE, WINDOW_BYTES);
    if (error != KAAL_OK) {
        return kaal_problem_set(problem, error, "init's own address space cannot be described");
    }
    error = kaal_vspace_range_take(&vspace, PAGE_BYTES, PAGE_BYTES, &scratch_vaddr);
    if (error != KAAL_OK) {
        return kaal_problem_set(problem, error, "no address for the scratch page");
    }
    return KAAL_OK;
}

struct kaal_cspace *memory_cspace(void)
{
    return &cspace;
}

struct kaal_untyped_manager *memory_untyped(void)
{
    return &untyped;
}

struct kaal_arena *memory_arena(void)
{
    return &arena;
}

struct kaal_vspace *memory_vspace(void)
{
    return &vspace;
}

/* Fresh zeroed pages in the window, kept for ever; NULL if there is no memory. */
static void *pages_permanent(uint32_t count)
{
    seL4_CPtr first;
    void *address;
    if (kaal_arena_allocate(&arena, kaal_frame_type(12), 0, count, &first) != KAAL_OK ||
        memory_map(first, count, 12, KAAL_MAP_READ | KAAL_MAP_WRITE, &address) != KAAL_OK) {
        return NULL;
    }
    return address;
}

void memory_top_up(void)
{
    if (untyped.free_record_count < RECORDS_LOW) {
        void *storage = pages_permanent(TOP_UP_PAGES);
        if (storage != NULL) {
            kaal_untyped_add_storage(&untyped, storage, TOP_UP_PAGES * PAGE_BYTES);
        }
    }
    if (cspace.free_count < SLOTS_LOW) {
        (void)!kaal_cspace_expand(&cspace, &untyped);
    }
}

void *memory_permanent(size_t bytes)
{
    bytes = align_up(bytes, PERMANENT_ALIGN);
    if (bytes > permanent_left) {
        size_t pages = (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
        pages = pages < PERMANENT_PAGES ? PERMANENT_PAGES : pages;
        permanent_next = pages <= 256 ? pages_permanent((uint32_t)pages) : NULL;
        permanent_left = permanent_next != NULL ? pages * PAGE_BYTES : 0;
        if (permanent_next == NULL) {
            return NULL;
        }
    }
    void *memory = permanent_next;
    permanent_next += bytes;
    permanent_left -= bytes;
    return memory;
}

int memory_map(seL4_CPtr first, uint32_t count, uint32_t bits, uint32_t how, void **address)
{
    uint64_t vaddr;
    uint64_t bytes = (uint64_t)count << bits;
    int error = kaal_vspace_range_take(&vspace, bytes, UINT64_C(1) << bits, &vaddr);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_vspace_map(&vspace, first, count, vaddr, bits, how);
    if (error != KAAL_OK) {
        (void)!kaal_vspace_range_put(&vspace, vaddr, bytes);
        return error;
    }
    *address = (void *)vaddr;
    return KAAL_OK;
}

void memory_unmap(seL4_CPtr first, uint32_t count, uint32_t bits, void *address)
{
    kaal_vspace_unmap(first, count);
    int error = kaal_vspace_range_put(&vspace, (uint64_t)address, (uint64_t)count << bits);
    ASSERT(error == KAAL_OK);
}

void *memory_scratch_begin(seL4_CPtr frame)
{
    int error =
        kaal_vspace_map(&vspace, frame, 1, scratch_vaddr, 12, KAAL_MAP_READ | KAAL_MAP_WRITE);
    return error == KAAL_OK ? (void *)scratch_vaddr : NULL;
}

void memory_scratch_end(seL4_CPtr frame)
{
    kaal_vspace_unmap(frame, 1);
}

void *memory_peek_begin(seL4_CPtr frame, seL4_CPtr *copy)
{
    if (kaal_cspace_allocate(&cspace, copy) != KAAL_OK) {
        return NULL;
    }
    void *page = NULL;
    if (seL4_CNode_Copy(cspace.root, *copy, cspace.depth, cspace.root, frame, cspace.depth,
                        seL4_AllRights) == seL4_NoError) {
        page = memory_scratch_begin(*copy);
    }
    if (page == NULL) {
        (void)!kaal_cspace_delete(&cspace, *copy);
    }
    return page;
}

void memory_peek_end(seL4_CPtr copy)
{
    memory_scratch_end(copy);
    (void)!kaal_cspace_delete(&cspace, copy);
}

static uint64_t image_bytes(void)
{
    const seL4_SlotRegion *frames = &info->raw->userImageFrames;
    return (frames->end - frames->start) * PAGE_BYTES;
}

int memory_image_frame(const void *address, seL4_CPtr *frame)
{
    uint64_t offset = (uint64_t)address - (uint64_t)__ehdr_start;
    if (offset >= image_bytes()) {
        return KAAL_ERR_RANGE;
    }
    *frame = info->raw->userImageFrames.start + offset / PAGE_BYTES;
    return KAAL_OK;
}

uint64_t memory_image_bytes_from(const void *address)
{
    uint64_t offset = (uint64_t)address - (uint64_t)__ehdr_start;
    return offset < image_bytes() ? image_bytes() - offset : 0;
}
