/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which address space the CPU uses. */
#pragma once

#include <kernel/cap.h>

/* The page-table root to run a thread with this VSpace capability on; the kernel's own if unusable.
 */
paddr_t vspace_root_of(struct cap cap);

/* Load a root unless it is loaded already. */
void vspace_load(paddr_t root);
