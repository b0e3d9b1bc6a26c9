/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The root image: init.elf with an archive in its last segment. One prebuilt init.elf serves every
 * system; its linker script leaves a placeholder section ".kaal_archive" alone in the last segment.
 */
#pragma once

#include <stdbool.h>

#include <kaal/archive.h>

#include "component_image.h"

/* Largest root image: every 4 KiB of it costs a slot of the root task's first CNode (4,096). */
#define ROOT_IMAGE_MAX_BYTES (UINT64_C(8) << 20)

/*
 * Makes a root image.
 *   init, init_path  the parsed init.elf;  archive  finished archive (borrowed)
 *   at  where errors about the size are reported;  root  out: empty before
 * Returns true, or false after a reported error: no placeholder, or larger than 8 MiB.
 */
bool root_image_write(const struct component_image *init, const char *init_path,
                      const struct buffer *archive, struct position at,
                      struct diagnostics *diagnostics, struct buffer *root);

/*
 * Finds the archive in a root image.
 *   image  the parsed root image;  problem  out: what is wrong, a static phrase
 * Returns the archive, borrowed from image->file, or NULL.
 */
const struct kaal_archive *root_image_archive(const struct component_image *image,
                                              const char **problem);
