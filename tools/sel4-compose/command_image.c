/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose image`: an aarch64 boot image of any root task, without a compose.yaml. For tests
 * and benchmarks, and for root tasks that are not KaaL's. With --unchecked as the last argument the
 * root task is packed as it is, so that a test can show the loader a damaged one.
 */
#include <stdio.h>
#include <string.h>

#include <kaal/bits.h>

#include "boot_image.h"
#include "commands.h"
#include "component_image.h"

#define COMMAND   "image"
#define UNCHECKED "--unchecked"

int command_image(int count, char **arguments)
{
    const char *kernel_path = NULL;
    const char *loader_path = NULL;
    const char *root_path = NULL;
    const char *output = NULL;
    bool unchecked = count > 0 && strcmp(arguments[count - 1], UNCHECKED) == 0;
    const struct option table[] = {{"--kernel", &kernel_path},
                                   {"--loader", &loader_path},
                                   {"--root", &root_path},
                                   {"--output", &output}};
    int status = options_parse(COMMAND, unchecked ? count - 1 : count, arguments, table,
                               ARRAY_COUNT(table), NULL);
    if (status != STATUS_OK) {
        return status;
    }
    if (kernel_path == NULL || loader_path == NULL || root_path == NULL || output == NULL) {
        return usage_error(COMMAND, "needs --kernel, --loader, --root and --output");
    }
    struct diagnostics diagnostics = {.file = "sel4-compose image", .out = stderr};
    struct component_image root = {0};
    struct buffer kernel = {0};
    struct buffer loader = {0};
    struct buffer image = {0};
    status = STATUS_ERROR;
    if (file_read_reported(kernel_path, &kernel) && file_read_reported(loader_path, &loader) &&
        kernel_check(&kernel, kernel_path, MACHINE_AARCH64, &diagnostics) &&
        file_read_reported(root_path, &root.file) &&
        (unchecked || component_image_parse(&root, root_path, MACHINE_AARCH64, (struct position){0},
                                            &diagnostics)) &&
        boot_image_write(&loader, loader_path, &kernel, &root.file, &diagnostics, &image)) {
        int error = file_write(output, image.data, image.bytes);
        if (error == 0) {
            status = STATUS_OK;
        } else {
            fprintf(stderr, "%s: error: %s; try: another --output\n", output, strerror(error));
        }
    }
    component_image_deinit(&root);
    buffer_deinit(&kernel);
    buffer_deinit(&loader);
    buffer_deinit(&image);
    return status;
}
