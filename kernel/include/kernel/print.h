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

/* Lists of the ABI's names of its numbers (names.c). */
enum name_list {
    NAMES_LABEL,  /* of invocations */
    NAMES_CAP,    /* cap_identify() */
    NAMES_ERROR,  /* seL4_Error */
    NAMES_LOOKUP, /* seL4_LookupFailureType */
    NAMES_FAULT,  /* seL4_FaultType */
    NAMES_STATE,  /* enum thread_state */
};

/* Never null; "?" for numbers without a name. */
const char *name_of(enum name_list list, word_t number);
