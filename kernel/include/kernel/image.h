/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The kernel image in the kernel's own tables: W^X, and its boot-only part for as long as it lasts.
 */
#pragma once

#include <kernel/table.h>

/* Borders, page aligned, in ascending order; kernel.ld defines them. */
extern const char kernel_image_start[];   /* boot-only code */
extern const char kernel_boot_text_end[]; /* boot-only data */
extern const char kernel_boot_end[];      /* code */
extern const char kernel_text_end[];      /* constants */
extern const char kernel_const_end[];     /* data */
extern const char kernel_stack_guard[];   /* a page that is never mapped, then the stack */
extern const char kernel_image_end[];

/* Fill the table of level 12 that covers the image, by KERNEL_TEXT, _CONST and _DATA. Boot only. */
void kernel_image_map(pte_t *pages);

/* Take the boot-only code and data out of it: users own that memory now. */
void kernel_image_drop_boot(pte_t *pages);
