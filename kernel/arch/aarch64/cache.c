/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Cache maintenance. The instruction cache is invalidated as a whole: it may be indexed by virtual
 * address, and the kernel sees pages under other addresses than users do.
 */
#include <arch/cache.h>
#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/memory.h>

#define CACHE_LINE_BITS  6 /* 64 bytes, as users are told */
#define CACHE_ROUND_BITS 8 /* four lines */

#define FOR_EACH_LINE(instruction, start, end)                           \
    for (kptr_t line = ALIGN_DOWN(start, CACHE_LINE_BITS); line < (end); \
         line += BIT(CACHE_LINE_BITS)) {                                 \
        __asm__ volatile(instruction ", %0" ::"r"(line) : "memory");     \
    }

void cache_operate(enum cache_operation operation, kptr_t start, kptr_t end)
{
    switch (operation) {
    case CACHE_CLEAN:
        FOR_EACH_LINE("dc cvac", start, end);
        break;
    case CACHE_INVALIDATE:
        FOR_EACH_LINE("dc ivac", start, end);
        break;
    case CACHE_CLEAN_INVALIDATE:
        FOR_EACH_LINE("dc civac", start, end);
        break;
    case CACHE_UNIFY:
        FOR_EACH_LINE("dc cvau", start, end);
        __asm__ volatile("dsb nsh\n\tic iallu" ::: "memory");
        break;
    }
    barrier_all();
    barrier_instruction();
}

/* Zeroing and cleaning block by block. A block of DC ZVA is a cache line on every supported CPU. */
void arch_memory_clear(kptr_t base, word_t bytes)
{
    bool blocks =
        sysreg_read(dczid_el0) == CACHE_LINE_BITS - 2 && IS_ALIGNED(base, CACHE_LINE_BITS);
    kptr_t end = blocks ? base + ALIGN_DOWN(bytes, CACHE_ROUND_BITS) : base;
    for (kptr_t line = base; line < end; line += BIT(CACHE_ROUND_BITS)) {
        __asm__ volatile("dc zva, %0\n\tdc cvac, %0\n\tdc zva, %1\n\tdc cvac, %1\n\t"
                         "dc zva, %2\n\tdc cvac, %2\n\tdc zva, %3\n\tdc cvac, %3"
                         :
                         : "r"(line), "r"(line + 64), "r"(line + 128), "r"(line + 192)
                         : "memory");
    }
    if (end < base + bytes) {
        memset((void *)end, 0, base + bytes - end);
    }
    arch_memory_written(end, base + bytes - end);
}

void arch_memory_written(kptr_t base, word_t bytes)
{
    FOR_EACH_LINE("dc cvac", base, base + bytes);
    barrier_all();
}
