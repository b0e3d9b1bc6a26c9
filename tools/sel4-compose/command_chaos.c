/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose chaos`: boots a packed system whose chaos component harms the others at seeded
 * random moments (docs/supervision.md), with counted instructions as time, and prints what it says.
 * What it is to do goes into the arguments of its line in a copy of the system.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kaal/archive.h>
#include <kaal/bits.h>
#include <kaal/crc32.h>
#include <kaal/loader_image.h>

#include "buffer.h"
#include "ceiling.h"
#include "commands.h"
#include "qemu.h"

#define COMMAND          "chaos"
#define IMAGE_MAX_BYTES  ((size_t)64 << 20)
#define SERIAL_MAX_BYTES ((size_t)256 << 20)
#define SECONDS_MAX      3600u
#define TIMEOUT_S        900u
#define CHECKSUM_FROM    sizeof(struct kaal_archive)

struct chaos_options {
    const char *folder;
    const char *output; /* NULL: chaos/ in the folder */
    unsigned long seed;
    unsigned long seconds;
    bool plant_leak;
    struct qemu_options qemu;
};

/* A copy of a packed system on its way to the machine. */
struct armed {
    struct ceiling ceiling;
    const struct kaal_system_component *component; /* the chaos component */
    char *kernel;                                  /* path of what boots; x86_64: kernel.elf */
    char *root;                                    /* path of the changed copy */
    char *serial;                                  /* path of what the serial line said */
};

static int parse_number(const char *what, const char *text, unsigned long max,
                        unsigned long *number)
{
    char *end;
    *number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || *number > max) {
        return usage_error(COMMAND, "%s '%s' is not 0 to %lu", what, text, max);
    }
    return STATUS_OK;
}

/* One option with a value. */
static int parse_value(const char *name, const char *value, struct chaos_options *options)
{
    unsigned long timeout_s;
    int status = STATUS_OK;
    if (strcmp(name, "--seed") == 0) {
        status = parse_number("seed", value, 1000000000, &options->seed);
    } else if (strcmp(name, "--seconds") == 0) {
        status = parse_number("seconds", value, SECONDS_MAX, &options->seconds);
    } else if (strcmp(name, "--timeout") == 0) {
        status = parse_number("timeout", value, 86400, &timeout_s);
        options->qemu.timeout_s = (unsigned)timeout_s;
    } else if (strcmp(name, "--qemu") == 0) {
        options->qemu.program = value;
    } else if (strcmp(name, "--output") == 0) {
        options->output = value;
    } else if (strcmp(value, "leak") == 0) {
        options->plant_leak = true;
    } else {
        status = usage_error(COMMAND, "only a leak can be planted, not '%s'", value);
    }
    return status;
}

static int parse_options(int count, char **arguments, struct chaos_options *options)
{
    static const char *const valued[] = {"--seed", "--seconds", "--timeout",
                                         "--qemu", "--output",  "--plant"};
    for (int index = 0; index < count; index++) {
        const char *argument = arguments[index];
        size_t option = 0;
        if (strcmp(argument, "--") == 0) {
            options->qemu.extra = arguments + index + 1;
            options->qemu.extra_count = count - index - 1;
            break;
        }
        while (option < ARRAY_COUNT(valued) && strcmp(argument, valued[option]) != 0) {
            option++;
        }
        if (option < ARRAY_COUNT(valued)) {
            const char *value = option_value(COMMAND, count, arguments, &index);
            if (value == NULL || parse_value(argument, value, options) != STATUS_OK) {
                return STATUS_USAGE;
            }
        } else if (argument[0] == '-' || options->folder != NULL) {
            return usage_error(COMMAND, "unexpected argument '%s'", argument);
        } else {
            options->folder = argument;
        }
    }
    return options->folder != NULL ? STATUS_OK
                                   : usage_error(COMMAND, "needs the folder of a built system");
}

/* The component with the right to do harm. */
static bool find_component_with_right(struct armed *armed, const char *folder)
{
    const struct kaal_system *system = armed->ceiling.system;
    const struct kaal_system_component *lines = kaal_system_components(system);
    for (uint32_t index = 0; index < system->component_count; index++) {
        if ((lines[index].allow & KAAL_ALLOW_CHAOS) == 0) {
            continue;
        }
        if (armed->component != NULL) {
            fprintf(stderr, "%s: error: '%s' and '%s' both have allow: [chaos]; try: one of them\n",
                    folder, armed->component->name, lines[index].name);
            return false;
        }
        armed->component = &lines[index];
    }
    if (armed->component == NULL) {
        fprintf(stderr,
                "%s: error: no component of the system has allow: [chaos]; try: a component of "
                "image chaos with allow: [inspect, kill, power, chaos]\n",
                folder);
        return false;
    }
    return true;
}

/* The arguments of its line, followed by ours. */
static bool make_arguments(const struct armed *armed, const struct chaos_options *options,
                           char arguments[KAAL_ARGUMENTS_BYTES])
{
    char *text = text_format("%s%sseed=%lu ms=%lu%s", armed->component->arguments,
                             armed->component->arguments[0] == '\0' ? "" : " ", options->seed,
                             options->seconds * 1000, options->plant_leak ? " plant=leak" : "");
    bool fits = strlen(text) < KAAL_ARGUMENTS_BYTES;
    memset(arguments, 0, KAAL_ARGUMENTS_BYTES);
    if (fits) {
        memcpy(arguments, text, strlen(text));
    } else {
        fprintf(stderr,
                "%s: error: the arguments of '%s' have no room for the seed; try: shorter ones\n",
                options->folder, armed->component->name);
    }
    free(text);
    return fits;
}

/* Where the root image begins in the file that boots: behind loader and kernel on aarch64. */
static bool find_root(const struct buffer *file, enum machine machine, const char *path,
                      size_t root_bytes, size_t *offset)
{
    struct kaal_loader_header header;
    *offset = 0;
    if (machine == MACHINE_X86_64) {
        return true;
    }
    if (file->bytes >= KAAL_LOADER_HEADER_OFFSET + sizeof header) {
        memcpy(&header, file->data + KAAL_LOADER_HEADER_OFFSET, sizeof header);
        if (header.magic == KAAL_LOADER_MAGIC && header.root_bytes == root_bytes &&
            header.root_offset <= file->bytes && root_bytes <= file->bytes - header.root_offset) {
            *offset = header.root_offset;
            return true;
        }
    }
    fprintf(stderr, "%s: error: it does not hold this system's root.elf; try: build it again\n",
            path);
    return false;
}

/* Puts the arguments into a copy of the archive and sums it up again. */
static void change_archive(const struct armed *armed, uint8_t *root,
                           const char arguments[KAAL_ARGUMENTS_BYTES])
{
    const uint8_t *from = armed->ceiling.image.file.data;
    size_t at = (size_t)((const uint8_t *)armed->ceiling.archive - from);
    size_t where = (size_t)((const uint8_t *)armed->component->arguments - from);
    memcpy(root + where, arguments, KAAL_ARGUMENTS_BYTES);
    uint32_t checksum =
        kaal_crc32(root + at + CHECKSUM_FROM, armed->ceiling.archive->bytes - CHECKSUM_FROM);
    memcpy(root + at + offsetof(struct kaal_archive, checksum), &checksum, sizeof checksum);
}

static bool write_copy(const struct armed *armed, const struct chaos_options *options,
                       const char *from, const char *to)
{
    struct buffer file = {0};
    char arguments[KAAL_ARGUMENTS_BYTES];
    size_t offset;
    int error = file_read(from, IMAGE_MAX_BYTES, &file);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: build the system again\n", from, strerror(error));
        return false;
    }
    bool good =
        make_arguments(armed, options, arguments) &&
        find_root(&file, options->qemu.machine, from, armed->ceiling.image.file.bytes, &offset);
    if (good) {
        change_archive(armed, file.data + offset, arguments);
        error = file_write(to, file.data, file.bytes);
        good = error == 0;
    }
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: --output with a folder that can be written\n", to,
                strerror(error));
    }
    buffer_deinit(&file);
    return good;
}

/* Makes the copy, in the output folder. */
static bool arm(struct armed *armed, struct chaos_options *options)
{
    if (!ceiling_open(&armed->ceiling, options->folder) ||
        !find_component_with_right(armed, options->folder)) {
        return false;
    }
    char *output = options->output != NULL ? text_format("%s", options->output)
                                           : text_format("%s/chaos", options->folder);
    char *image = text_format("%s/image", options->folder);
    char *root = text_format("%s/root.elf", options->folder);
    bool aarch64 = access(image, R_OK) == 0;
    options->qemu.machine = aarch64 ? MACHINE_AARCH64 : MACHINE_X86_64;
    armed->root = text_format("%s/%s", output, aarch64 ? "image" : "root.elf");
    armed->kernel =
        aarch64 ? text_format("%s", armed->root) : text_format("%s/kernel.elf", options->folder);
    armed->serial = text_format("%s/serial.log", output);
    int error = folder_create(output);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: --output with a folder that can be written\n", output,
                strerror(error));
    }
    bool good = error == 0 && write_copy(armed, options, aarch64 ? image : root, armed->root);
    free(root);
    free(image);
    free(output);
    return good;
}

/* Prints the lines of the chaos component. Returns how many promises it found broken, or -1. */
static long print_lines(const struct armed *armed)
{
    struct buffer serial = {0};
    char *prefix = text_format("%s: ", armed->component->name);
    long broken = -1;
    int error = file_read(armed->serial, SERIAL_MAX_BYTES, &serial);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: --output with another folder\n", armed->serial,
                strerror(error));
    }
    (void)buffer_append(&serial, NULL, 1);
    for (char *line = (char *)serial.data; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        size_t bytes = end != NULL ? (size_t)(end - line) : strlen(line);
        size_t prefix_bytes = strlen(prefix);
        if (bytes > prefix_bytes && strncmp(line, prefix, prefix_bytes) == 0) {
            unsigned long events;
            line[bytes] = '\0';
            line[strcspn(line, "\r")] = '\0';
            puts(line + prefix_bytes);
            if (sscanf(line + prefix_bytes, "done: %lu events, %ld promises broken", &events,
                       &broken) != 2) {
                broken = -1;
            }
        }
        line = end != NULL ? end + 1 : NULL;
    }
    (void)fflush(stdout);
    free(prefix);
    buffer_deinit(&serial);
    return broken;
}

static int judge(const struct armed *armed, const struct chaos_options *options, enum qemu_end end,
                 long broken)
{
    if (end == QEMU_TIMED_OUT) {
        fprintf(stderr,
                "sel4-compose: error: the machine did not come to its end within %u s; try: "
                "--timeout, or the end of %s\n",
                options->qemu.timeout_s, armed->serial);
    } else if (end != QEMU_POWERED_OFF || broken < 0) {
        fprintf(stderr,
                "sel4-compose: error: the machine ended without a verdict; try: the end of %s\n",
                armed->serial);
    } else if (broken > 0) {
        fprintf(stderr,
                "sel4-compose: error: %ld promises were broken; try: %s has the whole log, and "
                "seed %lu gives the same again\n",
                broken, armed->serial, options->seed);
    } else {
        return STATUS_OK;
    }
    return STATUS_ERROR;
}

int command_chaos(int count, char **arguments)
{
    struct chaos_options options = {.seed = 1, .seconds = 5, .qemu = {.timeout_s = TIMEOUT_S}};
    struct armed armed = {0};
    int status = parse_options(count, arguments, &options);
    if (status != STATUS_OK) {
        return status;
    }
    status = STATUS_ERROR;
    if (arm(&armed, &options)) {
        options.qemu.kernel = armed.kernel;
        options.qemu.root = armed.root;
        options.qemu.instruction_time = true;
        options.qemu.serial_file = armed.serial;
        (void)remove(armed.serial); /* what an earlier run said */
        enum qemu_end end = qemu_run(&options.qemu);
        status = judge(&armed, &options, end, print_lines(&armed));
    }
    free(armed.kernel);
    free(armed.root);
    free(armed.serial);
    ceiling_deinit(&armed.ceiling);
    return status;
}
