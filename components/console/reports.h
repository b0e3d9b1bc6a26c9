/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which lines of init's log a person must see at once: fault reports and errors, with the indented
 * lines (registers, backtrace) that belong to them. The rest is for the `log` command.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Most bytes of reports that wait to be shown. */
#define REPORTS_BYTES_MAX 8192u
/** Longest line of the log; more is cut. */
#define REPORTS_LINE_BYTES 256u

/** The filter; all zero is the start. */
struct reports {
    char line[REPORTS_LINE_BYTES]; /**< the line being collected */
    size_t line_bytes;
    bool inside;                  /**< the last whole line belonged to a report */
    char text[REPORTS_BYTES_MAX]; /**< whole lines to be shown */
    size_t text_bytes;
};

/**
 * Takes the next piece of the log; reports in it are appended to text, which the caller empties
 * once it is shown (text_bytes = 0). What does not fit is dropped: the log still has it.
 *   piece: [bytes]
 */
void reports_add(struct reports *reports, const char *piece, size_t bytes);
