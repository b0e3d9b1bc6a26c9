/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The subcommands. Each gets its arguments without the program's and its own name and returns the
 * exit status: 0, 1 after an error that was reported, 2 for arguments that make no sense.
 */
#pragma once

#include <stddef.h>

/* Exit statuses. */
enum status {
    STATUS_OK = 0,
    STATUS_ERROR = 1,
    STATUS_USAGE = 2,
};

int command_build(int count, char **arguments);
int command_run(int count, char **arguments);
int command_info(int count, char **arguments);
int command_new(int count, char **arguments);
int command_iso(int count, char **arguments);
int command_image(int count, char **arguments);
int command_graph(int count, char **arguments);
int command_chaos(int count, char **arguments);

/* An option with a value. */
struct option {
    const char *name;
    const char **value; /* out: NULL before */
};

/*
 * Reads options and at most one other argument, in any order.
 *   options  [option_count];  positional  out: the other argument; NULL: none is allowed
 * Returns STATUS_OK, or STATUS_USAGE after a reported error.
 */
int options_parse(const char *command, int count, char **arguments, const struct option *options,
                  size_t option_count, const char **positional);

/*
 * Reports wrong arguments: "sel4-compose <command>: error: <what>; try: sel4-compose help".
 * Returns STATUS_USAGE.
 */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Takes the value of an option: arguments[*index] is the option, the value follows.
 * Returns NULL after a reported error if there is none.
 */
const char *option_value(const char *command, int count, char **arguments, int *index);
