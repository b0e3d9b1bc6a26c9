/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * init's log ring. Every message of init and every line that components log ends here; the ring
 * keeps the newest LOG_RING_BYTES bytes. While no serial driver lives the early console prints what
 * enters the ring, so that trouble at boot is visible.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>

/** Bytes that the ring keeps; a power of two. */
#define LOG_RING_BYTES 65536u
/** Longest line; longer ones are cut. */
#define LOG_LINE_BYTES 240u

/**
 * Adds one line of init's own: printf-like, cut at LOG_LINE_BYTES, a newline is added.
 * Context: init's main thread; never blocks.
 */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * Adds a component's text as one line "name: text". Control characters become '?', so that a
 * component cannot forge lines or terminal commands.
 *   text: [bytes], need not be NUL-terminated
 */
void log_component(const char *name, const char *text, size_t bytes);

/**
 * Copies from the ring.
 *   position  in/out: bytes since boot; an overwritten one moves to the oldest byte kept
 *   text      out, [capacity]
 * Returns the number of bytes copied, 0 if there is nothing newer.
 */
size_t log_read(uint64_t *position, char *text, size_t capacity);

/**
 * Finds the last lines that a component logged, at most half a ring back.
 *   name       of the component;  from  position: older lines do not count
 *   positions  out, [capacity]: where each begins, the newest first
 * Returns how many there are.
 */
size_t log_last_lines(const char *name, uint64_t from, uint64_t *positions, size_t capacity);

/**
 * Copies the line at a position, without its newline.
 *   text  out, [LOG_LINE_BYTES], NUL-terminated
 */
void log_copy_line(uint64_t position, char text[LOG_LINE_BYTES]);

/**
 * How many lines began with "init: error:" or "init: fault:" so far: what a person should see even
 * without asking for the log.
 */
uint64_t log_alert_count(void);

/** Bytes ever written: the position behind the newest byte. */
uint64_t log_end(void);
