/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Borders of the kernel image, page aligned, in ascending order; kernel.ld defines them. */
#pragma once

extern char kernel_image_start[];   /* boot-only code */
extern char kernel_boot_text_end[]; /* boot-only data */
extern char kernel_boot_end[];      /* code */
extern char kernel_text_end[];      /* constants */
extern char kernel_const_end[];     /* data */
extern char kernel_stack_guard[];   /* a page that is never mapped, then the stack */
extern char kernel_image_end[];
