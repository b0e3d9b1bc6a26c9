/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the system registers of the thread switch hold, so that they are written only when it
 * changes.
 */
#pragma once

#include <arch/sysreg.h>
#include <kernel/node.h>

extern struct cpu_loaded {
    word_t ttbr;  /* TTBR0_EL1; always a root that is alive, or the empty table */
    word_t cpacr; /* CPACR_EL1; 0 at first, which traps all */
} cpu_loaded;

#define CPACR_FPEN_TRAP_USER (1ul << 20)
#define CPACR_FPEN_ALL       (3ul << 20)

/* Let the thread that runs next use FP/SIMD at once only if the registers hold its state. */
static inline void fpu_set_trap(const struct tcb *tcb)
{
    word_t cpacr = node()->fpu_owner == tcb ? CPACR_FPEN_ALL : CPACR_FPEN_TRAP_USER;
    if (cpu_loaded.cpacr != cpacr) {
        cpu_loaded.cpacr = cpacr;
        sysreg_write(cpacr_el1, cpacr);
        barrier_instruction();
    }
}
