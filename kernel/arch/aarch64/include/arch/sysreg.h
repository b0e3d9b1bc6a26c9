/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* System registers, barriers and TLB maintenance as functions. */
#pragma once

#include <kernel/types.h>

/* A name may be a macro. */
#define sysreg_read(name) sysreg_read_(name)
#define sysreg_read_(name)                                        \
    ({                                                            \
        word_t sysreg_value_;                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(sysreg_value_)); \
        sysreg_value_;                                            \
    })
#define sysreg_write(name, value) sysreg_write_(name, value)
#define sysreg_write_(name, value) \
    __asm__ volatile("msr " #name ", %x0" ::"rZ"((word_t)(value)) : "memory")

static inline void barrier_instruction(void)
{
    __asm__ volatile("isb" ::: "memory");
}

/* Completes stores to translation tables before what follows. */
static inline void barrier_table_written(void)
{
    __asm__ volatile("dsb ishst" ::: "memory");
}

static inline void barrier_all(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

/* After TLB or cache maintenance of this core. */
static inline void barrier_maintenance(void)
{
    __asm__ volatile("dsb nsh\n\tisb" ::: "memory");
}
