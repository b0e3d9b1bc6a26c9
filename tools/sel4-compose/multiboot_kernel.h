/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: a kernel that QEMU's -kernel takes. QEMU loads an ELF64 kernel only by the address fields
 * of its multiboot 1 header. KaaL's kernel has them; upstream's has not, and QEMU wants an ELF32
 * file then. The segments of such a kernel stay where they are: only the headers are rewritten.
 */
#pragma once

#include <stdbool.h>

#include "buffer.h"
#include "diagnostics.h"

/*
 * Turns the headers of an ELF64 kernel into those of an ELF32 file, if QEMU needs that: a multiboot
 * 1 header is there, and it has no address fields. Any other file is left as it is.
 *   kernel  an ELF64 file that kernel_check() accepted;  path  for messages
 * Returns true, or false after a reported error.
 */
bool multiboot_kernel_prepare(struct buffer *kernel, const char *path,
                              struct diagnostics *diagnostics);
