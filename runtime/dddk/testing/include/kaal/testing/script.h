/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/** @file
 * A fuzzer's input, read as a script: each thing that happens takes the bytes that it needs.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** What is left of the input. */
struct fuzz_script {
    const uint8_t *data; /**< [bytes] */
    size_t bytes;
};

/** The next `width` (at most 8) bytes as a little-endian number; zeros past the input's end. */
static inline uint64_t fuzz_script_take(struct fuzz_script *script, unsigned width)
{
    uint64_t value = 0;
    size_t count = script->bytes < width ? script->bytes : width;

    memcpy(&value, script->data, count);
    script->data += count;
    script->bytes -= count;
    return value;
}
