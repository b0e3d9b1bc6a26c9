/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ELF64 checks. Source: System V ABI, chapters 4 and 5, its x86-64 supplement, and the ELF for the
 * Arm 64-bit architecture.
 * Sums of numbers from the file are written as comparisons of differences, so nothing can wrap.
 */
#include "elf_image.h"

#include <stddef.h>

struct elf64_header {
    uint8_t ident[16];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint64_t entry;
    uint64_t program_headers;
    uint64_t section_headers;
    uint32_t flags;
    uint16_t header_bytes;
    uint16_t program_header_bytes;
    uint16_t program_header_count;
    uint16_t section_header_bytes;
    uint16_t section_header_count;
    uint16_t section_names;
};
_Static_assert(sizeof(struct elf64_header) == 64, "ELF64 file header");

struct elf64_program_header {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t virt;
    uint64_t phys;
    uint64_t file_bytes;
    uint64_t memory_bytes;
    uint64_t align;
};
_Static_assert(sizeof(struct elf64_program_header) == 56, "ELF64 program header");

#define ELF_MAGIC        0x464c457fu
#define ELF_CLASS_64     2
#define ELF_DATA_LITTLE  1
#define ELF_TYPE_EXEC    2
#define ELF_PROGRAM_LOAD 1
#define ELF_HEADERS_MAX  64
#define PAGE_MASK        0xfffull

static int refuse(struct elf_error *error, const char *what, uint64_t where)
{
    error->what = what;
    error->where = where;
    return -1;
}

static const struct elf64_program_header *segment(const struct elf_image *image, uint32_t index)
{
    return (const void *)(image->file + image->headers_offset +
                          (uint64_t)index * image->header_bytes);
}

static const char *check_file_header(const struct elf64_header *header, uint64_t file_bytes,
                                     enum elf_machine machine)
{
    if (file_bytes < sizeof(*header)) {
        return "shorter than an ELF header";
    }
    uint32_t magic = (uint32_t)header->ident[0] | (uint32_t)header->ident[1] << 8 |
                     (uint32_t)header->ident[2] << 16 | (uint32_t)header->ident[3] << 24;
    if (magic != ELF_MAGIC) {
        return "not an ELF file";
    }
    if (header->ident[4] != ELF_CLASS_64 || header->ident[5] != ELF_DATA_LITTLE) {
        return "not a 64-bit little-endian ELF file";
    }
    if (header->machine != machine) {
        return "not for this architecture";
    }
    if (header->type != ELF_TYPE_EXEC) {
        return "not a static executable";
    }
    if (header->program_header_bytes != sizeof(struct elf64_program_header)) {
        return "program headers of an unknown size";
    }
    if (header->program_header_count == 0 || header->program_header_count > ELF_HEADERS_MAX) {
        return "no program headers, or more than 64";
    }
    uint64_t table_bytes =
        (uint64_t)header->program_header_count * sizeof(struct elf64_program_header);
    if (header->program_headers > file_bytes ||
        table_bytes > file_bytes - header->program_headers) {
        return "program headers outside the file";
    }
    if (header->program_headers % 8 != 0) {
        return "program headers not aligned";
    }
    return NULL;
}

/* True if the range does not end before the last page of the address space. */
static bool wraps(uint64_t start, uint64_t bytes)
{
    return start > UINT64_MAX - PAGE_MASK || bytes > UINT64_MAX - PAGE_MASK - start;
}

static const char *check_segment(const struct elf64_program_header *load, uint64_t file_bytes)
{
#ifndef KAAL_PLANTED_BUG_ROOT /* its fuzzer's self-test leaves this check out */
    if (load->offset > file_bytes || load->file_bytes > file_bytes - load->offset) {
        return "segment outside the file";
    }
#else
    (void)file_bytes;
#endif
    if (load->memory_bytes < load->file_bytes) {
        return "segment smaller in memory than in the file";
    }
    if (wraps(load->virt, load->memory_bytes) || wraps(load->phys, load->memory_bytes)) {
        return "segment wraps around the address space";
    }
    return NULL;
}

static bool overlaps_earlier(const struct elf_image *image, uint32_t index)
{
    const struct elf64_program_header *load = segment(image, index);
    for (uint32_t i = 0; i < index; i++) {
        const struct elf64_program_header *other = segment(image, i);
        if (other->type == ELF_PROGRAM_LOAD && load->virt < other->virt + other->memory_bytes &&
            other->virt < load->virt + load->memory_bytes) {
            return true;
        }
    }
    return false;
}

int elf_image_check(const void *file, uint64_t file_bytes, enum elf_machine machine,
                    struct elf_image *image, struct elf_error *error)
{
    const struct elf64_header *header = file;
    const char *what = check_file_header(header, file_bytes, machine);
    if (what != NULL) {
        return refuse(error, what, ELF_ERROR_FILE);
    }
    *image = (struct elf_image){.file = file,
                                .file_bytes = file_bytes,
                                .entry = header->entry,
                                .virt_start = UINT64_MAX,
                                .phys_parallel = true,
                                .headers_offset = header->program_headers,
                                .headers_count = header->program_header_count,
                                .header_bytes = header->program_header_bytes};
    bool entry_inside = false;
    uint64_t offset = 0;
    for (uint32_t i = 0; i < image->headers_count; i++) {
        const struct elf64_program_header *load = segment(image, i);
        if (load->type != ELF_PROGRAM_LOAD || load->memory_bytes == 0) {
            continue;
        }
        what = check_segment(load, file_bytes);
        if (what != NULL) {
            return refuse(error, what, i);
        }
        if (overlaps_earlier(image, i)) {
            return refuse(error, "segment overlaps an earlier one", i);
        }
        if (image->virt_start != UINT64_MAX && load->virt - load->phys != offset) {
            image->phys_parallel = false;
        }
        offset = load->virt - load->phys;
        if (load->virt < image->virt_start) {
            image->virt_start = load->virt;
            image->phys_start = load->phys;
        }
        if (load->virt + load->memory_bytes > image->virt_end) {
            image->virt_end = load->virt + load->memory_bytes;
        }
        if (image->entry >= load->virt && image->entry - load->virt < load->memory_bytes) {
            entry_inside = true;
        }
    }
    if (image->virt_start == UINT64_MAX) {
        return refuse(error, "nothing to load", ELF_ERROR_FILE);
    }
    if ((image->virt_start & PAGE_MASK) != 0) {
        return refuse(error, "lowest address is not page aligned", ELF_ERROR_FILE);
    }
    if (!entry_inside) {
        return refuse(error, "entry point is not in a loaded segment", ELF_ERROR_FILE);
    }
    return 0;
}

void elf_image_copy(const struct elf_image *image, uint8_t *destination, uint64_t span_bytes)
{
    uint64_t done = 0; /* everything below is in place */
    for (;;) {
        /* Segments need not be sorted: take the lowest one at or above what is done. */
        const struct elf64_program_header *next = NULL;
        for (uint32_t i = 0; i < image->headers_count; i++) {
            const struct elf64_program_header *load = segment(image, i);
            if (load->type == ELF_PROGRAM_LOAD && load->memory_bytes != 0 &&
                load->virt - image->virt_start >= done &&
                (next == NULL || load->virt < next->virt)) {
                next = load;
            }
        }
        if (next == NULL) {
            break;
        }
        uint64_t start = next->virt - image->virt_start;
        __builtin_memset(destination + done, 0, start - done);
        __builtin_memcpy(destination + start, image->file + next->offset, next->file_bytes);
        __builtin_memset(destination + start + next->file_bytes, 0,
                         next->memory_bytes - next->file_bytes);
        done = start + next->memory_bytes;
    }
    __builtin_memset(destination + done, 0, span_bytes - done);
}
