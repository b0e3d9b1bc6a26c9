/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel's own variables, all of them. */
#include <kernel/node.h>

struct node kernel_node;
struct kernel_state kernel_state;
