/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Small ELF files made in memory, as a linker with runtime/start's scripts would lay them out: two
 * segments, a symbol table, and on request a driver declaration or init's archive placeholder.
 */
#pragma once

#include <stdbool.h>

#include <kaal/driver_declaration.h>
#include <kaal/elf_format.h>

#include "buffer.h"

#define FIXTURE_TEXT_VADDR UINT64_C(0x400000)
#define FIXTURE_DATA_VADDR UINT64_C(0x402000)

/* What the file is to hold. */
struct fixture {
    uint16_t machine;                                  /* KAAL_ELF_MACHINE_* */
    const struct kaal_driver_declaration *declaration; /* NULL: none */
    uint64_t declaration_bytes; /* 0: the whole structure; else cut or padded to it */
    bool archive;               /* placeholder section .kaal_archive is the last segment */
    size_t text_bytes;          /* 0: 64 */
};

/* The placeholders of the file's parts, for tests that damage them. */
struct fixture_layout {
    size_t program_headers; /* offset of the first */
    size_t section_headers; /* offset of the first */
};

/* Section numbers of the file. */
enum fixture_section {
    FIXTURE_NONE,
    FIXTURE_DATA, /* .kaal_driver, .kaal_archive or .data */
    FIXTURE_SYMBOLS,
    FIXTURE_STRINGS,
    FIXTURE_NAMES,
    FIXTURE_SECTIONS,
};

/* Appends the file to an empty buffer. */
struct fixture_layout fixture_write(const struct fixture *fixture, struct buffer *file);

/* A valid declaration of a serial driver. */
struct kaal_driver_declaration fixture_declaration(void);
