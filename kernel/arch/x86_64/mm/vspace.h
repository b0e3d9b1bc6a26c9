/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Four-level address spaces, ASIDs, and the invocations of their capabilities. */
#pragma once

#include <kernel/invocation.h>

enum kernel_result vspace_decode_frame(struct invocation *inv) MUST_CHECK;
enum kernel_result vspace_decode_table(struct invocation *inv) MUST_CHECK;
enum kernel_result asid_decode_control(struct invocation *inv) MUST_CHECK;
enum kernel_result asid_decode_pool(struct invocation *inv) MUST_CHECK;

/* Remove one frame capability's own mapping, a table from its parent, a root or a pool from the
 * ASIDs. */
void vspace_unmap_frame(struct cap cap);
void vspace_unmap_table(struct cap cap);
void asid_delete(struct cap pml4);
void asid_delete_pool(struct cap pool);

/* Put the kernel half into a zeroed root table. */
void vspace_init_root(uint64_t *root);

/* Level of a table capability's entries: 1 page table, 2 directory, 3 PDPT, 4 PML4. */
unsigned int vspace_table_level(word_t tag);

/* The page-table root to run a thread with this VSpace capability on; the kernel's own if unusable.
 */
paddr_t vspace_root_of(struct cap cap);

/* Load a root unless it is loaded already. */
void vspace_load(paddr_t root);
