/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A problem: one line of text that tells a person what is wrong, where, and what to do. Parsers of
 * foreign data (bootinfo, ACPI tables, device trees) fill one in beside their error code. The text
 * is made by a small formatter, so the parsers need no C library.
 */
#pragma once

#include <stdint.h>

/** Longest problem text, including its NUL; longer ones are cut. */
#define KAAL_PROBLEM_BYTES 200

/** What is wrong, where, and what to do; an empty string means: nothing. */
struct kaal_problem {
    char text[KAAL_PROBLEM_BYTES]; /**< NUL-terminated, printable ASCII */
};

/**
 * Sets the text and hands back the error code, so a parser ends with one statement.
 *   problem  out, may be NULL;  error  the code to return
 *   format   like printf with %s, %c, %u, %x, %llu, %llx and %% only; bytes of a string argument
 *            that are not printable ASCII come out as '?'
 * Returns error. Context: anywhere, never blocks.
 */
int kaal_problem_set(struct kaal_problem *problem, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
