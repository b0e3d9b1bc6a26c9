/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fibers keep their registers, and kernel_host_translate() looks the address space up each time. */
#pragma once

#include <kernel/tcb.h>

static inline word_t arch_root_of(struct cap vspace)
{
    return vspace.w0;
}

static inline word_t arch_root_empty(void)
{
    return 0;
}

static inline void arch_root_load(word_t root)
{
}

static inline void arch_registers_save(struct user_context *context)
{
}

static inline void arch_registers_load(struct user_context *context)
{
}
