/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing an ELF file that holds loadable segments and nothing else.
 */
#include "elf_writer.h"

#include <string.h>

#include <kaal/bits.h>
#include <kaal/elf_format.h>

#define PAGE_BYTES 4096u

/* Copies one segment's contents to its place and describes it. */
static struct elf_program_header write_segment(const struct kaal_elf_segment *segment,
                                               struct buffer *buffer)
{
    uint64_t in_page = segment->vaddr % PAGE_BYTES;
    uint64_t offset = in_page; /* of a segment without contents: inside the file, congruent */
    if (segment->file_bytes > 0) {
        buffer_align(buffer, PAGE_BYTES);
        (void)buffer_append(buffer, NULL, (size_t)in_page);
        offset = buffer_append(buffer, segment->data, (size_t)segment->file_bytes);
    }
    return (struct elf_program_header){
        .type = ELF_SEGMENT_LOAD,
        .flags = segment->rights,
        .offset = offset,
        .vaddr = segment->vaddr,
        .paddr = segment->vaddr,
        .file_bytes = segment->file_bytes,
        .memory_bytes = segment->memory_bytes,
        .alignment = PAGE_BYTES,
    };
}

static bool holds(const struct elf_program_header *header, uint64_t vaddr, uint64_t bytes)
{
    return vaddr >= header->vaddr && range_inside(vaddr - header->vaddr, bytes, header->file_bytes);
}

void elf_write(const struct kaal_elf *elf, struct buffer *buffer)
{
    struct elf_program_header headers[KAAL_ELF_SEGMENTS_MAX + 1];
    uint16_t count = 0;
    (void)buffer_append(buffer, NULL, PAGE_BYTES); /* ELF and program headers fit into one page */
    _Static_assert(sizeof(struct elf_header) + sizeof headers <= PAGE_BYTES, "one page of headers");

    for (uint32_t index = 0; index < elf->segment_count; index++) {
        headers[count++] = write_segment(&elf->segments[index], buffer);
    }
    buffer_align(buffer, PAGE_BYTES);
    if (elf->tls.memory_bytes > 0) {
        struct elf_program_header tls = {
            .type = ELF_SEGMENT_TLS,
            .flags = KAAL_ELF_READ,
            .vaddr = elf->tls.vaddr,
            .paddr = elf->tls.vaddr,
            .file_bytes = elf->tls.file_bytes,
            .memory_bytes = elf->tls.memory_bytes,
            .alignment = elf->tls.alignment,
        };
        for (uint16_t index = 0; index < count; index++) {
            if (holds(&headers[index], tls.vaddr, tls.file_bytes)) {
                tls.offset = headers[index].offset + (tls.vaddr - headers[index].vaddr);
            }
        }
        headers[count++] = tls;
    }
    struct elf_header header = {
        .identity = {0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, 1},
        .type = ELF_TYPE_EXECUTABLE,
        .machine = (uint16_t)elf->machine,
        .version = 1,
        .entry = elf->entry,
        .program_header_offset = sizeof header,
        .header_bytes = sizeof header,
        .program_header_bytes = sizeof headers[0],
        .program_header_count = count,
        .section_header_bytes = sizeof(struct elf_section_header),
    };
    memcpy(buffer->data, &header, sizeof header);
    memcpy(buffer->data + sizeof header, headers, count * sizeof headers[0]);
}
