/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FP/SIMD state of a thread; all zero is the initial state. Offsets are used by entry.S. */
#pragma once

#include <kernel/types.h>

struct arch_fpu {
    word_t vectors[32][2]; /* q0..q31 */
    word_t fpsr;
    word_t fpcr;
} __attribute__((aligned(16)));
