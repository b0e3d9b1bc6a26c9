/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The C library's memory functions, which freestanding code brings itself (core/string.c,
 * the architecture's string.c or string.S). */
#pragma once

#include <stddef.h>

/* As the C standard has them; memcpy() for regions that do not overlap, memmove() for any. */
void *memcpy(void *restrict dest, const void *restrict src, size_t bytes);
void *memmove(void *dest, const void *src, size_t bytes);
void *memset(void *dest, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
