/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Segments, the interrupt table, the task state segment and the system call registers. */
#pragma once

#include <kernel/types.h>

struct user_context;

/* Load this core's GDT, IDT and TSS and set the syscall MSRs. Boot only. */
void descriptors_init(void);

/* Where the CPU pushes its frame at an interrupt or exception out of user code: into this context.
 */
void descriptors_set_frame(struct user_context *context);
