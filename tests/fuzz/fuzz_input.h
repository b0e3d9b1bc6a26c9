/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the fuzzers share: a copy of the input that is aligned as real images are and ends exactly
 * where the input ends, so that ASan sees the first byte read too far; and reading of every byte of
 * a range.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The copy, at a 16-byte aligned address; the caller frees it. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes != 0 ? bytes : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, bytes);
    return copy;
}

/* Reads every byte; the sum keeps the compiler from dropping the loop. */
static inline uint64_t fuzz_touch(const void *data, uint64_t bytes)
{
    const volatile uint8_t *next = data;
    uint64_t sum = 0;
    for (uint64_t index = 0; index < bytes; index++) {
        sum += next[index];
    }
    return sum;
}

/* A property that must hold for whatever a reader accepted. */
#define FUZZ_REQUIRE(condition) \
    do {                        \
        if (!(condition)) {     \
            abort();            \
        }                       \
    } while (0)
