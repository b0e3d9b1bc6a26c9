/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lazy FP/SIMD switching. The registers hold the state of node()->fpu_owner; while another thread
 * runs, its first use traps (CPACR_EL1.FPEN = 01: EL0 only, the kernel may save at any time).
 */
#include "trap.h"

#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

#define CPACR_FPEN_TRAP_USER (1ul << 20)
#define CPACR_FPEN_ALL       (3ul << 20)

/* What CPACR_EL1 holds, so that it is written only when it changes; 0 at first, which traps all. */
static word_t cpacr;

static void set_cpacr(word_t value)
{
    if (cpacr != value) {
        cpacr = value;
        sysreg_write(cpacr_el1, value);
        barrier_instruction();
    }
}

void fpu_set_trap(const struct tcb *tcb)
{
    bool usable = node()->fpu_owner == tcb && !(tcb->flags & TCB_FLAG_FPU_DISABLED);
    set_cpacr(usable ? CPACR_FPEN_ALL : CPACR_FPEN_TRAP_USER);
}

bool fpu_first_use(void)
{
    struct tcb *tcb = node()->current;
    if (tcb->flags & TCB_FLAG_FPU_DISABLED) {
        return false;
    }
    if (node()->fpu_owner != tcb) {
        if (node()->fpu_owner != NULL) {
            fpu_save(&node()->fpu_owner->fpu);
        }
        fpu_load(&tcb->fpu);
        node()->fpu_owner = tcb;
    }
    fpu_set_trap(tcb);
    return true;
}

void arch_fpu_forget(struct tcb *tcb)
{
    if (node()->fpu_owner == tcb) {
        node()->fpu_owner = NULL;
        set_cpacr(CPACR_FPEN_TRAP_USER);
    }
}

void arch_fpu_flags_changed(struct tcb *tcb)
{
    if (tcb == node()->current) {
        fpu_set_trap(tcb);
    }
}

void arch_fpu_sync(struct tcb *tcb)
{
    if (node()->fpu_owner == tcb) {
        fpu_save(&tcb->fpu);
    }
}
