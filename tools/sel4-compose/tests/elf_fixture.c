/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Small ELF files made in memory.
 */
#include "elf_fixture.h"

#include <string.h>

#include <kaal/elf.h>

struct kaal_driver_declaration fixture_declaration(void)
{
    return (struct kaal_driver_declaration){
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .device_class = KAAL_CLASS_SERIAL,
        .name = "uart",
        .match_count = 1,
        .resource_count = 2,
        .matches = {{.kind = KAAL_SELECT_COMPATIBLE, .id = "ns16550a"}},
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_PORTS, .bytes = 8},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ}},
    };
}

static const char names[] = "\0.kaal_driver\0.kaal_archive\0.data\0.symtab\0.strtab\0.shstrtab";
static const char strings[] = "\0_start\0work\0table";

static uint32_t name_offset(const char *name)
{
    for (uint32_t offset = 0; offset < sizeof names; offset++) {
        if (strcmp(names + offset, name) == 0) {
            return offset;
        }
    }
    return 0;
}

struct fixture_layout fixture_write(const struct fixture *fixture, struct buffer *file)
{
    size_t text_bytes = fixture->text_bytes != 0 ? fixture->text_bytes : 64;
    uint64_t data_vaddr = FIXTURE_DATA_VADDR + (text_bytes & ~UINT64_C(4095));
    struct elf_header header = {
        .identity = {0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, 1},
        .type = ELF_TYPE_EXECUTABLE,
        .machine = fixture->machine,
        .version = 1,
        .entry = FIXTURE_TEXT_VADDR,
        .program_header_offset = sizeof header,
        .header_bytes = sizeof header,
        .program_header_bytes = sizeof(struct elf_program_header),
        .program_header_count = 2,
        .section_header_bytes = sizeof(struct elf_section_header),
        .section_header_count = FIXTURE_SECTIONS,
        .section_names_index = FIXTURE_NAMES,
    };
    struct elf_program_header segments[2] = {
        {.type = ELF_SEGMENT_LOAD,
         .flags = KAAL_ELF_READ | KAAL_ELF_EXECUTE,
         .offset = 4096,
         .vaddr = FIXTURE_TEXT_VADDR,
         .file_bytes = text_bytes,
         .memory_bytes = text_bytes,
         .alignment = 4096},
        {.type = ELF_SEGMENT_LOAD,
         .flags = fixture->archive ? KAAL_ELF_READ : KAAL_ELF_READ | KAAL_ELF_WRITE,
         .vaddr = data_vaddr,
         .alignment = 4096},
    };
    struct elf_section_header sections[FIXTURE_SECTIONS] = {0};
    struct elf_symbol symbols[] = {
        {0},
        {.name = 8, .info = ELF_SYMBOL_FUNCTION, .section = 1, .value = 0x400020, .bytes = 16},
        {.name = 1, .info = ELF_SYMBOL_FUNCTION, .section = 1, .value = 0x400000, .bytes = 32},
        {.name = 13, .info = 1, .section = 1, .value = data_vaddr, .bytes = 8},
    };
    (void)buffer_append(file, NULL, 4096);
    (void)buffer_append(file, NULL, text_bytes);
    buffer_align(file, 4096);

    const char *data_name = ".data";
    uint64_t data_bytes = 4096;
    segments[1].offset = file->bytes;
    if (fixture->declaration != NULL) {
        data_name = ".kaal_driver";
        data_bytes = fixture->declaration_bytes != 0 ? fixture->declaration_bytes
                                                     : sizeof *fixture->declaration;
        (void)buffer_append(file, fixture->declaration, sizeof *fixture->declaration);
        (void)buffer_append(file, NULL, sizeof *fixture->declaration);
    } else {
        data_name = fixture->archive ? ".kaal_archive" : data_name;
        (void)buffer_append(file, NULL, 4096);
    }
    segments[1].file_bytes = data_bytes;
    segments[1].memory_bytes = data_bytes;
    sections[FIXTURE_DATA] = (struct elf_section_header){.name = name_offset(data_name),
                                                         .type = 1,
                                                         .vaddr = data_vaddr,
                                                         .offset = segments[1].offset,
                                                         .bytes = data_bytes};
    buffer_align(file, 8);
    sections[FIXTURE_SYMBOLS] =
        (struct elf_section_header){.name = name_offset(".symtab"),
                                    .type = ELF_SECTION_SYMBOLS,
                                    .offset = buffer_append(file, symbols, sizeof symbols),
                                    .bytes = sizeof symbols,
                                    .link = FIXTURE_STRINGS,
                                    .entry_bytes = sizeof symbols[0]};
    sections[FIXTURE_STRINGS] =
        (struct elf_section_header){.name = name_offset(".strtab"),
                                    .type = ELF_SECTION_STRINGS,
                                    .offset = buffer_append(file, strings, sizeof strings),
                                    .bytes = sizeof strings};
    sections[FIXTURE_NAMES] =
        (struct elf_section_header){.name = name_offset(".shstrtab"),
                                    .type = ELF_SECTION_STRINGS,
                                    .offset = buffer_append(file, names, sizeof names),
                                    .bytes = sizeof names};
    buffer_align(file, 8);
    header.section_header_offset = buffer_append(file, sections, sizeof sections);
    memcpy(file->data, &header, sizeof header);
    memcpy(file->data + sizeof header, segments, sizeof segments);
    return (struct fixture_layout){.program_headers = sizeof header,
                                   .section_headers = header.section_header_offset};
}
