/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The formatter behind struct kaal_problem: just what messages about tables need, bounded by the
 * text's size, and safe with strings that came out of a malformed table.
 */
#include <kaal/problem.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A text under construction; bytes beyond the end are dropped. */
struct writer {
    struct kaal_problem *problem;
    size_t bytes;
};

static void put(struct writer *writer, char c)
{
    if (writer->bytes < KAAL_PROBLEM_BYTES - 1) {
        writer->problem->text[writer->bytes++] = c >= ' ' && c <= '~' ? c : '?';
    }
}

static void put_string(struct writer *writer, const char *text)
{
    if (text == NULL) {
        text = "(none)";
    }
    /* What does not fit is dropped anyway, so an endless string ends here. */
    for (size_t i = 0; text[i] != '\0' && i < KAAL_PROBLEM_BYTES; i++) {
        put(writer, text[i]);
    }
}

static void put_number(struct writer *writer, uint64_t value, unsigned base)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        put(writer, digits[--count]);
    }
}

int kaal_problem_set(struct kaal_problem *problem, int error, const char *format, ...)
{
    if (problem == NULL) {
        return error;
    }
    struct writer writer = {.problem = problem};
    va_list arguments;
    va_start(arguments, format);
    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%') {
            put(&writer, *p);
            continue;
        }
        p++;
        bool is_long = p[0] == 'l' && p[1] == 'l';
        if (is_long) {
            p += 2;
        }
        switch (*p) {
        case 's':
            put_string(&writer, va_arg(arguments, const char *));
            break;
        case 'c':
            put(&writer, (char)va_arg(arguments, int));
            break;
        case 'u':
        case 'x':
            put_number(&writer,
                       is_long ? va_arg(arguments, unsigned long long)
                               : va_arg(arguments, unsigned),
                       *p == 'u' ? 10 : 16);
            break;
        default:
            put(&writer, *p);
            break;
        }
        if (*p == '\0') {
            break;
        }
    }
    va_end(arguments);
    problem->text[writer.bytes] = '\0';
    return error;
}
