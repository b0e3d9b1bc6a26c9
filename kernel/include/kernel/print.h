/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernel console output, for debug builds and for the reasons of a failed boot. */
#pragma once

#include <kernel/types.h>

/*
 * Print through arch_console_putchar(). Knows %s %u %x %lu %lx and %%. A no-op unless
 * CONFIG_PRINTING.
 */
void kernel_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Booting cannot go on: print why, in the same way, and halt. */
NORETURN void boot_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
