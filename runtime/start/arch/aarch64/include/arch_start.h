/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the start code needs of aarch64.
 *
 * Thread-local variables lie above the thread pointer, behind two words; musl's thread structure
 * ends at the thread pointer.
 */
#pragma once

#include <stdint.h>

#define ARCH_TLS_BELOW_POINTER 0

static inline uint64_t arch_ticks(void)
{
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
    return ticks;
}

static inline void arch_set_thread_pointer(void *pointer)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(pointer) : "memory");
}

static inline uint64_t arch_counter_hz(void)
{
    uint64_t hz;
    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz & 0xffffffff;
}
