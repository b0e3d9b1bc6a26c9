/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The readers of runtime/image do all checking; this file says where the archive lies and turns
 * their findings into messages.
 */
#include "image.h"

#include "log.h"
#include "memory.h"

/* From the linker script: the last segment, whose contents sel4-compose replaces. */
extern const unsigned char kaal_archive_start[];

static const struct kaal_archive *archive;
static const struct kaal_system *system_description;

int image_open(void)
{
    const char *problem = "";
    const void *data;
    uint64_t bytes;
    int error = kaal_archive_open(kaal_archive_start, memory_image_bytes_from(kaal_archive_start),
                                  &archive, &problem);
    if (error != KAAL_OK) {
        log_line("init: error: the archive in the root image is unusable: %s (%s); try: pack the "
                 "image again with sel4-compose build",
                 problem, kaal_error_name(error));
        archive = NULL;
        return error;
    }
    error = kaal_archive_find(archive, KAAL_ARCHIVE_SYSTEM, "system", &data, &bytes);
    if (error != KAAL_OK) {
        log_line("init: error: the archive has no system description; try: sel4-compose build");
        return error;
    }
    error = kaal_system_open(data, bytes, &system_description, &problem);
    if (error != KAAL_OK) {
        log_line("init: error: the system description is unusable: %s (%s); try: sel4-compose "
                 "build of the same version",
                 problem, kaal_error_name(error));
        return error;
    }
    return KAAL_OK;
}

const struct kaal_system *image_system(void)
{
    return system_description;
}

int image_find(enum kaal_archive_kind kind, const char *name, const void **data, uint64_t *bytes)
{
    if (archive == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    return kaal_archive_find(archive, kind, name, data, bytes);
}

const struct kaal_driver_declaration *image_declaration(const char *image)
{
    const struct kaal_driver_declaration *declaration;
    const char *problem = "";
    const void *data;
    uint64_t bytes;
    if (image_find(KAAL_ARCHIVE_DECLARATION, image, &data, &bytes) != KAAL_OK) {
        return NULL;
    }
    if (kaal_driver_declaration_open(data, bytes, &declaration, &problem) != KAAL_OK) {
        log_line("init: error: the driver declaration of image '%s' is unusable: %s", image,
                 problem);
        return NULL;
    }
    return declaration;
}
