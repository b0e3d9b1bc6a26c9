/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Byte copying and clearing for the loader, which links no C library. Eight words per round when
 * both addresses allow it. The compiler may also call memcpy() and memset(); memory.c has them.
 */
#pragma once

#include <stdint.h>

/* Copy bytes from source to destination; they may overlap if destination lies lower. */
void memory_copy(void *destination, const void *source, uint64_t bytes);
/* Clear bytes at destination. */
void memory_zero(void *destination, uint64_t bytes);
