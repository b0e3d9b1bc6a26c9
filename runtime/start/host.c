/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The host's versions of what needs a machine or a broker: a clock that tests set, and messages on
 * standard error.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <kaal/assert.h>
#include <kaal/startup.h>

__attribute__((weak)) uint64_t kaal_now_ns(void)
{
    return 0;
}

__attribute__((weak)) void kaal_log(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

__attribute__((weak)) _Noreturn void kaal_panic(const char *reason)
{
    fprintf(stderr, "panic: %s\n", reason);
    abort();
}

__attribute__((weak)) _Noreturn void kaal_assert_failed(const char *expression, const char *file,
                                                        int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}
