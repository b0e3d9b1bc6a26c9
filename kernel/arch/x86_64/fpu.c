/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The FPU: with CR0.TS set its instructions trap (#NM). User code has x87 and SSE, which is what
 * FXSAVE knows. Source: Intel SDM vol. 1 10.5 (FXSAVE), vol. 3A 2.5 (CR0.TS).
 */
#include <arch/cpu.h>
#include <kernel/fpu.h>

#define CONTROL_INITIAL 0x037f
#define MXCSR_INITIAL   0x1f80

#define CR0_KERNEL (CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE)

void arch_fpu_set_trap(bool on)
{
    if (on) {
        cpu_write_cr0(CR0_KERNEL | CR0_TS);
    } else {
        cpu_clear_task_switched();
    }
}

void arch_fpu_save(struct arch_fpu *fpu)
{
    __asm__ volatile("fxsave64 %0" : "=m"(*fpu));
}

void arch_fpu_load(struct arch_fpu *fpu)
{
    if (!fpu->used) {
        fpu->used = true;
        fpu->control = CONTROL_INITIAL;
        fpu->mxcsr = MXCSR_INITIAL;
    }
    __asm__ volatile("fxrstor64 %0" : : "m"(*fpu));
}
