/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running a subcommand in a fresh folder with small scripts in place of other programs, and keeping
 * what it printed.
 */
#pragma once

#include <sys/stat.h>

/* What a subcommand left behind. */
struct run {
    int status;
    char *messages; /* standard error */
    char *output;   /* standard output */
};

/* A subcommand, as commands.h declares them. */
typedef int subcommand(int count, char **arguments);

/* Runs a subcommand with an empty standard input. */
struct run captured_run(subcommand *command, int count, char **arguments);

/* Frees what a run left behind. */
void run_deinit(struct run *result);

/* Writes a file, or a script if mode says so. */
void captured_put(const char *path, const char *text, mode_t mode);

/* Set-up of a test: the working folder is a new one; 0 or -1. */
int enter_fresh_folder(void **state);

/* Tear-down of a test: removes that folder; 0 or another value. */
int leave_folder(void **state);
