/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Between acpi.c, which finds tables and checks them, and acpi_tables.c, which knows what is in
 * them. */
#pragma once

#include "boot/acpi.h"
#include "boot/acpi_regs.h"

struct acpi_table {
    char name[5];
    const uint8_t *bytes;
    word_t length;
};

/* A place in a table: before the first acpi_next(), `bytes` is where its structures begin. */
struct acpi_cursor {
    const struct acpi_table *table;
    word_t width;  /* of the type and of the length that each structure begins with: 1 or 2 */
    word_t offset; /* of the structure at hand */
    word_t bytes;  /* its length */
    word_t type;
    bool damaged; /* a length was impossible; a message says so */
};

/* The table that a kernel reads when it finds its name. */
struct acpi_reader {
    char name[5];
    bool required; /* without it, or with a damaged one, the machine can't be used */
    bool several;  /* all of that name count, else the first */
    uint16_t bytes_min;
    bool (*read)(struct acpi_info *info, const struct acpi_table *table);
};

#define ACPI_READERS 4
extern const struct acpi_reader acpi_readers[ACPI_READERS];

/* A little-endian number of 1 to 8 bytes. */
uint64_t acpi_number(const uint8_t *at, word_t bytes);

/* Go to the next structure of a table. False at the end, or where a length is impossible. */
bool acpi_next(struct acpi_cursor *cursor) MUST_CHECK;

/* The number at `offset` of the structure at hand; 0 if it is too short for that. */
uint64_t acpi_field(const struct acpi_cursor *cursor, word_t offset, word_t bytes);
