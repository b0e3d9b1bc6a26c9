/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Loading of the root task's ELF64 file. The file comes from outside: no offset, size or address in
 * it is used before it was checked against the file's length and the user's address range. Source:
 * System V ABI, Object Files (ELF header, program header); psABI x86-64, 4.1.
 */
#include "boot/elf.h"

#include <kernel/print.h>

struct elf_header {
    uint8_t magic[4];
    uint8_t word_class;
    uint8_t encoding;
    uint8_t ident_rest[10];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint64_t entry;
    uint64_t segments;
    uint64_t sections;
    uint32_t flags;
    uint16_t header_bytes;
    uint16_t segment_bytes;
    uint16_t segment_count;
    uint16_t section_bytes;
    uint16_t section_count;
    uint16_t section_names;
};
static_assert(sizeof(struct elf_header) == 64, "ELF64 header");

struct elf_segment {
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t file_bytes;
    uint64_t memory_bytes;
    uint64_t align;
};
static_assert(sizeof(struct elf_segment) == 56, "ELF64 program header");

#define ELF_CLASS_64       2
#define ELF_LITTLE_ENDIAN  1
#define ELF_TYPE_EXEC      2
#define ELF_MACHINE_X86_64 62
#define ELF_SEGMENT_LOAD   1
#define PAGE_BITS          12

static BOOT_CODE bool refuse(const char *what, word_t value)
{
    kernel_print("boot: root task: %s (0x%lx)\n", what, value);
    return false;
}

static BOOT_CODE struct elf_segment segment_at(const struct elf_image *image, word_t index)
{
    const struct elf_header *header = (const void *)image->file;
    struct elf_segment segment;
    __builtin_memcpy(&segment, image->file + header->segments + index * sizeof(segment),
                     sizeof(segment));
    return segment;
}

static BOOT_CODE bool check_header(const struct elf_header *header, word_t bytes)
{
    if (bytes < sizeof(*header)) {
        return refuse("the file is shorter than an ELF header, bytes", bytes);
    }
    if (header->magic[0] != 0x7f || header->magic[1] != 'E' || header->magic[2] != 'L' ||
        header->magic[3] != 'F') {
        return refuse("the file does not begin with the ELF magic", header->magic[0]);
    }
    if (header->word_class != ELF_CLASS_64 || header->encoding != ELF_LITTLE_ENDIAN) {
        return refuse("not a 64-bit little-endian ELF file, class", header->word_class);
    }
    if (header->machine != ELF_MACHINE_X86_64) {
        return refuse("not an x86_64 ELF file, machine", header->machine);
    }
    if (header->type != ELF_TYPE_EXEC) {
        return refuse("not a statically linked executable, type", header->type);
    }
    if (header->segment_bytes != sizeof(struct elf_segment)) {
        return refuse("wrong size of program headers", header->segment_bytes);
    }
    if (header->segments > bytes ||
        header->segment_count > (bytes - header->segments) / sizeof(struct elf_segment)) {
        return refuse("program headers reach behind the end of the file, offset", header->segments);
    }
    return true;
}

static BOOT_CODE bool check_segment(const struct elf_segment *segment, word_t index,
                                    word_t file_bytes, vaddr_t user_top)
{
    if (segment->file_bytes > segment->memory_bytes) {
        return refuse("a segment is larger in the file than in memory, index", index);
    }
#ifndef KAAL_PLANTED_BUG_ROOT /* its fuzzer's self-test leaves this check out */
    if (segment->offset > file_bytes || segment->file_bytes > file_bytes - segment->offset) {
        return refuse("a segment reaches behind the end of the file, index", index);
    }
#else
    (void)file_bytes;
#endif
    if (segment->vaddr >= user_top || segment->memory_bytes > user_top - segment->vaddr) {
        return refuse("a segment reaches out of user memory, address", segment->vaddr);
    }
    return true;
}

BOOT_CODE bool elf_check(struct elf_image *image, const void *file, word_t bytes, vaddr_t user_top)
{
    const struct elf_header *header = file;
    if (!check_header(header, bytes)) {
        return false;
    }
    *image = (struct elf_image){.file = file, .file_bytes = bytes, .entry = header->entry};
    for (word_t i = 0; i < header->segment_count; i++) {
        struct elf_segment segment = segment_at(image, i);
        if (segment.type != ELF_SEGMENT_LOAD || segment.memory_bytes == 0) {
            continue;
        }
        if (!check_segment(&segment, i, bytes, user_top)) {
            return false;
        }
        if (image->end == 0) {
            image->start = segment.vaddr;
        } else if (segment.vaddr < image->end) {
            return refuse("segments overlap or are not in ascending order, index", i);
        }
        image->end = segment.vaddr + segment.memory_bytes;
    }
    image->end = ALIGN_UP(image->end, PAGE_BITS);
    if (image->end == 0) {
        return refuse("no segment to load, program headers", header->segment_count);
    }
    if (!IS_ALIGNED(image->start, PAGE_BITS)) {
        return refuse("the lowest segment does not start on a page", image->start);
    }
    if (image->entry < image->start || image->entry >= image->end) {
        return refuse("the entry point is outside the image", image->entry);
    }
    return true;
}

BOOT_CODE void elf_load(const struct elf_image *image, uint8_t *memory)
{
    const struct elf_header *header = (const void *)image->file;
    uint8_t *next = memory; /* everything before it is filled */
    for (word_t i = 0; i < header->segment_count; i++) {
        struct elf_segment segment = segment_at(image, i);
        if (segment.type == ELF_SEGMENT_LOAD && segment.memory_bytes != 0) {
            uint8_t *start = memory + (segment.vaddr - image->start);
            __builtin_memset(next, 0, (word_t)(start - next));
            __builtin_memcpy(start, image->file + segment.offset, segment.file_bytes);
            next = start + segment.file_bytes;
        }
    }
    __builtin_memset(next, 0, image->end - image->start - (word_t)(next - memory));
}
