/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Assertions of the kernel's own invariants. A user's input is never asserted. */
#pragma once

#include <kernel/types.h>

/*
 * Report a broken invariant and stop the machine.
 * Context: any. Does not return (on the host: abort()).
 */
NORETURN void kernel_panic(const char *message, const char *file, unsigned line);

#define KERNEL_ASSERT(condition)                          \
    do {                                                  \
        if (UNLIKELY(!(condition))) {                     \
            kernel_panic(#condition, __FILE__, __LINE__); \
        }                                                 \
    } while (0)
