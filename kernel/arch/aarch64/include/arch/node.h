/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The calling core's state: included by <kernel/node.h> alone. */
#pragma once

struct node;
extern struct node kernel_node;

/* X28 points to it while the kernel runs: see entry.S, and the compiler option in CMakeLists.txt.
 */
register struct node *node_register __asm__("x28");

static inline struct node *node(void)
{
    return node_register;
}
