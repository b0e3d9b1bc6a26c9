/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The terminal as a program sees it: text out, edited lines in, over one channel to the console
 * component. The console shows and edits typed text only while the client waits for a line, so what
 * is typed ahead appears after the next prompt, never in the middle of output.
 *
 * Life cycle: kaal_terminal_open() once; then write a prompt, read a line, write the answer. When
 * the console starts anew, reading answers KAAL_ERR_PEER and the client writes its prompt again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/channel.h>
#include <kaal/error.h>

/** What a message says. */
enum kaal_terminal_kind {
    KAAL_TERMINAL_WRITE = 1,     /**< client to console: show the text */
    KAAL_TERMINAL_READ = 2,      /**< client to console: the next line, please */
    KAAL_TERMINAL_LINE = 3,      /**< console to client: a part of the line, more follows */
    KAAL_TERMINAL_LINE_END = 4,  /**< console to client: the last part of the line */
    KAAL_TERMINAL_INTERRUPT = 5, /**< console to client: Ctrl-C; the asked-for line is cancelled */
};

/** Bytes of text in one message. */
#define KAAL_TERMINAL_TEXT_BYTES 58u
/** Longest line the console edits. */
#define KAAL_TERMINAL_LINE_BYTES_MAX 16384u

/** A message in either direction; message_bytes of the channel is 64. */
struct kaal_terminal_message {
    uint8_t kind;        /**< enum kaal_terminal_kind */
    uint8_t length;      /**< used bytes of text */
    uint16_t sequence;   /**< READ: a number; LINE and LINE_END: that of the READ answered */
    uint16_t interrupts; /**< INTERRUPT: how many there were; READ: how many the client has seen:
                            one that crossed an INTERRUPT is cancelled by it */
    uint8_t text[KAAL_TERMINAL_TEXT_BYTES]; /**< "\n" ends a line, the console adds "\r" */
};
_Static_assert(sizeof(struct kaal_terminal_message) == 64, "one cache line");

/** A client's terminal. */
struct kaal_terminal {
    struct kaal_channel channel;          /**< to the console */
    uint16_t sequence;                    /**< of the last request for a line */
    uint16_t interrupts;                  /**< of the console's, the last one seen */
    bool interrupted;                     /**< Ctrl-C came and nobody asked yet */
    struct kaal_terminal_message pending; /**< text collected for the next message */
};

/**
 * Opens the terminal.
 *   terminal  out;  channel_name  of the channel to the console
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND without such a channel, KAAL_ERR_INVALID if its messages are
 * not terminal messages.
 */
MUST_CHECK int kaal_terminal_open(struct kaal_terminal *terminal, const char *channel_name);

/**
 * Shows text; it is collected until a full message, kaal_terminal_flush() or a read.
 *   text: [bytes]
 * Context: blocks while the console has no room.
 */
void kaal_terminal_write(struct kaal_terminal *terminal, const char *text, size_t bytes);

/** Shows formatted text, as printf; cut at 511 bytes. Context: as kaal_terminal_write(). */
void kaal_terminal_printf(struct kaal_terminal *terminal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Hands collected text to the console. Context: as kaal_terminal_write(). */
void kaal_terminal_flush(struct kaal_terminal *terminal);

/**
 * Asks the console for a line and waits for it.
 *   line: out, [capacity], NUL-terminated;  length  out: without the NUL
 * Returns KAAL_OK; KAAL_ERR_STATE after Ctrl-C; KAAL_ERR_RANGE if the line is longer than capacity
 * - 1 (it is dropped); KAAL_ERR_PEER if the console started anew or broke the protocol: show the
 * prompt again.
 * Context: blocks.
 */
MUST_CHECK int kaal_terminal_read_line(struct kaal_terminal *terminal, char *line, size_t capacity,
                                       size_t *length);

/** True once after each Ctrl-C that came while no line was asked for: end long output then. */
bool kaal_terminal_interrupted(struct kaal_terminal *terminal);
