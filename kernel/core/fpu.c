/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lazy FPU switching: the registers hold the state of node()->fpu_owner. While another thread runs
 * its first use of the FPU traps and exchanges the state. The trap is switched only when it really
 * changes: that is dear on every CPU.
 */
#include <kernel/fpu.h>

static void let_use(bool on)
{
    if (node()->fpu_on != on) {
        node()->fpu_on = on;
        arch_fpu_set_trap(!on);
    }
}

void fpu_switch_slow(const struct tcb *to)
{
    let_use(node()->fpu_owner == to);
}

bool fpu_first_use(void)
{
    struct node *self = node();
    if (self->current->flags & TCB_FLAG_FPU_DISABLED) {
        return false;
    }
    let_use(true);
    if (self->fpu_owner != self->current) {
        if (self->fpu_owner != NULL) {
            arch_fpu_save(&self->fpu_owner->fpu);
        }
        arch_fpu_load(&self->current->fpu);
        self->fpu_owner = self->current;
    }
    return true;
}

void fpu_forget(struct tcb *tcb)
{
    if (node()->fpu_owner == tcb) {
        node()->fpu_owner = NULL;
        let_use(false);
    }
}

/* A thread that may not use the FPU never owns it, so that a switch needs to look at one thing. */
void fpu_flags_changed(struct tcb *tcb)
{
    if ((tcb->flags & TCB_FLAG_FPU_DISABLED) && node()->fpu_owner == tcb) {
        let_use(true); /* or saving would trap */
        arch_fpu_save(&tcb->fpu);
        fpu_forget(tcb);
    }
}
