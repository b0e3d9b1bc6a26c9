/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bits, fields and alignment. A field is a mask; field_get and field_set find its position, so a
 * register description names each field once: TMR_CTRL_DIVISOR is FIELD32(7, 4).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bit number n of a 32-bit register. */
#define BIT32(n) (UINT32_C(1) << (n))
/** Bit number n of a 64-bit word. */
#define BIT64(n) (UINT64_C(1) << (n))
/** The field of bits high..low (inclusive) of a 32-bit register. */
#define FIELD32(high, low) ((UINT32_MAX >> (31 - (high))) & ~(BIT32(low) - 1))
/** Elements of an array (not a pointer). */
#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/**
 * The value of a field in a register's value.
 *   value  register value;  field  non-zero mask from FIELD32 or BIT32
 */
static inline uint32_t field_get(uint32_t value, uint32_t field)
{
    return (value & field) / (field & (~field + 1));
}

/**
 * A register's value with one field replaced; bits of the new value that do not fit are dropped.
 *   value  old register value;  field  mask from FIELD32;  field_value  new value of the field
 */
static inline uint32_t field_set(uint32_t value, uint32_t field, uint32_t field_value)
{
    return (value & ~field) | ((field_value * (field & (~field + 1))) & field);
}

/** True if value is a power of two (0 is not). */
static inline bool is_power_of_two(uint64_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

/** value rounded down to a multiple of alignment (a power of two). */
static inline uint64_t align_down(uint64_t value, uint64_t alignment)
{
    return value & ~(alignment - 1);
}

/** value rounded up to a multiple of alignment (a power of two); wraps to 0 past 2^64. */
static inline uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

/** True if [offset, offset + length) lies inside [0, size), without overflow. */
static inline bool range_inside(uint64_t offset, uint64_t length, uint64_t size)
{
    return offset <= size && length <= size - offset;
}
