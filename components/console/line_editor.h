/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Editing one line on an ANSI terminal: what is typed goes into the line at the cursor, and what
 * the terminal must show goes into an output queue. It knows no channel and no client, so it is
 * tested on the host alone.
 *
 * Keys: printable characters, backspace (0x08, 0x7f), delete, left, right, home, end, Ctrl-A,
 * Ctrl-E, Ctrl-D (delete), Ctrl-K and Ctrl-U (delete to the end or start), up and down (history).
 * The cursor moves within one terminal row by backspaces; a line longer than the row is kept in
 * full but moving in it shows wrongly.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "byte_queue.h"

/** Longest line; more characters are refused with the bell. */
#define LINE_BYTES_MAX 16384u
/** Lines kept for the up key. */
#define HISTORY_LINES 16u
/** Longest line that is kept. */
#define HISTORY_BYTES_MAX 256u

/** Where the parser is in an escape sequence. */
enum escape_state {
    ESCAPE_NONE,
    ESCAPE_STARTED,
    ESCAPE_PARAMETER
};

/** The editor; all zero is an empty line without history. */
struct line_editor {
    struct byte_queue *output;    /**< what the terminal must show */
    uint32_t length;              /**< of the line */
    uint32_t cursor;              /**< 0..length */
    enum escape_state escape;     /**< of the input so far */
    uint32_t escape_parameter;    /**< number in the escape sequence */
    bool after_return;            /**< the last byte was CR: a LF right after it belongs to it */
    uint32_t history_count;       /**< lines ever kept */
    uint32_t history_position;    /**< 0 = the new line, n = n lines back */
    uint8_t line[LINE_BYTES_MAX]; /**< [length] */
    uint32_t history_length[HISTORY_LINES];
    uint8_t history[HISTORY_LINES][HISTORY_BYTES_MAX];
};

/** Room that the output queue must have before the next line_editor_key(). */
uint32_t line_editor_output_max(const struct line_editor *editor);

/**
 * Handles one byte from the terminal.
 *   byte  anything but Ctrl-C, which is the console's own
 * Returns true if the byte ended the line: line[0..length) is complete, without its end.
 * Context: output has room for line_editor_output_max().
 */
bool line_editor_key(struct line_editor *editor, uint8_t byte);

/** Begins a new line, without showing anything; the history stays. */
void line_editor_reset(struct line_editor *editor);

/** Shows the line again, on a row where only the prompt stands, and puts the cursor in its place.
 */
void line_editor_show(struct line_editor *editor);
