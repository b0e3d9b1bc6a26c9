/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the CPU holds of the running thread: see <kernel/tcb.h>, tcb_switch(). */
#pragma once

#include <arch/cpu.h>
#include <arch/paging.h>
#include <kernel/tcb.h>

extern pte_t kernel_pml4[TABLE_ENTRIES];

/* Where the CPU pushes its frame at an interrupt or exception out of user code: into this context.
 */
void descriptors_set_frame(struct user_context *context);

static inline word_t arch_root_of(struct cap vspace)
{
    return kptr_to_paddr(cap_kptr(vspace));
}

static inline word_t arch_root_empty(void)
{
    return kernel_image_paddr(kernel_pml4);
}

static inline void arch_root_load(word_t root)
{
    cpu_write_cr3(root);
}

static inline void arch_registers_save(struct user_context *context)
{
    context->regs[REG_FS_BASE] = cpu_read_fs_base();
    context->regs[REG_GS_BASE] = cpu_read_gs_base();
}

static inline void arch_registers_load(struct user_context *context)
{
    cpu_write_fs_base(context->regs[REG_FS_BASE]);
    cpu_write_gs_base(context->regs[REG_GS_BASE]);
    descriptors_set_frame(context);
}
