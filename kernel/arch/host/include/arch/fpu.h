/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fibers keep FPU state as C functions do, so nothing is saved here. The place in the TCB holds the
 * thread's fiber instead; a fresh, zeroed TCB has none.
 */
#pragma once

struct fiber;

struct arch_fpu {
    struct fiber *fiber;
};
