/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What entry.S and the C files beside it call of each other. */
#pragma once

#include <kernel/types.h>

/* ---- entry.S ---- */

/* False if reading a word at address faults. */
bool kernel_probe(const volatile void *address);
extern char kernel_probe_access[];
extern char kernel_probe_failed[];

/* Secure monitor call with x0..x7 in and out. */
void smc_call(word_t registers[8]);
extern char smc_instruction[];
extern char smc_undefined[];

extern char idle_loop[];

/* ---- called by entry.S ---- */

void user_fault_handle(word_t esr, word_t far);
void user_serror_handle(word_t esr);
word_t kernel_fault_fixup(word_t esr, word_t elr, word_t far);
