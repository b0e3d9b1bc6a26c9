/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One component's ELF file (or init's), read from disk and taken apart: its loadable segments, its
 * function symbols, its driver declaration.
 */
#pragma once

#include <stdbool.h>

#include <kaal/elf.h>
#include <kaal/elf_format.h>

#include "buffer.h"
#include "diagnostics.h"
#include "manifest.h"

/* Largest ELF file that is read at all, debug information included. */
#define COMPONENT_FILE_MAX_BYTES ((size_t)256 << 20)

/* A component's file. */
struct component_image {
    struct buffer file;        /* as on disk; elf borrows from it */
    struct kaal_elf elf;       /* its segments */
    struct buffer symbols;     /* struct kaal_symbols; empty if the file has no symbol table */
    struct buffer declaration; /* struct kaal_driver_declaration; empty if it is no driver */
};

/* A section found by name. */
struct elf_section {
    const struct elf_section_header *header;
    const uint8_t *data; /* NULL if the section has no bytes in the file */
};

/*
 * Opens the ELF file in image->file.
 *   path  its name, for messages;  at  where compose.yaml names it, or line 0
 *   image  file is filled in; the rest is set on success
 * Returns true, or false after a reported error. Call component_image_deinit() in both cases.
 */
bool component_image_parse(struct component_image *image, const char *path, enum machine machine,
                           struct position at, struct diagnostics *diagnostics);

/* Reads the file at path, then as component_image_parse(). A missing file is an error too. */
bool component_image_load(struct component_image *image, const char *path, enum machine machine,
                          struct position at, struct diagnostics *diagnostics);

/* Reads a file named on the command line. Returns false after a reported error. */
bool file_read_reported(const char *path, struct buffer *buffer);

/* Frees everything. */
void component_image_deinit(struct component_image *image);

/*
 * Finds a section of an ELF file by name, with all bounds checked.
 *   problem  out: a static phrase if the section headers are malformed, else NULL
 * Returns true if it exists.
 */
bool elf_section_find(const struct buffer *file, const char *name, struct elf_section *section,
                      const char **problem);
