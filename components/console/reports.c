/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The filter: a line that begins as a report does starts one, indented lines continue it, any other
 * line ends it.
 */
#include "reports.h"

#include <string.h>

static bool line_begins(const struct reports *reports, const char *beginning)
{
    size_t length = strlen(beginning);

    return reports->line_bytes >= length && memcmp(reports->line, beginning, length) == 0;
}

static void line_ended(struct reports *reports)
{
    bool starts = line_begins(reports, "init: fault:") || line_begins(reports, "init: error:");
    bool continues = reports->inside && line_begins(reports, "  ");

    reports->inside = starts || continues;
    if (reports->inside && reports->line_bytes < REPORTS_BYTES_MAX - reports->text_bytes) {
        memcpy(reports->text + reports->text_bytes, reports->line, reports->line_bytes);
        reports->text_bytes += reports->line_bytes;
        reports->text[reports->text_bytes++] = '\n';
    }
    reports->line_bytes = 0;
}

void reports_add(struct reports *reports, const char *piece, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (piece[i] == '\n') {
            line_ended(reports);
        } else if (reports->line_bytes < REPORTS_LINE_BYTES) {
            reports->line[reports->line_bytes++] = piece[i];
        }
    }
}
