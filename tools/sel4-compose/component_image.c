/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Taking a component's ELF file apart. kaal_elf_open() has proved the program headers; sections are
 * only for tools, so they are checked here, where they are used.
 */
#include "component_image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/driver_declaration.h>
#include <kaal/symbols.h>

#define DECLARATION_SECTION ".kaal_driver"
/* Longest function name in a symbol table; C has no longer ones that a person would read. */
#define SYMBOL_NAME_MAX_BYTES 128u

void component_image_deinit(struct component_image *image)
{
    buffer_deinit(&image->file);
    buffer_deinit(&image->symbols);
    buffer_deinit(&image->declaration);
}

/* --- sections --------------------------------------------------------------------------------- */

/* The table of sections, or NULL: none, or malformed (problem is set). */
static const struct elf_section_header *section_table(const struct buffer *file, uint32_t *count,
                                                      const char **problem)
{
    const struct elf_header *header = (const struct elf_header *)file->data;
    *problem = NULL;
    *count = header->section_header_count;
    if (header->section_header_offset == 0 || header->section_header_count == 0) {
        return NULL;
    }
    if (header->section_header_bytes != sizeof(struct elf_section_header) ||
        header->section_header_offset % 8 != 0 ||
        header->section_names_index >= header->section_header_count ||
        !range_inside(header->section_header_offset,
                      header->section_header_count * sizeof(struct elf_section_header),
                      file->bytes)) {
        *problem = "the table of sections is malformed (e_shoff, e_shstrndx)";
        return NULL;
    }
    return (const struct elf_section_header *)(file->data + header->section_header_offset);
}

static bool section_inside(const struct buffer *file, const struct elf_section_header *header)
{
#ifdef KAAL_PLANTED_BUG_SECTIONS
    /* The fuzzer's self-test builds this: only the start is checked. */
    return header->offset <= file->bytes;
#else
    return header->type == ELF_SECTION_NO_BITS ||
           range_inside(header->offset, header->bytes, file->bytes);
#endif
}

/* The text at an offset of a string section if it ends within the section, else NULL. */
static const char *string_at(const struct buffer *file, const struct elf_section_header *strings,
                             uint32_t offset)
{
    if (strings->type != ELF_SECTION_STRINGS || offset >= strings->bytes) {
        return NULL;
    }
    const char *text = (const char *)file->data + strings->offset + offset;
    return memchr(text, '\0', (size_t)(strings->bytes - offset)) != NULL ? text : NULL;
}

bool elf_section_find(const struct buffer *file, const char *name, struct elf_section *section,
                      const char **problem)
{
    uint32_t count;
    const struct elf_section_header *table = section_table(file, &count, problem);
    if (table == NULL) {
        return false;
    }
    const struct elf_header *header = (const struct elf_header *)file->data;
    const struct elf_section_header *names = &table[header->section_names_index];
    if (names->type != ELF_SECTION_STRINGS || !section_inside(file, names)) {
        *problem = "the sections' names are malformed (e_shstrndx)";
        return false;
    }
    for (uint32_t index = 0; index < count; index++) {
        const char *text = string_at(file, names, table[index].name);
        if (text == NULL || strcmp(text, name) != 0) {
            continue;
        }
        if (!section_inside(file, &table[index])) {
            *problem = "a section reaches past the file's end (sh_offset)";
            return false;
        }
        section->header = &table[index];
        section->data =
            table[index].type == ELF_SECTION_NO_BITS ? NULL : file->data + table[index].offset;
        return true;
    }
    return false;
}

/* --- symbols ---------------------------------------------------------------------------------- */

struct named_symbol {
    uint64_t address;
    uint64_t bytes;
    const char *name;
};

static int compare_symbols(const void *left_pointer, const void *right_pointer)
{
    const struct named_symbol *left = left_pointer;
    const struct named_symbol *right = right_pointer;
    if (left->address != right->address) {
        return left->address < right->address ? -1 : 1;
    }
    if (left->bytes != right->bytes) { /* aliases: the one with a length first */
        return left->bytes > right->bytes ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

/* Collects the functions of a symbol section; returns their number. */
static size_t collect_functions(const struct buffer *file, const struct elf_section *section,
                                const struct elf_section_header *strings,
                                struct named_symbol *functions)
{
    const struct elf_symbol *symbols = (const struct elf_symbol *)section->data;
    size_t total = section->header->bytes / sizeof(struct elf_symbol);
    size_t count = 0;
    for (size_t index = 0; index < total; index++) {
        const struct elf_symbol *symbol = &symbols[index];
        if ((symbol->info & 0xf) != ELF_SYMBOL_FUNCTION || symbol->section == 0) {
            continue;
        }
        const char *name = string_at(file, strings, symbol->name);
        if (name != NULL && name[0] != '\0') {
            functions[count++] = (struct named_symbol){symbol->value, symbol->bytes, name};
        }
    }
    return count;
}

static void write_symbols(struct named_symbol *functions, size_t count, struct buffer *out)
{
    struct buffer pool = {0};
    struct kaal_symbols header = {.magic = KAAL_SYMBOLS_MAGIC};
    qsort(functions, count, sizeof functions[0], compare_symbols);
    (void)buffer_append(out, &header, sizeof header);
    for (size_t index = 0; index < count; index++) {
        if (index > 0 && functions[index].address == functions[index - 1].address) {
            continue;
        }
        size_t length = strnlen(functions[index].name, SYMBOL_NAME_MAX_BYTES);
        uint64_t bytes = functions[index].bytes;
        struct kaal_symbol symbol = {
            .address = functions[index].address,
            .bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX,
            .name_offset = (uint32_t)buffer_append(&pool, functions[index].name, length),
        };
        (void)buffer_append(&pool, "", 1);
        (void)buffer_append(out, &symbol, sizeof symbol);
        header.count++;
    }
    header.string_bytes = (uint32_t)pool.bytes;
    (void)buffer_append(out, pool.data, pool.bytes);
    memcpy(out->data, &header, sizeof header);
    buffer_deinit(&pool);
}

/* Returns NULL, or what is wrong. */
static const char *read_symbols(struct component_image *image)
{
    struct elf_section section;
    const char *problem;
    if (!elf_section_find(&image->file, ".symtab", &section, &problem)) {
        return problem; /* none: a stripped file; backtraces of it show addresses only */
    }
    uint32_t count;
    const struct elf_section_header *table = section_table(&image->file, &count, &problem);
    uint32_t link = section.header->link;
    if (section.header->type != ELF_SECTION_SYMBOLS || section.data == NULL ||
        section.header->offset % 8 != 0 || link >= count ||
        !section_inside(&image->file, &table[link])) {
        return "the symbol table is malformed (.symtab)";
    }
    size_t total = section.header->bytes / sizeof(struct elf_symbol);
    if (total == 0) {
        return NULL;
    }
    struct named_symbol *functions = allocate_zeroed(total * sizeof functions[0]);
    size_t functions_found = collect_functions(&image->file, &section, &table[link], functions);
    write_symbols(functions, functions_found, &image->symbols);
    free(functions);
    return NULL;
}

/* --- driver declaration ----------------------------------------------------------------------- */

static const char *read_declaration(struct component_image *image)
{
    struct elf_section section;
    const char *problem;
    if (!elf_section_find(&image->file, DECLARATION_SECTION, &section, &problem)) {
        return problem; /* none: not a driver */
    }
    if (section.data == NULL) {
        return "the driver declaration has no contents (.kaal_driver)";
    }
    if (section.header->bytes != sizeof(struct kaal_driver_declaration)) {
        return "section .kaal_driver is not exactly one driver declaration; one KAAL_DRIVER per "
               "image, built for this version of KaaL";
    }
    (void)buffer_append(&image->declaration, section.data, (size_t)section.header->bytes);
    const struct kaal_driver_declaration *declaration;
    if (kaal_driver_declaration_open(image->declaration.data, image->declaration.bytes,
                                     &declaration, &problem) != KAAL_OK) {
        return problem;
    }
    return NULL;
}

/* --- the whole file --------------------------------------------------------------------------- */

static void report_elf(struct diagnostics *diagnostics, struct position at, const char *path,
                       const struct kaal_elf_problem *problem)
{
    char where[40] = "";
    if (problem->header != KAAL_ELF_NO_HEADER) {
        (void)snprintf(where, sizeof where, "program header %u: ", problem->header);
    }
    diagnostics_error(diagnostics, at,
                      "%s: %s%s: 0x%" PRIx64 "; try: link it as kaal_component() does, for the "
                      "machine you compose for",
                      path, where, problem->text, problem->value);
}

bool component_image_parse(struct component_image *image, const char *path, enum machine machine,
                           struct position at, struct diagnostics *diagnostics)
{
    struct kaal_elf_problem elf_problem;
    uint32_t expected =
        machine == MACHINE_X86_64 ? KAAL_ELF_MACHINE_X86_64 : KAAL_ELF_MACHINE_AARCH64;
    if (kaal_elf_open(image->file.data, image->file.bytes, expected, &image->elf, &elf_problem) !=
        KAAL_OK) {
        report_elf(diagnostics, at, path, &elf_problem);
        return false;
    }
    const char *problem = read_symbols(image);
    if (problem == NULL) {
        problem = read_declaration(image);
    }
    if (problem != NULL) {
        diagnostics_error(diagnostics, at, "%s: %s; try: build the file anew", path, problem);
        return false;
    }
    return true;
}

bool component_image_load(struct component_image *image, const char *path, enum machine machine,
                          struct position at, struct diagnostics *diagnostics)
{
    int error = file_read(path, COMPONENT_FILE_MAX_BYTES, &image->file);
    if (error != 0) {
        diagnostics_error(diagnostics, at, "image %s cannot be read: %s; try: %s", path,
                          strerror(error),
                          error == ENOENT ? "build the component, or correct its image name"
                                          : "check the file's kind and permissions");
        return false;
    }
    return component_image_parse(image, path, machine, at, diagnostics);
}

bool file_read_reported(const char *path, struct buffer *buffer)
{
    int error = file_read(path, COMPONENT_FILE_MAX_BYTES, buffer);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: build it first, or correct the path\n", path,
                strerror(error));
    }
    return error == 0;
}
