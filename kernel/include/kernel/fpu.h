/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whose state the FPU's registers hold, and who may use it. */
#pragma once

#include <kernel/node.h>

void fpu_switch_slow(const struct tcb *to);

/* The thread that runs next may use the FPU without a trap only if its state is in there. */
static inline void fpu_switch(const struct tcb *to)
{
    if (UNLIKELY(node()->fpu_on || node()->fpu_owner == to)) {
        fpu_switch_slow(to);
    }
}

/* The current thread's use trapped: give it the FPU. False if it may not have it: it has faulted.
 */
bool fpu_first_use(void) MUST_CHECK;

/* The thread dies: its state is lost. */
void fpu_forget(struct tcb *tcb);

/* The thread's TCB_FLAG_FPU_DISABLED has changed. */
void fpu_flags_changed(struct tcb *tcb);

/* What an architecture supplies: the trap of user code, and the registers to and from a TCB. */
void arch_fpu_set_trap(bool on);
void arch_fpu_save(struct arch_fpu *fpu);
void arch_fpu_load(struct arch_fpu *fpu);
