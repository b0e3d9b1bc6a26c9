/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The archive behind init's own image: opened once, then asked for components' files by name.
 */
#pragma once

#include <stdint.h>

#include <kaal/archive.h>
#include <kaal/driver_declaration.h>
#include <kaal/system.h>

/**
 * Opens the archive and the system description in it; logs what is wrong and what to try.
 * Returns KAAL_OK or the error of the reader that refused.
 */
MUST_CHECK int image_open(void);

/** The system description. After image_open(). */
const struct kaal_system *image_system(void);

/** Finds an entry. Results as kaal_archive_find(); KAAL_ERR_NOT_FOUND before image_open(). */
MUST_CHECK int image_find(enum kaal_archive_kind kind, const char *name, const void **data,
                          uint64_t *bytes);

/** The driver declaration of an image, or NULL if it has none or a malformed one (logged). */
const struct kaal_driver_declaration *image_declaration(const char *image);
