/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bulk copying and zeroing by string instructions, for images of several MiB. */
#pragma once

#include <kernel/types.h>

static inline void memory_copy(void *dest, const void *source, word_t bytes)
{
    word_t words = bytes / 8;
    word_t rest = bytes % 8;
    __asm__ volatile("rep movsq; mov %3, %%rcx; rep movsb"
                     : "+D"(dest), "+S"(source), "+c"(words)
                     : "r"(rest)
                     : "memory");
}

/* bytes must be a multiple of 8. */
static inline void memory_zero(void *dest, word_t bytes)
{
    word_t words = bytes / 8;
    __asm__ volatile("rep stosq" : "+D"(dest), "+c"(words) : "a"(0) : "memory");
}
