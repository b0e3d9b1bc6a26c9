/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lazy FP/SIMD switching. The registers hold the state of node()->fpu_owner; while another thread
 * runs, its first use traps (CPACR_EL1.FPEN = 01: EL0 only, the kernel may save at any time).
 */
#include "cpu_loaded.h"
#include "trap.h"

#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

/* Keep CPACR_EL1 as it should be for the current thread. */
static void set_trap_current(void)
{
    fpu_set_trap(node()->current);
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
    set_trap_current();
    return true;
}

void arch_fpu_forget(struct tcb *tcb)
{
    if (node()->fpu_owner == tcb) {
        node()->fpu_owner = NULL;
        set_trap_current();
    }
}

/* A thread that may not use the FPU never owns it, so that a switch needs to look at one thing. */
void arch_fpu_flags_changed(struct tcb *tcb)
{
    if (tcb->flags & TCB_FLAG_FPU_DISABLED) {
        arch_fpu_sync(tcb);
        arch_fpu_forget(tcb);
    }
}

void arch_fpu_sync(struct tcb *tcb)
{
    if (node()->fpu_owner == tcb) {
        fpu_save(&tcb->fpu);
    }
}
