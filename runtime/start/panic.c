/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ends of a component that are mistakes: the reason goes to the log, then a trap, whose fault init
 * receives. Weak: the root task brings its own.
 */
#include <kaal/assert.h>
#include <kaal/startup.h>

__attribute__((weak)) _Noreturn void kaal_panic(const char *reason)
{
    kaal_log("panic: %s", reason);
    __builtin_trap();
}

__attribute__((weak)) _Noreturn void kaal_assert_failed(const char *expression, const char *file,
                                                        int line)
{
    kaal_log("%s:%d: assertion failed: %s", file, line, expression);
    __builtin_trap();
}
