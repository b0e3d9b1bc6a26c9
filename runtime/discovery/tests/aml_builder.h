/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writes definition blocks for tests, one term after the other. Packages have a length of two
 * bytes, which is filled in when they end.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#define BUILDER_BYTES 4096u
#define BUILDER_DEPTH 16u

struct aml_builder {
    uint8_t data[BUILDER_BYTES];
    uint32_t bytes;
    uint32_t open[BUILDER_DEPTH];
    uint32_t depth;
};

static inline void b_bytes(struct aml_builder *b, const void *data, uint32_t bytes)
{
    memcpy(b->data + b->bytes, data, bytes);
    b->bytes += bytes;
}

static inline void b_op(struct aml_builder *b, uint32_t opcode)
{
    uint8_t both[2] = {(uint8_t)(opcode >> 8), (uint8_t)opcode};
    b_bytes(b, both + (opcode < 0x100), opcode < 0x100 ? 1 : 2);
}

static inline void b_start(struct aml_builder *b)
{
    memset(b, 0, sizeof(*b));
    memcpy(b->data, "DSDT", 4);
    b->bytes = 36;
}

static inline void b_begin(struct aml_builder *b, uint32_t opcode)
{
    b_op(b, opcode);
    b->open[b->depth++] = b->bytes;
    b->bytes += 2;
}

static inline void b_end(struct aml_builder *b)
{
    uint32_t at = b->open[--b->depth];
    uint32_t length = b->bytes - at;
    b->data[at] = (uint8_t)(0x40 | (length & 15));
    b->data[at + 1] = (uint8_t)(length >> 4);
}

static inline void b_name(struct aml_builder *b, const char *name)
{
    if (*name == '\\' || *name == '^') {
        b_bytes(b, name++, 1);
    }
    if (strlen(name) == 9) { /* two segments with a dot */
        b_op(b, 0x2E);
        b_bytes(b, name, 4);
        name += 5;
    }
    b_bytes(b, name, 4);
}

static inline void b_integer(struct aml_builder *b, uint64_t value)
{
    b_op(b, 0x0E);
    b_bytes(b, &value, 8);
}

static inline void b_string(struct aml_builder *b, const char *text)
{
    b_op(b, 0x0D);
    b_bytes(b, text, (uint32_t)strlen(text) + 1);
}

static inline void b_buffer(struct aml_builder *b, const void *data, uint32_t bytes)
{
    b_begin(b, 0x11);
    b_integer(b, bytes);
    b_bytes(b, data, bytes);
    b_end(b);
}

/* Name (name, value) */
static inline void b_named_integer(struct aml_builder *b, const char *name, uint64_t value)
{
    b_op(b, 0x08);
    b_name(b, name);
    b_integer(b, value);
}

/* Method (name, arguments) { ... b_end() */
static inline void b_method(struct aml_builder *b, const char *name, uint32_t arguments)
{
    b_begin(b, 0x14);
    b_name(b, name);
    b_op(b, arguments);
}

/* Device (name) { ... b_end() */
static inline void b_device(struct aml_builder *b, const char *name)
{
    b_begin(b, 0x5B82);
    b_name(b, name);
}
