/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernel console output, for debug builds and for the reasons of a failed boot. */
#pragma once

#include <kernel/types.h>

/* One byte to the console; '\n' is sent as CR LF. Only if CONFIG_PRINTING. */
void kernel_putchar(char byte);

/*
 * Print. Knows %s %u %x %lu %lx and %%. A no-op unless
 * CONFIG_PRINTING.
 */
void kernel_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Booting cannot go on: print why, in the same way, and halt. */
NORETURN void boot_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));
