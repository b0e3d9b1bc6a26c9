/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The smaller headers of ELF32 fit into the room of the ELF64 ones when the program headers follow
 * the file header, where every linker puts them. Nothing else of the file changes: loaders of
 * multiboot kernels use physical addresses, and those are below 4 GiB. The section table goes, as
 * its entries have another format. Source: System V ABI, chapters 4 and 5; Multiboot Specification
 * 0.6.96, 3.1.
 */
#include "multiboot_kernel.h"

#include <string.h>

#include <kaal/elf_format.h>

#define MULTIBOOT_MAGIC        UINT32_C(0x1badb002)
#define MULTIBOOT_ADDRESSES    UINT32_C(0x10000) /* flag 16: the address fields are valid */
#define MULTIBOOT_SEARCH_BYTES 8192u
#define ELF_CLASS_32           1u
#define ELF_MACHINE_386        3u

struct elf32_header {
    uint8_t identity[16];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint32_t entry;
    uint32_t program_header_offset;
    uint32_t section_header_offset;
    uint32_t flags;
    uint16_t header_bytes;
    uint16_t program_header_bytes;
    uint16_t program_header_count;
    uint16_t section_header_bytes;
    uint16_t section_header_count;
    uint16_t section_names_index;
};
_Static_assert(sizeof(struct elf32_header) == 52, "System V ABI");

struct elf32_program_header {
    uint32_t type;
    uint32_t offset;
    uint32_t vaddr;
    uint32_t paddr;
    uint32_t file_bytes;
    uint32_t memory_bytes;
    uint32_t flags;
    uint32_t alignment;
};
_Static_assert(sizeof(struct elf32_program_header) == 32, "System V ABI");

/* True if there is a multiboot 1 header without address fields. */
static bool needs_elf32(const struct buffer *kernel)
{
    size_t end = kernel->bytes < MULTIBOOT_SEARCH_BYTES ? kernel->bytes : MULTIBOOT_SEARCH_BYTES;
    for (size_t offset = 0; offset + 12 <= end; offset += 4) {
        uint32_t words[3]; /* magic, flags, checksum */
        memcpy(words, kernel->data + offset, sizeof words);
        if (words[0] == MULTIBOOT_MAGIC && words[0] + words[1] + words[2] == 0) {
            return (words[1] & MULTIBOOT_ADDRESSES) == 0;
        }
    }
    return false;
}

static bool fits(uint64_t value)
{
    return value <= UINT32_MAX;
}

/* False if a segment's place does not fit into 32 bits; virtual addresses are cut, nobody uses
 * them. */
static bool convert(const struct elf_program_header *from, struct elf32_program_header *to)
{
    *to = (struct elf32_program_header){
        .type = from->type,
        .offset = (uint32_t)from->offset,
        .vaddr = (uint32_t)from->vaddr,
        .paddr = (uint32_t)from->paddr,
        .file_bytes = (uint32_t)from->file_bytes,
        .memory_bytes = (uint32_t)from->memory_bytes,
        .flags = from->flags,
        .alignment = (uint32_t)from->alignment,
    };
    return from->type != ELF_SEGMENT_LOAD ||
           (fits(from->offset) && fits(from->file_bytes) && fits(from->memory_bytes) &&
            fits(from->paddr) && fits(from->paddr + from->memory_bytes));
}

/* Rewrites the headers in place. Returns what is wrong with them, or NULL. */
static const char *rewrite(struct buffer *kernel)
{
    struct elf_header header;
    memcpy(&header, kernel->data, sizeof header);
    uint16_t count = header.program_header_count;
    if (header.program_header_offset != sizeof header ||
        header.program_header_bytes != sizeof(struct elf_program_header) ||
        kernel->bytes < sizeof header + count * sizeof(struct elf_program_header)) {
        return "program headers that do not follow the file header";
    }
    if (!fits(header.entry)) {
        return "an entry point that is no physical address";
    }
    struct elf32_header small = {
        .type = header.type,
        .machine = ELF_MACHINE_386,
        .version = header.version,
        .entry = (uint32_t)header.entry,
        .program_header_offset = sizeof small,
        .flags = header.flags,
        .header_bytes = sizeof small,
        .program_header_bytes = sizeof(struct elf32_program_header),
        .program_header_count = count,
    };
    memcpy(small.identity, header.identity, sizeof small.identity);
    small.identity[4] = ELF_CLASS_32;
    for (uint16_t index = 0; index < count; index++) {
        struct elf_program_header from;
        struct elf32_program_header to;
        memcpy(&from, kernel->data + sizeof header + index * sizeof from, sizeof from);
        if (!convert(&from, &to)) {
            return "a segment beyond 4 GiB of physical memory";
        }
        /* Ends before the entry that is read next. */
        memcpy(kernel->data + sizeof small + index * sizeof to, &to, sizeof to);
    }
    memcpy(kernel->data, &small, sizeof small);
    return NULL;
}

bool multiboot_kernel_prepare(struct buffer *kernel, const char *path,
                              struct diagnostics *diagnostics)
{
    const char *problem = needs_elf32(kernel) ? rewrite(kernel) : NULL;
    if (problem != NULL) {
        diagnostics_error(diagnostics, (struct position){0},
                          "%s: QEMU needs it as an ELF32 file, but it has %s; try: objcopy -O "
                          "elf32-i386, and QEMU by hand",
                          path, problem);
    }
    return problem == NULL;
}
