/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x87 and SSE. */
#pragma once

#include <kernel/types.h>

/* Switch the FPU on in the way the CPU offers; false after a message if it can't be used. Boot
 * only. */
bool fpu_init(void) MUST_CHECK;
