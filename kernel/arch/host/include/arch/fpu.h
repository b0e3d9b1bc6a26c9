/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fibers keep their FPU state as C functions do; there is nothing to save. */
#pragma once

struct arch_fpu {
    char none;
};
