/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The calling core's state: included by <kernel/node.h> alone. */
#pragma once

struct node;
extern struct node kernel_node;

static inline struct node *node(void)
{
    return &kernel_node;
}
