/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ceiling of a packed system: what its manifest lets each component hold, read from the root
 * image, so that it is what init will go by.
 */
#pragma once

#include <stdbool.h>

#include <kaal/driver_declaration.h>
#include <kaal/system.h>

#include "component_image.h"

/* A packed system; everything is borrowed from the image. */
struct ceiling {
    struct component_image image;
    const struct kaal_archive *archive;
    const struct kaal_system *system;
};

/*
 * Reads a root image.
 *   path  a root.elf, or the folder of a packed system
 * Returns true, or false after a reported error. ceiling_deinit() in both cases.
 */
bool ceiling_open(struct ceiling *ceiling, const char *path);
void ceiling_deinit(struct ceiling *ceiling);

/* The line of that name, or NULL. */
const struct kaal_system_component *ceiling_component(const struct ceiling *ceiling,
                                                      const char *name);

/* Its index in the description. */
uint32_t ceiling_index(const struct ceiling *ceiling,
                       const struct kaal_system_component *component);

/* The driver declaration of an image, or NULL. */
const struct kaal_driver_declaration *ceiling_declaration(const struct ceiling *ceiling,
                                                          const char *image);

/* Bytes of a text of a device selector, its NUL included. */
#define SELECTOR_TEXT_BYTES 64u

/* A device selector as compose.yaml spells it. */
void selector_text(const struct kaal_device_selector *selector, char text[SELECTOR_TEXT_BYTES]);

/* The word for a kind of resource, as `caps` and `graph` in the shell spell it. */
const char *resource_kind_name(uint32_t kind);
