/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the CPU holds of the running thread: see <kernel/tcb.h>, tcb_switch(). */
#pragma once

#include "kernel_map.h"

#include <arch/sysreg.h>
#include <kernel/table.h>
#include <kernel/tcb.h>

/* TTBR0_EL1: root table and ASID. */
static inline word_t arch_root_of(struct cap vspace)
{
    return kptr_to_paddr(cap_kptr(vspace)) | (word_t)vspace.memory.asid << 48;
}

static inline word_t arch_root_empty(void)
{
    return kernel_image_paddr(kernel_empty_table);
}

static inline void arch_root_load(word_t root)
{
    sysreg_write(ttbr0_el1, root);
    barrier_instruction();
}

static inline void arch_registers_save(struct user_context *context)
{
    context->regs[REG_TLS_BASE] = sysreg_read(tpidr_el0);
}

static inline void arch_registers_load(struct user_context *context)
{
    sysreg_write(tpidr_el0, context->regs[REG_TLS_BASE]);
    sysreg_write(tpidrro_el0, context->regs[REG_TPIDRRO]);
}
