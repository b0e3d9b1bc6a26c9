/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A thread's x87 and SSE state. */
#pragma once

#include <kernel/types.h>

/*
 * What FXSAVE writes; all zero = never used: the first use fills in the initial control words.
 * Source: Intel SDM vol. 1, 10.5.1; the hardware leaves the last 48 bytes alone.
 */
struct arch_fpu {
    uint16_t control;
    uint16_t reserved0[11];
    uint32_t mxcsr;
    uint8_t registers[436];
    bool used;
    uint8_t available[47];
} __attribute__((aligned(16)));
static_assert(offsetof(struct arch_fpu, mxcsr) == 24, "SDM vol. 1, table 10-2");
static_assert(offsetof(struct arch_fpu, used) == 464, "SDM vol. 1, 10.5.1");
static_assert(sizeof(struct arch_fpu) == 512, "SDM vol. 1, 10.5.1");
