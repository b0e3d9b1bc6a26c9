/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Messages about a person's file, and the guess at what was meant.
 */
#include "diagnostics.h"

#include <stdarg.h>
#include <string.h>

/* Longer texts are not compared: nobody misspells 64 letters into a keyword. */
#define NEAREST_LENGTH_MAX 64u

void diagnostics_error(struct diagnostics *diagnostics, struct position at, const char *format, ...)
{
    diagnostics->errors++;
    if (diagnostics->errors > DIAGNOSTICS_MAX) {
        return;
    }
    if (at.line != 0) {
        fprintf(diagnostics->out, "%s:%u:%u: error: ", diagnostics->file, at.line, at.column);
    } else {
        fprintf(diagnostics->out, "%s: error: ", diagnostics->file);
    }
    va_list arguments;
    va_start(arguments, format);
    vfprintf(diagnostics->out, format, arguments);
    va_end(arguments);
    fputc('\n', diagnostics->out);
    if (diagnostics->errors == DIAGNOSTICS_MAX) {
        fprintf(diagnostics->out,
                "%s: error: further errors are not shown; try: mend these first\n",
                diagnostics->file);
    }
}

static size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

/* Levenshtein's distance, one row at a time. */
static size_t edit_distance(const char *left, const char *right)
{
    size_t row[NEAREST_LENGTH_MAX + 1];
    size_t right_length = strlen(right);
    for (size_t column = 0; column <= right_length; column++) {
        row[column] = column;
    }
    for (size_t line = 0; left[line] != '\0'; line++) {
        size_t diagonal = row[0];
        row[0] = line + 1;
        for (size_t column = 0; column < right_length; column++) {
            size_t replace = diagonal + (left[line] != right[column] ? 1 : 0);
            diagonal = row[column + 1];
            row[column + 1] = smaller(replace, smaller(row[column], diagonal) + 1);
        }
    }
    return row[right_length];
}

const char *nearest_text(const char *text, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (strlen(text) > NEAREST_LENGTH_MAX) {
        return NULL;
    }
    for (size_t index = 0; index < count; index++) {
        size_t length = strlen(candidates[index]);
        if (length > NEAREST_LENGTH_MAX) {
            continue;
        }
        size_t distance = edit_distance(text, candidates[index]);
        if (distance < best_distance && distance <= (length + 2) / 3) {
            best = candidates[index];
            best_distance = distance;
        }
    }
    return best;
}
