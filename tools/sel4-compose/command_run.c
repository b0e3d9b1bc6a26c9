/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose run`: boots a system that `build` made. On a terminal a person is at the serial
 * line and nothing ends by itself; with a pipe as input the run ends when the guest powers off, or
 * by timeout.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kaal/bits.h>

#include "buffer.h"
#include "commands.h"
#include "qemu.h"

#define COMMAND "run"
/* Long enough for a slow machine without hardware acceleration, short enough for a test. */
#define PIPE_TIMEOUT_S 120u

struct run_options {
    const char *folder;
    bool dry_run;
    bool timeout_given;
    struct qemu_options qemu;
};

static int parse_timeout(const char *text, unsigned *seconds)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || value > 86400) {
        return usage_error(COMMAND, "timeout '%s' is not 0 to 86400 seconds", text);
    }
    *seconds = (unsigned)value;
    return STATUS_OK;
}

static int parse_options(int count, char **arguments, struct run_options *options)
{
    const char *environment = getenv("KAAL_RUN_TIMEOUT_S");
    if (environment != NULL) {
        options->timeout_given = true;
        if (parse_timeout(environment, &options->qemu.timeout_s) != STATUS_OK) {
            return STATUS_USAGE;
        }
    }
    for (int index = 0; index < count; index++) {
        const char *argument = arguments[index];
        if (strcmp(argument, "--") == 0) {
            options->qemu.extra = arguments + index + 1;
            options->qemu.extra_count = count - index - 1;
            break;
        }
        if (strcmp(argument, "--dry-run") == 0) {
            options->dry_run = true;
        } else if (strcmp(argument, "--icount") == 0) {
            options->qemu.instruction_time = true;
        } else if (strcmp(argument, "--gdb") == 0) {
            options->qemu.wait_for_debugger = true;
        } else if (strcmp(argument, "--timeout") == 0 || strcmp(argument, "--qemu") == 0) {
            const char *value = option_value(COMMAND, count, arguments, &index);
            if (value == NULL) {
                return STATUS_USAGE;
            }
            if (strcmp(argument, "--qemu") == 0) {
                options->qemu.program = value;
                continue;
            }
            options->timeout_given = true;
            if (parse_timeout(value, &options->qemu.timeout_s) != STATUS_OK) {
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

static void explain(const struct run_options *options)
{
    printf("sel4-compose: booting %s (%s). Ctrl-A x leaves QEMU; Ctrl-C goes to the shell.\n",
           options->folder, machine_name(options->qemu.machine));
    if (options->qemu.wait_for_debugger) {
        printf("sel4-compose: waiting for a debugger on 127.0.0.1:1234\n");
    }
    (void)fflush(stdout); /* before the guest writes to the same place */
}

static int report(const struct run_options *options, enum qemu_end end)
{
    switch (end) {
    case QEMU_POWERED_OFF:
        return STATUS_OK;
    case QEMU_QUIT:
        return STATUS_OK;
    case QEMU_RESET:
        fprintf(stderr, "sel4-compose: error: the guest reset the machine instead of powering off; "
                        "try: read the last lines above, or --gdb\n");
        return STATUS_ERROR;
    case QEMU_TIMED_OUT:
        fprintf(stderr,
                "sel4-compose: error: the guest did not power off within %u s and was ended; try: "
                "'poweroff' as the last line of input, or --timeout with a larger number\n",
                options->qemu.timeout_s);
        return STATUS_ERROR;
    case QEMU_FAILED:
        fprintf(stderr, "sel4-compose: error: QEMU ended with an error; try: --dry-run to see its "
                        "command line\n");
        return STATUS_ERROR;
    }
    return STATUS_ERROR;
}

int command_run(int count, char **arguments)
{
    struct run_options options = {0};
    int status = parse_options(count, arguments, &options);
    if (status != STATUS_OK) {
        return status;
    }
    char *image = text_format("%s/image", options.folder);
    char *kernel = text_format("%s/kernel.elf", options.folder);
    char *root = text_format("%s/root.elf", options.folder);
    options.qemu.interactive = isatty(STDIN_FILENO) != 0;
    if (!options.qemu.interactive && !options.timeout_given) {
        options.qemu.timeout_s = PIPE_TIMEOUT_S;
    }
    if (access(image, R_OK) == 0) {
        options.qemu.machine = MACHINE_AARCH64;
        options.qemu.kernel = image;
    } else if (access(kernel, R_OK) == 0 && access(root, R_OK) == 0) {
        options.qemu.machine = MACHINE_X86_64;
        options.qemu.kernel = kernel;
        options.qemu.root = root;
    } else {
        fprintf(stderr,
                "%s: error: neither 'image' nor 'kernel.elf' and 'root.elf' are there; try: "
                "sel4-compose build with --kernel first\n",
                options.folder);
        status = STATUS_ERROR;
        goto out_free;
    }
    if (options.dry_run) {
        qemu_print(&options.qemu);
    } else {
        explain(&options);
        status = report(&options, qemu_run(&options.qemu));
    }
out_free:
    free(image);
    free(kernel);
    free(root);
    return status;
}
