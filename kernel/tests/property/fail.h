/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a run ends when something does not hold. */
#pragma once

#include <stdbool.h>

/* Report and end the run; never returns. */
__attribute__((noreturn, format(printf, 1, 2))) void fail_run(const char *format, ...);

#define check(condition, ...)      \
    do {                           \
        if (!(condition)) {        \
            fail_run(__VA_ARGS__); \
        }                          \
    } while (0)
