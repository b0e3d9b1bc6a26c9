/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose build`: compose.yaml and ELF files in, a bootable system out. The results are
 * root.elf and, when the kernel is given, what boots it: kernel.elf beside it on x86_64, one file
 * `image` on aarch64.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kaal/bits.h>
#include <kaal/driver_declaration.h>

#include "archive_writer.h"
#include "boot_image.h"
#include "commands.h"
#include "component_image.h"
#include "elf_writer.h"
#include "manifest.h"
#include "multiboot_kernel.h"
#include "root_image.h"

#define COMMAND           "build"
#define COMPOSE_MAX_BYTES ((size_t)1 << 20)

struct build_options {
    const char *compose;
    const char *init;
    const char *components; /* folders, separated by colons */
    const char *kernel;     /* NULL: root.elf only */
    const char *loader;     /* aarch64, with kernel */
    const char *output;
    enum machine machine;
};

static int parse_options(int count, char **arguments, struct build_options *options)
{
    const char *machine = NULL;
    const struct option table[] = {
        {"--arch", &machine},           {"--init", &options->init},
        {"--kernel", &options->kernel}, {"--components", &options->components},
        {"--loader", &options->loader}, {"--output", &options->output},
    };
    int status =
        options_parse(COMMAND, count, arguments, table, ARRAY_COUNT(table), &options->compose);
    if (status != STATUS_OK) {
        return status;
    }
    if (options->compose == NULL || machine == NULL || options->init == NULL ||
        options->components == NULL || options->output == NULL) {
        return usage_error(COMMAND, "needs a compose.yaml, --arch, --init, --components, --output");
    }
    if (!machine_from_name(machine, &options->machine)) {
        return usage_error(COMMAND, "--arch is '%s', not x86_64 or aarch64", machine);
    }
    bool has_loader = options->loader != NULL;
    if (options->machine == MACHINE_AARCH64 && has_loader != (options->kernel != NULL)) {
        return usage_error(COMMAND, "aarch64 needs --kernel and --loader together");
    }
    return STATUS_OK;
}

static bool write_output(const char *folder, const char *name, const struct buffer *contents)
{
    char *path = text_format("%s/%s", folder, name);
    int error = file_write(path, contents->data, contents->bytes);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: another --output\n", path, strerror(error));
    }
    free(path);
    return error == 0;
}

/* The start-up page must hold every resource of every device, and every channel end. */
static void check_resource_count(const struct manifest *manifest, uint32_t index,
                                 const struct component_image *image,
                                 struct diagnostics *diagnostics)
{
    const struct manifest_component *component = &manifest->components[index];
    const struct kaal_driver_declaration *declaration =
        (const struct kaal_driver_declaration *)(void *)image->declaration.data;
    uint32_t resources = declaration->resource_count * component->packed.selector_count;
    for (uint32_t channel = 0; channel < manifest->channel_count; channel++) {
        const uint32_t *ends = manifest->channels[channel].ends;
        resources += ends[0] == index || ends[1] == index ? 1 : 0;
    }
    if (resources > KAAL_STARTUP_RESOURCES_MAX) {
        diagnostics_error(diagnostics, component->name_at,
                          "component '%s' needs %u resources and channels; try: at most %u",
                          component->packed.name, resources, KAAL_STARTUP_RESOURCES_MAX);
    }
}

/* The first folder of a colon-separated list that has the image; else a path in the first one. */
static char *image_path(const char *folders, const char *image)
{
    char *first = NULL;
    for (const char *next = folders;; next++) {
        size_t length = strcspn(next, ":");
        char *path = text_format("%.*s/%s.elf", (int)length, next, image);
        if (access(path, R_OK) == 0) {
            free(first);
            return path;
        }
        if (first == NULL) {
            first = path;
        } else {
            free(path);
        }
        next += length;
        if (*next == '\0') {
            return first;
        }
    }
}

/* Adds an image's entries; one that an earlier component uses is not added twice. */
static void add_image(const char *name, struct position at, const struct component_image *image,
                      struct archive_writer *writer, struct diagnostics *diagnostics)
{
    if (archive_writer_has(writer, KAAL_ARCHIVE_IMAGE, name)) {
        return;
    }
    struct buffer stripped = {0};
    elf_write(&image->elf, &stripped);
    bool room = archive_writer_add(writer, KAAL_ARCHIVE_IMAGE, name, &stripped);
    if (image->symbols.bytes != 0) {
        room = archive_writer_add(writer, KAAL_ARCHIVE_SYMBOLS, name, &image->symbols) && room;
    }
    if (image->declaration.bytes != 0) {
        room =
            archive_writer_add(writer, KAAL_ARCHIVE_DECLARATION, name, &image->declaration) && room;
    }
    buffer_deinit(&stripped);
    if (!room) {
        diagnostics_error(diagnostics, at,
                          "the archive is full (%u entries); try: fewer different images",
                          KAAL_ARCHIVE_ENTRIES_MAX);
    }
}

static void add_component(const struct build_options *options, const struct manifest *manifest,
                          uint32_t index, struct archive_writer *writer,
                          struct diagnostics *diagnostics)
{
    const struct manifest_component *component = &manifest->components[index];
    const char *name = component->packed.image;
    struct component_image image = {0};
    char *path = image_path(options->components, name);
    if (!component_image_load(&image, path, options->machine, component->image_at, diagnostics)) {
        goto out_deinit;
    }
    if (component->auto_at.line != 0 && image.declaration.bytes == 0) {
        diagnostics_error(diagnostics, component->auto_at,
                          "device 'auto' needs a driver, but image '%s' declares none; try: "
                          "KAAL_DRIVER in its source, or a device by id",
                          name);
    }
    if (image.declaration.bytes != 0) {
        check_resource_count(manifest, index, &image, diagnostics);
    }
    add_image(name, component->image_at, &image, writer, diagnostics);
out_deinit:
    component_image_deinit(&image);
    free(path);
}

/* Adds the images that a component may start. */
static void add_spawn_images(const struct build_options *options,
                             const struct manifest_component *component,
                             struct archive_writer *writer, struct diagnostics *diagnostics)
{
    const struct kaal_system_spawn *spawn = &component->packed.spawn;
    for (uint32_t index = 0; index < spawn->image_count; index++) {
        struct position at = component->spawn_image_at[index];
        struct component_image image = {0};
        char *path = image_path(options->components, spawn->images[index]);
        if (component_image_load(&image, path, options->machine, at, diagnostics)) {
            add_image(spawn->images[index], at, &image, writer, diagnostics);
        }
        component_image_deinit(&image);
        free(path);
    }
}

/* All entries of the archive: the description, init's symbols, then the components. */
static void make_archive(const struct build_options *options, const struct manifest *manifest,
                         const struct component_image *init, struct diagnostics *diagnostics,
                         struct buffer *archive)
{
    struct archive_writer *writer = allocate_zeroed(sizeof *writer);
    struct buffer description = {0};
    manifest_pack(manifest, &description);
    /* The table has room for the first two entries. */
    (void)archive_writer_add(writer, KAAL_ARCHIVE_SYSTEM, "system", &description);
    if (init->symbols.bytes != 0) {
        (void)archive_writer_add(writer, KAAL_ARCHIVE_SYMBOLS, "init", &init->symbols);
    }
    for (uint32_t index = 0; index < manifest->component_count; index++) {
        add_component(options, manifest, index, writer, diagnostics);
        add_spawn_images(options, &manifest->components[index], writer, diagnostics);
    }
    archive_writer_finish(writer, archive);
    buffer_deinit(&description);
    archive_writer_deinit(writer);
    free(writer);
}

/* Everything that init will check, checked here with the same readers. */
static bool check_result(const struct build_options *options, const struct buffer *root)
{
    struct component_image image = {0};
    struct diagnostics diagnostics = {.file = "root.elf", .out = stderr};
    (void)buffer_append(&image.file, root->data, root->bytes);
    const char *problem = "not an ELF file that init could load";
    bool good = false;
    if (component_image_parse(&image, "root.elf", options->machine, (struct position){0},
                              &diagnostics)) {
        const struct kaal_archive *archive = root_image_archive(&image, &problem);
        const void *data;
        uint64_t bytes;
        const struct kaal_system *system;
        good =
            archive != NULL &&
            kaal_archive_find(archive, KAAL_ARCHIVE_SYSTEM, "system", &data, &bytes) == KAAL_OK &&
            kaal_system_open(data, bytes, &system, &problem) == KAAL_OK;
    }
    if (!good) {
        fprintf(
            stderr,
            "sel4-compose: error: the packed image does not pass its own check: %s; try: report "
            "this as a bug with the compose.yaml\n",
            problem);
    }
    component_image_deinit(&image);
    return good;
}

/* Adds what boots root.elf, as far as the options name it. */
static bool write_boot_files(const struct build_options *options, const struct buffer *root)
{
    struct diagnostics diagnostics = {.file = "sel4-compose", .out = stderr};
    struct buffer kernel = {0};
    struct buffer loader = {0};
    struct buffer image = {0};
    bool good = true;
    if (options->kernel == NULL) {
        return true;
    }
    good = file_read_reported(options->kernel, &kernel) &&
           kernel_check(&kernel, options->kernel, options->machine, &diagnostics);
    if (good && options->machine == MACHINE_AARCH64) {
        good = file_read_reported(options->loader, &loader) &&
               boot_image_write(&loader, options->loader, &kernel, root, &diagnostics, &image) &&
               write_output(options->output, "image", &image);
    } else if (good) {
        good = multiboot_kernel_prepare(&kernel, options->kernel, &diagnostics) &&
               write_output(options->output, "kernel.elf", &kernel);
    }
    buffer_deinit(&kernel);
    buffer_deinit(&loader);
    buffer_deinit(&image);
    return good;
}

static bool build(const struct build_options *options, const struct manifest *manifest,
                  struct diagnostics *diagnostics)
{
    struct component_image init = {0};
    struct buffer archive = {0};
    struct buffer root = {0};
    bool good = false;
    if (!component_image_load(&init, options->init, options->machine, (struct position){0},
                              diagnostics)) {
        goto out_deinit;
    }
    make_archive(options, manifest, &init, diagnostics, &archive);
    if (diagnostics->errors > 0) {
        goto out_deinit;
    }
    if (!root_image_write(&init, options->init, &archive, manifest->at, diagnostics, &root) ||
        !check_result(options, &root)) {
        goto out_deinit;
    }
    int error = folder_create(options->output);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: another --output\n", options->output, strerror(error));
        goto out_deinit;
    }
    good = write_output(options->output, "root.elf", &root) && write_boot_files(options, &root);
out_deinit:
    component_image_deinit(&init);
    buffer_deinit(&archive);
    buffer_deinit(&root);
    return good;
}

int command_build(int count, char **arguments)
{
    struct build_options options = {0};
    int status = parse_options(count, arguments, &options);
    if (status != STATUS_OK) {
        return status;
    }
    struct buffer text = {0};
    struct diagnostics diagnostics = {.file = options.compose, .out = stderr};
    struct manifest *manifest = NULL;
    bool good = false;
    int error = file_read(options.compose, COMPOSE_MAX_BYTES, &text);
    if (error != 0) {
        diagnostics_error(&diagnostics, (struct position){0},
                          "cannot be read: %s; try: the path of a compose.yaml", strerror(error));
    } else {
        manifest =
            manifest_create((const char *)text.data, text.bytes, options.machine, &diagnostics);
    }
    if (manifest != NULL) {
        good = build(&options, manifest, &diagnostics);
    }
    free(manifest);
    buffer_deinit(&text);
    return good ? STATUS_OK : STATUS_ERROR;
}
