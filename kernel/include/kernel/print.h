/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernel console output, for debug builds and for the reasons of a failed boot. */
#pragma once

#include <kernel/types.h>

/*
 * Print through arch_console_putchar(). Knows %s %c %d %u %x %lx %lu %ld %p %% and a field width
 * with optional leading 0. A no-op unless CONFIG_PRINTING.
 */
void kernel_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
