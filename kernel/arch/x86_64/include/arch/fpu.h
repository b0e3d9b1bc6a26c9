/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Room for a thread's x87 and SSE state: the XSAVE area for feature mask 3, or FXSAVE's 512 bytes.
 */
#pragma once

#include <kernel/types.h>

#define FPU_AREA_BYTES 576

/* All zero = never used: the first use fills in the initial control words. */
struct arch_fpu {
    uint8_t area[FPU_AREA_BYTES] __attribute__((aligned(64)));
};
