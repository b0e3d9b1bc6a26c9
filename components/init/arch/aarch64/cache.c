/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: instruction cache upkeep.
 */
#include <kaal/bits.h>

#include "../../arch.h"

#define CACHE_LINE_BYTES 64u

void arch_sync_instructions(const void *start, size_t bytes)
{
    uint64_t end = (uint64_t)start + bytes;
    for (uint64_t line = align_down((uint64_t)start, CACHE_LINE_BYTES); line < end;
         line += CACHE_LINE_BYTES) {
        __asm__ volatile("dc cvau, %0\n\tic ivau, %0" ::"r"(line) : "memory");
    }
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
}
