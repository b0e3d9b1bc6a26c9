/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The FPU: with CR0.TS set its instructions trap (#NM). Source: Intel SDM vol. 1 13.4-13.8
 * (XSAVE), 10.5.1 (FXSAVE area), vol. 3A 2.5 (CR0.TS).
 */
#include "fpu.h"

#include <arch/cpu.h>
#include <arch/layout.h>
#include <kernel/fpu.h>
#include <kernel/print.h>

#define FPU_FEATURES    3 /* x87 and SSE */
#define CONTROL_INITIAL 0x037f
#define MXCSR_INITIAL   0x1f80

#define CR0_KERNEL (CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE)

static enum {
    SAVE_FX,
    SAVE_X,
    SAVE_X_OPTIMISED
} save_kind;

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
    switch (save_kind) {
    case SAVE_FX:
        __asm__ volatile("fxsave64 %0" : "=m"(fpu->area));
        break;
    case SAVE_X:
        __asm__ volatile("xsave64 %0" : "+m"(fpu->area) : "a"(FPU_FEATURES), "d"(0));
        break;
    case SAVE_X_OPTIMISED:
        __asm__ volatile("xsaveopt64 %0" : "+m"(fpu->area) : "a"(FPU_FEATURES), "d"(0));
        break;
    }
}

void arch_fpu_load(struct arch_fpu *fpu)
{
    if (fpu->area[FXSAVE_SOFTWARE] == 0) {
        fpu->area[FXSAVE_SOFTWARE] = 1;
        uint16_t control = CONTROL_INITIAL;
        uint32_t mxcsr = MXCSR_INITIAL;
        __builtin_memcpy(&fpu->area[FXSAVE_CONTROL], &control, sizeof(control));
        __builtin_memcpy(&fpu->area[FXSAVE_MXCSR], &mxcsr, sizeof(mxcsr));
    }
    if (save_kind == SAVE_FX) {
        __asm__ volatile("fxrstor64 %0" : : "m"(fpu->area));
    } else {
        __asm__ volatile("xrstor64 %0" : : "m"(fpu->area), "a"(FPU_FEATURES), "d"(0));
    }
}

BOOT_CODE bool fpu_init(void)
{
    struct cpuid features = cpu_id(1, 0);
    if (!(features.edx & CPUID_1_EDX_FXSR) || !(features.edx & CPUID_1_EDX_SSE2)) {
        kernel_print("boot: this CPU has no SSE2 (CPUID 1 EDX bit 26)\n");
        return false;
    }
    uint64_t cr4 = cpu_read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;
    if (features.ecx & CPUID_1_ECX_XSAVE) {
        cpu_write_cr4(cr4 | CR4_OSXSAVE);
        __asm__ volatile("xsetbv" : : "c"(0), "a"(FPU_FEATURES), "d"(0));
        save_kind = cpu_id(0xd, 1).eax & CPUID_D1_EAX_XSAVEOPT ? SAVE_X_OPTIMISED : SAVE_X;
        if (cpu_id(0xd, 0).ebx > FPU_AREA_BYTES) {
            kernel_print("boot: the CPU's XSAVE area of %u bytes does not fit in %u\n",
                         cpu_id(0xd, 0).ebx, (unsigned int)FPU_AREA_BYTES);
            return false;
        }
    } else {
        cpu_write_cr4(cr4);
        save_kind = SAVE_FX;
    }
    __asm__ volatile("fninit");
    cpu_write_cr0(CR0_KERNEL | CR0_TS);
    return true;
}
