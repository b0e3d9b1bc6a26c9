/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the subcommands share about their arguments.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

int usage_error(const char *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "sel4-compose %s: error: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("; try: sel4-compose help\n", stderr);
    return STATUS_USAGE;
}

const char *option_value(const char *command, int count, char **arguments, int *index)
{
    if (*index + 1 >= count) {
        (void)usage_error(command, "option %s needs a value", arguments[*index]);
        return NULL;
    }
    (*index)++;
    return arguments[*index];
}

int options_parse(const char *command, int count, char **arguments, const struct option *options,
                  size_t option_count, const char **positional)
{
    for (int index = 0; index < count; index++) {
        size_t option = 0;
        while (option < option_count && strcmp(arguments[index], options[option].name) != 0) {
            option++;
        }
        if (option < option_count) {
            *options[option].value = option_value(command, count, arguments, &index);
            if (*options[option].value == NULL) {
                return STATUS_USAGE;
            }
        } else if (arguments[index][0] == '-' || positional == NULL || *positional != NULL) {
            return usage_error(command, "unexpected argument '%s'", arguments[index]);
        } else {
            *positional = arguments[index];
        }
    }
    return STATUS_OK;
}
