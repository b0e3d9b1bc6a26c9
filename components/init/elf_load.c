/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Works in runs of pages: one Retype for all fresh frames of a segment, then one mapping each. Only
 * pages with file contents are ever written here; the kernel hands out zeroed frames.
 */
#include "elf_load.h"

#include <string.h>

#include <kaal/bits.h>

#include "arch.h"
#include "memory.h"

#define PAGE_BYTES 4096u
#define RUN_MAX    256u

static uint32_t segment_mapping(const struct kaal_elf_segment *segment)
{
    uint32_t how = KAAL_MAP_READ;
    if ((segment->rights & KAAL_ELF_WRITE) != 0) {
        how |= KAAL_MAP_WRITE;
    }
    if ((segment->rights & KAAL_ELF_EXECUTE) != 0) {
        how |= KAAL_MAP_EXECUTE;
    }
    return how;
}

/* A segment whose pages can be the archive's own: in the archive, never written, all of it in the
 * file, and at the same offset within a page there as in memory (sel4-compose pads the file's last
 * page with 0). */
static bool can_share(const struct kaal_elf_segment *segment)
{
    return memory_image_bytes_from(segment->data) != 0 && (segment->rights & KAAL_ELF_WRITE) == 0 &&
           segment->file_bytes == segment->memory_bytes &&
           (uint64_t)segment->data % PAGE_BYTES == segment->vaddr % PAGE_BYTES;
}

/* Maps copies of the image's frame capabilities. */
static int map_shared(const struct kaal_elf_segment *segment, struct kaal_account *account,
                      uint64_t vaddr, uint32_t count)
{
    seL4_CPtr first;
    const uint8_t *page = segment->data - segment->vaddr % PAGE_BYTES;
    int error = memory_image_frame(page + (vaddr - align_down(segment->vaddr, PAGE_BYTES)), &first);
    if (error != KAAL_OK) {
        return error;
    }
    return kaal_account_map_shared(account, first, count, vaddr, segment_mapping(segment));
}

/* Copies the part of the file that falls on the page at vaddr; pages without any stay zero. */
static int fill_page(const struct kaal_elf_segment *segment, seL4_CPtr frame, uint64_t vaddr)
{
    uint64_t from = vaddr > segment->vaddr ? vaddr : segment->vaddr;
    uint64_t file_end = segment->vaddr + segment->file_bytes;
    uint64_t to = vaddr + PAGE_BYTES < file_end ? vaddr + PAGE_BYTES : file_end;
    if (from >= to) {
        return KAAL_OK;
    }
    unsigned char *page = memory_scratch_begin(frame);
    if (page == NULL) {
        return KAAL_ERR_KERNEL;
    }
    memcpy(page + (from - vaddr), segment->data + (from - segment->vaddr), to - from);
    if ((segment->rights & KAAL_ELF_EXECUTE) != 0) {
        arch_sync_instructions(page, PAGE_BYTES);
    }
    memory_scratch_end(frame);
    return KAAL_OK;
}

static void remember(struct elf_writable *writable, seL4_CPtr first, uint64_t vaddr, uint32_t count)
{
    if (writable->count < ELF_RUNS_MAX) {
        writable->runs[writable->count++] =
            (struct elf_run){.first = first, .vaddr = vaddr, .pages = count};
    }
}

static int map_private(const struct kaal_elf_segment *segment, struct kaal_account *account,
                       uint64_t vaddr, uint32_t count, struct elf_writable *writable)
{
    seL4_CPtr first;
    int error = kaal_arena_allocate(&account->arena, kaal_frame_type(12), 0, count, &first);
    for (uint32_t i = 0; error == KAAL_OK && i < count; i++) {
        error = fill_page(segment, first + i, vaddr + (uint64_t)i * PAGE_BYTES);
    }
    if (error == KAAL_OK) {
        error =
            kaal_vspace_map(&account->vspace, first, count, vaddr, 12, segment_mapping(segment));
    }
    if (error == KAAL_OK && (segment->rights & KAAL_ELF_WRITE) != 0) {
        remember(writable, first, vaddr, count);
    }
    return error;
}

static int load_segment(const struct kaal_elf_segment *segment, struct kaal_account *account,
                        struct elf_writable *writable)
{
    uint64_t vaddr = align_down(segment->vaddr, PAGE_BYTES);
    uint64_t end = align_up(segment->vaddr + segment->memory_bytes, PAGE_BYTES);
    bool share = can_share(segment);
    if (share && (segment->rights & KAAL_ELF_EXECUTE) != 0) {
        arch_sync_instructions(segment->data, segment->file_bytes);
    }
    while (vaddr < end) {
        uint64_t pages = (end - vaddr) / PAGE_BYTES;
        uint32_t count = pages < RUN_MAX ? (uint32_t)pages : RUN_MAX;
        int error = share ? map_shared(segment, account, vaddr, count)
                          : map_private(segment, account, vaddr, count, writable);
        if (error != KAAL_OK) {
            return error;
        }
        vaddr += (uint64_t)count * PAGE_BYTES;
    }
    return KAAL_OK;
}

int elf_load(const struct kaal_elf *elf, struct kaal_account *account,
             struct elf_writable *writable)
{
    writable->count = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        int error = load_segment(&elf->segments[i], account, writable);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return KAAL_OK;
}

uint64_t elf_end(const struct kaal_elf *elf)
{
    const struct kaal_elf_segment *last = &elf->segments[elf->segment_count - 1];
    return align_up(last->vaddr + last->memory_bytes, PAGE_BYTES);
}

uint64_t elf_private_bytes(const struct kaal_elf *elf)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct kaal_elf_segment *segment = &elf->segments[i];
        if (!can_share(segment)) {
            bytes += align_up(segment->vaddr + segment->memory_bytes, PAGE_BYTES) -
                     align_down(segment->vaddr, PAGE_BYTES);
        }
    }
    return bytes;
}
