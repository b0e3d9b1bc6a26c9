/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose info`: what a root image contains, with sizes, so that a person can see what to cut
 * when the image is too large, and a script can see what was packed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/system.h>

#include "commands.h"
#include "root_image.h"

#define COMMAND "info"

static const char *kind_name(uint32_t kind)
{
    static const char *const names[] = {"?", "system", "image", "symbols", "declaration", "file"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : names[0];
}

static void print_system(const struct kaal_system *system)
{
    static const char *const restarts[] = {"never", "on-failure", "always"};
    const struct kaal_system_component *components = kaal_system_components(system);
    const struct kaal_system_channel *channels = kaal_system_channels(system);
    printf("system %s: %u components, %u channels\n", system->name, system->component_count,
           system->channel_count);
    for (uint32_t index = 0; index < system->component_count; index++) {
        printf("  component %-23s image %-23s priority %3u  %" PRIu64 "/%" PRIu64 " us  %" PRIu64
               " KiB  %u slots  restart %s\n",
               components[index].name, components[index].image, components[index].priority,
               components[index].budget_us, components[index].period_us,
               components[index].memory_bytes >> 10, components[index].slots_max,
               restarts[components[index].restart]);
    }
    for (uint32_t index = 0; index < system->channel_count; index++) {
        printf("  channel %s: %s <-> %s, %u messages of %u bytes\n", channels[index].name,
               components[channels[index].ends[0]].name, components[channels[index].ends[1]].name,
               channels[index].capacity, channels[index].message_bytes);
    }
}

static void print_image(const struct component_image *image)
{
    for (uint32_t index = 0; index < image->elf.segment_count; index++) {
        const struct kaal_elf_segment *segment = &image->elf.segments[index];
        printf("segment 0x%08" PRIx64 " %8" PRIu64 " bytes %c%c%c\n", segment->vaddr,
               segment->memory_bytes, (segment->rights & KAAL_ELF_READ) != 0 ? 'r' : '-',
               (segment->rights & KAAL_ELF_WRITE) != 0 ? 'w' : '-',
               (segment->rights & KAAL_ELF_EXECUTE) != 0 ? 'x' : '-');
    }
}

static int print_archive(const char *path, const struct component_image *image)
{
    const char *problem = NULL;
    const struct kaal_archive *archive = root_image_archive(image, &problem);
    if (archive == NULL) {
        fprintf(stderr, "%s: error: %s; try: a root.elf that sel4-compose build made\n", path,
                problem);
        return STATUS_ERROR;
    }
    const struct kaal_archive_entry *entries = kaal_archive_entries(archive);
    printf("archive %" PRIu64 " bytes, %u entries\n", archive->bytes, archive->entry_count);
    for (uint32_t index = 0; index < archive->entry_count; index++) {
        printf("  %-11s %-23s %8" PRIu64 " bytes\n", kind_name(entries[index].kind),
               entries[index].name, entries[index].bytes);
    }
    const void *data;
    uint64_t bytes;
    const struct kaal_system *system;
    if (kaal_archive_find(archive, KAAL_ARCHIVE_SYSTEM, "system", &data, &bytes) != KAAL_OK ||
        kaal_system_open(data, bytes, &system, &problem) != KAAL_OK) {
        fprintf(stderr, "%s: error: %s; try: build the image anew\n", path,
                problem != NULL ? problem : "the archive has no system description");
        return STATUS_ERROR;
    }
    print_system(system);
    return STATUS_OK;
}

int command_info(int count, char **arguments)
{
    if (count != 1 || arguments[0][0] == '-') {
        return usage_error(COMMAND, "needs one root.elf");
    }
    struct component_image image = {0};
    struct diagnostics diagnostics = {.file = "sel4-compose", .out = stderr};
    int status = STATUS_ERROR;
    int error = file_read(arguments[0], COMPONENT_FILE_MAX_BYTES, &image.file);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: the path of a root.elf\n", arguments[0],
                strerror(error));
        return STATUS_ERROR;
    }
    struct kaal_elf_problem problem;
    if (kaal_elf_open(image.file.data, image.file.bytes, KAAL_ELF_MACHINE_ANY, &image.elf,
                      &problem) != KAAL_OK) {
        diagnostics.file = arguments[0];
        diagnostics_error(&diagnostics, (struct position){0}, "%s; try: the path of a root.elf",
                          problem.text);
    } else {
        printf("root image for %s, entry 0x%" PRIx64 "\n",
               image.elf.machine == KAAL_ELF_MACHINE_X86_64 ? "x86_64" : "aarch64",
               image.elf.entry);
        print_image(&image);
        status = print_archive(arguments[0], &image);
    }
    component_image_deinit(&image);
    return status;
}
