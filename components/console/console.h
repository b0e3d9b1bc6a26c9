/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console: one serial line, one foreground client. It moves bytes between four places and never
 * waits for anybody:
 *
 *   serial line -> type-ahead -> line editor -> client        (input)
 *   client, line editor -> output queue -> serial line        (output)
 *
 * Typed bytes go into the editor only while the client waits for a line; a full place stops the one
 * before it, down to the device. Both channels' indices survive either end, so a new serial driver
 * goes on with the next byte and nothing is sent twice.
 */
#pragma once

#include <kaal/channel.h>
#include <kaal/terminal.h>

#include "byte_queue.h"
#include "line_editor.h"

/** Longest text of a client's last, unfinished line (its prompt) that can be shown again. */
#define PROMPT_BYTES_MAX 128u

/** What the console does with the next typed byte. */
enum console_state {
    CONSOLE_IDLE,    /**< the client runs; keep what is typed ahead */
    CONSOLE_EDITING, /**< the client waits; keys edit the line */
    CONSOLE_SENDING, /**< the line is complete and goes to the client */
};

/** The console's whole state. */
struct console {
    struct kaal_channel serial;   /**< to the serial driver, bytes */
    struct kaal_channel terminal; /**< to the client, struct kaal_terminal_message */
    enum console_state state;
    uint32_t sent;                    /**< CONSOLE_SENDING: bytes of the line already sent */
    uint16_t sequence;                /**< of the client's last request for a line */
    uint16_t interrupts;              /**< Ctrl-C told to this client so far */
    bool interrupt;                   /**< Ctrl-C is to be told to the client */
    uint32_t prompt_length;           /**< of prompt */
    uint8_t prompt[PROMPT_BYTES_MAX]; /**< what the client wrote since its last "\n" */
    struct byte_queue typed;          /**< type-ahead */
    struct byte_queue output;         /**< for the serial line */
    struct line_editor editor;        /**< the line being edited */
};

/**
 * Opens both channels.
 *   console  out, in zeroed memory;  serial, terminal  resources of the start-up page, may be NULL
 * Returns KAAL_OK, KAAL_ERR_NOT_FOUND or KAAL_ERR_INVALID.
 */
MUST_CHECK int console_open(struct console *console, const struct kaal_resource *serial,
                            const struct kaal_resource *terminal);

/**
 * Does all that can be done now and arms both channels to wake the console for the rest.
 * Returns true if it must be called again instead of sleeping.
 */
bool console_step(struct console *console);

/**
 * Shows a report of the system above the line being edited, which is shown again after it.
 *   text: [bytes], whole lines, each ended by "\n"
 * Returns false, and shows nothing, while the output queue has no room for it.
 */
bool console_show_report(struct console *console, const char *text, size_t bytes);
