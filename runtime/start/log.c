/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Formatted lines for the log. Weak: the root task keeps the log itself and brings its own.
 */
#include <stdarg.h>
#include <stdio.h>

#include <kaal/broker.h>

#define LINE_BYTES_MAX 200

__attribute__((weak)) void kaal_log(const char *format, ...)
{
    char line[LINE_BYTES_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (length > LINE_BYTES_MAX) {
        length = LINE_BYTES_MAX;
    }
    if (length > 0) {
        (void)kaal_log_write(line, (size_t)length);
    }
}
