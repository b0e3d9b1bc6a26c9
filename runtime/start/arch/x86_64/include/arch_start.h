/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the start code needs of x86_64.
 *
 * Thread-local variables lie below the thread pointer; the word at the thread pointer is its own
 * address, and musl's thread structure begins there.
 */
#pragma once

#include <stdint.h>

#define ARCH_TLS_BELOW_POINTER 1

static inline uint64_t arch_ticks(void)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline void arch_set_thread_pointer(void *pointer)
{
    *(void **)pointer = pointer;
    __asm__ volatile("wrfsbase %0" : : "r"(pointer) : "memory");
}

/* The frequency comes with the boot information. */
static inline uint64_t arch_counter_hz(void)
{
    return 0;
}
