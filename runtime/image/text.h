/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checks of fixed-size text fields, shared by the readers. They work on bounded arrays only: a
 * field without its NUL is a format error, never a longer string.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* True if the field holds a NUL-terminated text whose remaining bytes are all 0. */
static inline bool text_is_terminated(const char *field, uint32_t field_bytes)
{
    uint32_t length = 0;
    while (length < field_bytes && field[length] != '\0') {
        length++;
    }
    if (length == field_bytes) {
        return false;
    }
    for (uint32_t index = length; index < field_bytes; index++) {
        if (field[index] != '\0') {
            return false;
        }
    }
    return true;
}

/* True if the field holds a name: terminated, not empty, characters a-z 0-9 _ - only. */
static inline bool text_is_name(const char *field, uint32_t field_bytes)
{
    if (!text_is_terminated(field, field_bytes) || field[0] == '\0') {
        return false;
    }
    for (uint32_t index = 0; field[index] != '\0'; index++) {
        char c = field[index];
        bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!good) {
            return false;
        }
    }
    return true;
}

/* True if both fields of that size, known to be terminated, hold the same text. */
static inline bool text_equal(const char *left, const char *right, uint32_t field_bytes)
{
    for (uint32_t index = 0; index < field_bytes; index++) {
        if (left[index] != right[index]) {
            return false;
        }
        if (left[index] == '\0') {
            return true;
        }
    }
    return true;
}
