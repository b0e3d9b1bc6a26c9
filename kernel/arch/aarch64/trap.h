/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What entry.S and the C files beside it call of each other. */
#pragma once

#include <arch/fpu.h>
#include <arch/sysreg.h>
#include <kernel/node.h>

/* ---- entry.S ---- */

/* False if reading a word at address faults. */
bool kernel_probe(const volatile void *address);
extern char kernel_probe_access[];
extern char kernel_probe_failed[];

/* Secure monitor call with x0..x7 in and out. */
void smc_call(word_t registers[8]);
extern char smc_instruction[];
extern char smc_undefined[];

void fpu_save(struct arch_fpu *fpu);
void fpu_load(const struct arch_fpu *fpu);

extern char idle_loop[];
extern char kernel_vectors[];

/* ---- called by entry.S ---- */

void user_fault_handle(word_t esr, word_t far);
void user_serror_handle(word_t esr);
word_t kernel_fault_fixup(word_t esr, word_t elr, word_t far);

/* ---- what system registers hold, so that they are written only when it changes ---- */

extern struct cpu_loaded {
    word_t ttbr;  /* TTBR0_EL1; always a root that is alive, or the empty table */
    word_t cpacr; /* CPACR_EL1; 0 at first, which traps all */
} cpu_loaded;

/* ---- fpu.c ---- */

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

/* A first use trapped: load the current thread's state. False if it may not use FP/SIMD. */
bool fpu_first_use(void);
