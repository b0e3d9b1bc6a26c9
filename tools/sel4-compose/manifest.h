/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * compose.yaml, checked: what the system description will hold, and where in the file each part
 * that can still turn out wrong (a missing image, a driver without a declaration) was written. The
 * schema is described in <kaal/system.h>.
 */
#pragma once

#include <stdbool.h>

#include <kaal/system.h>

#include "buffer.h"
#include "diagnostics.h"

/* The machine to compose for. */
enum machine {
    MACHINE_X86_64,
    MACHINE_AARCH64,
};
#define MACHINE_COUNT 2u

/* The name used in files and on command lines: "x86_64", "aarch64". */
const char *machine_name(enum machine machine);

/* Returns true and the machine if the text names one. */
bool machine_from_name(const char *text, enum machine *machine);

/* One component: the packed record and where its parts were written. */
struct manifest_component {
    struct kaal_system_component packed;
    struct position name_at;
    struct position image_at;
    struct position auto_at; /* of "auto" among the devices; line 0 if it is not there */
    struct position spawn_image_at[KAAL_SYSTEM_SPAWN_IMAGES_MAX];
    struct position after_at[KAAL_SYSTEM_AFTER_MAX];
};

/* A checked file. */
struct manifest {
    char name[KAAL_NAME_BYTES];
    struct position at; /* of the system's name */
    struct manifest_component components[KAAL_SYSTEM_COMPONENTS_MAX];
    uint32_t component_count;
    struct kaal_system_channel channels[KAAL_SYSTEM_CHANNELS_MAX];
    struct position channel_at[KAAL_SYSTEM_CHANNELS_MAX];
    uint32_t channel_count;
};

/*
 * Parses and checks a compose.yaml.
 *   text, bytes  its contents;  machine  chooses among per-machine images
 *   diagnostics  where errors go: as many as can be found in one run
 * Returns the manifest (freed with free()), or NULL if there was an error.
 */
struct manifest *manifest_create(const char *text, size_t bytes, enum machine machine,
                                 struct diagnostics *diagnostics);

/* Appends the packed system description (struct kaal_system) to an empty buffer. */
void manifest_pack(const struct manifest *manifest, struct buffer *buffer);
