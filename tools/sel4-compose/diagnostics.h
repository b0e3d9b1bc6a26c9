/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Messages about a person's file. All have one form, `file:line:col: error: what; try: how`, so
 * that editors can jump to the place; the "; try: " part belongs to every message's format string.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

/* Most messages of one run; more would scroll the first, most useful one away. */
#define DIAGNOSTICS_MAX 20u

/* A place in a text file; line 0 means the file as a whole. */
struct position {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1 */
};

/* Where messages go and how many there were. */
struct diagnostics {
    const char *file; /* name that messages start with */
    FILE *out;        /* usually stderr */
    uint32_t errors;
};

/* Reports one error; format holds "what; try: how". */
void diagnostics_error(struct diagnostics *diagnostics, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The candidate that a person probably meant.
 *   text  what was written;  candidates  [count]
 * Returns the closest one, or NULL if none is close (more than a third of its letters differ).
 */
const char *nearest_text(const char *text, const char *const *candidates, size_t count);
