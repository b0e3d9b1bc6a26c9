/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lazy switching of x87 and SSE state. */
#pragma once

#include <kernel/types.h>

struct tcb;

/* Switch the FPU on in the way the CPU offers; false after a message if it can't be used. Boot
 * only. */
bool fpu_init(void) MUST_CHECK;

/* Let the thread that runs next use the FPU only if its state is in the registers. */
void fpu_switch(struct tcb *to);

/* First use by the current thread (#NM): load its state. False if it may not use the FPU. */
bool fpu_first_use(void);
