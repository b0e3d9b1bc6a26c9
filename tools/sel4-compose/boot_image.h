/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: one bootable file out of the loader, the kernel and a root image, as
 * loader/include/kaal/loader_image.h describes it.
 */
#pragma once

#include <stdbool.h>

#include "buffer.h"
#include "diagnostics.h"
#include "manifest.h"

/*
 * Checks that a buffer holds an ELF64 file of a machine: all that a tool needs to know of a kernel.
 * Returns true, or false after a reported error.
 */
bool kernel_check(const struct buffer *kernel, const char *path, enum machine machine,
                  struct diagnostics *diagnostics);

/*
 * Makes the bootable file.
 *   loader, loader_path  the loader's flat file;  kernel, root  the two ELF files
 *   image  out: empty before
 * Returns true, or false after a reported error.
 */
bool boot_image_write(const struct buffer *loader, const char *loader_path,
                      const struct buffer *kernel, const struct buffer *root,
                      struct diagnostics *diagnostics, struct buffer *image);
