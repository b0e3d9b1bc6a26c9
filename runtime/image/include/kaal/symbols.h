/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The compact symbol table of one image: function start addresses in ascending order, each with the
 * offset of its name in a string pool. sel4-compose makes it from the ELF symbol table; init turns
 * addresses of a crash report into names with it.
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>

/** First word: "KaaLsyms" in memory order. */
#define KAAL_SYMBOLS_MAGIC UINT64_C(0x736d79734c61614b)

/** One function. */
struct kaal_symbol {
    uint64_t address;     /**< first instruction */
    uint32_t bytes;       /**< length, 0 if unknown */
    uint32_t name_offset; /**< into the string pool */
};
_Static_assert(sizeof(struct kaal_symbol) == 16, "packed format");

/** Header; count entries follow, then the string pool (NUL-terminated names, last byte NUL). */
struct kaal_symbols {
    uint64_t magic;        /**< KAAL_SYMBOLS_MAGIC */
    uint32_t count;        /**< entries */
    uint32_t string_bytes; /**< length of the pool */
};
_Static_assert(sizeof(struct kaal_symbols) == 16, "packed format");

/**
 * Finds the function that contains an address.
 *   data, bytes  a symbol table (checked here; a malformed one finds nothing)
 *   name   out: the function's name, borrowed from data;  offset  out: address minus its start
 * Returns KAAL_OK, KAAL_ERR_NOT_FOUND, or KAAL_ERR_FORMAT.
 */
MUST_CHECK int kaal_symbols_find(const void *data, uint64_t bytes, uint64_t address,
                                 const char **name, uint64_t *offset);

/**
 * Finds a function by its name.
 *   data, bytes  as above;  address  out: its first instruction
 * Returns KAAL_OK, KAAL_ERR_NOT_FOUND, or KAAL_ERR_FORMAT.
 */
MUST_CHECK int kaal_symbols_address(const void *data, uint64_t bytes, const char *name,
                                    uint64_t *address);
