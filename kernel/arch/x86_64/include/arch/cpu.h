/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The instructions of x86_64 that C has no word for, one inline function each.
 * Source: Intel SDM vol. 2 (instruction set reference).
 */
#pragma once

#include <stdint.h>

static inline uint64_t cpu_read_msr(uint32_t msr)
{
    uint32_t low;
    uint32_t high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* cpu_read_NAME() and cpu_write_NAME(), by one instruction each. */
#define CPU_REGISTER(name, read, write)                    \
    static inline uint64_t cpu_read_##name(void)           \
    {                                                      \
        uint64_t value;                                    \
        __asm__ volatile(read : "=r"(value));              \
        return value;                                      \
    }                                                      \
    static inline void cpu_write_##name(uint64_t value)    \
    {                                                      \
        __asm__ volatile(write : : "r"(value) : "memory"); \
    }

CPU_REGISTER(cr0, "mov %%cr0, %0", "mov %0, %%cr0")
CPU_REGISTER(cr2, "mov %%cr2, %0", "mov %0, %%cr2")
CPU_REGISTER(cr3, "mov %%cr3, %0", "mov %0, %%cr3")
CPU_REGISTER(cr4, "mov %%cr4, %0", "mov %0, %%cr4")
/* A base must be canonical: the writing instruction faults otherwise. */
CPU_REGISTER(fs_base, "rdfsbase %0", "wrfsbase %0")
CPU_REGISTER(gs_base, "rdgsbase %0", "wrgsbase %0")

/* port_inBITS() and port_outBITS() */
#define CPU_PORT(bits, suffix)                                               \
    static inline uint##bits##_t port_in##bits(uint16_t port)                \
    {                                                                        \
        uint##bits##_t value;                                                \
        __asm__ volatile("in" suffix " %1, %0" : "=a"(value) : "Nd"(port));  \
        return value;                                                        \
    }                                                                        \
    static inline void port_out##bits(uint16_t port, uint##bits##_t value)   \
    {                                                                        \
        __asm__ volatile("out" suffix " %0, %1" : : "a"(value), "Nd"(port)); \
    }

CPU_PORT(8, "b")
CPU_PORT(16, "w")
CPU_PORT(32, "l")

static inline void cpu_clear_task_switched(void)
{
    __asm__ volatile("clts" : : : "memory");
}

static inline void cpu_invalidate_page(uint64_t vaddr)
{
    __asm__ volatile("invlpg (%0)" : : "r"(vaddr) : "memory");
}

static inline uint64_t cpu_read_tsc(void)
{
    uint64_t low; /* 64 bits: RDTSC clears the upper halves */
    uint64_t high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return high << 32 | low;
}

/* Time-stamp counter, ordered after the loads before it. */
static inline uint64_t cpu_read_tsc_ordered(void)
{
    __asm__ volatile("lfence" : : : "memory");
    return cpu_read_tsc();
}

struct cpuid {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
};

static inline struct cpuid cpu_id(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid result;
    __asm__ volatile("cpuid"
                     : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                     : "a"(leaf), "c"(subleaf));
    return result;
}
