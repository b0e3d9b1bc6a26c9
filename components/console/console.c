/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console's work, as small moves that each say whether they moved anything; console_step()
 * repeats them until none does.
 */
#include "console.h"

#include <string.h>

#define KEY_INTERRUPT 0x03 /* Ctrl-C */
/* A client's message in the output queue: every byte may become two. */
#define OUTPUT_PER_MESSAGE (2 * KAAL_TERMINAL_TEXT_BYTES)
/* Room that output leaves for "^C" and a new line. */
#define OUTPUT_RESERVE 8u

_Static_assert(BYTE_QUEUE_BYTES >= 2 * LINE_BYTES_MAX + HISTORY_BYTES_MAX + 64,
               "the output queue holds the largest redraw of a line");
_Static_assert(LINE_BYTES_MAX == KAAL_TERMINAL_LINE_BYTES_MAX, "as promised to clients");

int console_open(struct console *console, const struct kaal_resource *serial,
                 const struct kaal_resource *terminal)
{
    int result;

    if ((serial && serial->channel.message_bytes != 1) ||
        (terminal && terminal->channel.message_bytes != sizeof(struct kaal_terminal_message))) {
        return KAAL_ERR_INVALID;
    }
    console->editor.output = &console->output;
    result = kaal_channel_open(&console->serial, serial);
    return result == KAAL_OK ? kaal_channel_open(&console->terminal, terminal) : result;
}

static void show_text(struct console *console, const char *text)
{
    while (*text != '\0') {
        byte_queue_push(&console->output, (uint8_t)*text++);
    }
}

/* Ctrl-C works at once: it overtakes and drops what was typed ahead, and cancels the line. */
static void interrupt(struct console *console)
{
    byte_queue_clear(&console->typed);
    line_editor_reset(&console->editor);
    console->state = CONSOLE_IDLE;
    console->interrupt = true;
    console->prompt_length = 0;
    show_text(console, "^C\r\n");
}

static bool move_serial_to_typed(struct console *console)
{
    uint32_t count;
    const uint8_t *bytes = kaal_channel_peek(&console->serial, &count);
    uint32_t taken = 0;

    while (taken < count && byte_queue_room(&console->typed) > 0 &&
           byte_queue_room(&console->output) >= OUTPUT_RESERVE) {
        uint8_t byte = bytes[taken++];

        if (byte == KEY_INTERRUPT) {
            interrupt(console);
        } else {
            byte_queue_push(&console->typed, byte);
        }
    }
    kaal_channel_consume(&console->serial, taken);
    return taken > 0;
}

static bool move_typed_to_line(struct console *console)
{
    bool moved = false;

    while (console->state == CONSOLE_EDITING && byte_queue_count(&console->typed) > 0 &&
           byte_queue_room(&console->output) >=
               line_editor_output_max(&console->editor) + OUTPUT_RESERVE) {
        if (line_editor_key(&console->editor, byte_queue_pop(&console->typed))) {
            console->state = CONSOLE_SENDING;
            console->sent = 0;
            console->prompt_length = 0;
        }
        moved = true;
    }
    return moved;
}

static bool move_line_to_client(struct console *console)
{
    bool moved = false;
    uint32_t slots;
    struct kaal_terminal_message *message;

    while (console->state == CONSOLE_SENDING &&
           (message = kaal_channel_reserve(&console->terminal, &slots)) != NULL) {
        uint32_t left = console->editor.length - console->sent;
        uint32_t part = left < KAAL_TERMINAL_TEXT_BYTES ? left : KAAL_TERMINAL_TEXT_BYTES;

        message->kind = part == left ? KAAL_TERMINAL_LINE_END : KAAL_TERMINAL_LINE;
        message->sequence = console->sequence;
        message->length = (uint8_t)part;
        memcpy(message->text, console->editor.line + console->sent, part);
        kaal_channel_commit(&console->terminal, 1);
        console->sent += part;
        if (part == left) {
            line_editor_reset(&console->editor);
            console->state = CONSOLE_IDLE;
        }
        moved = true;
    }
    return moved;
}

static bool move_interrupt_to_client(struct console *console)
{
    uint32_t slots;
    struct kaal_terminal_message *message;

    if (!console->interrupt ||
        (message = kaal_channel_reserve(&console->terminal, &slots)) == NULL) {
        return false;
    }
    *message = (struct kaal_terminal_message){.kind = KAAL_TERMINAL_INTERRUPT,
                                              .interrupts = ++console->interrupts};
    kaal_channel_commit(&console->terminal, 1);
    console->interrupt = false;
    return true;
}

/* Remembers the client's unfinished line, as far as it fits. */
static void remember_prompt(struct console *console, uint8_t byte)
{
    if (byte == '\n') {
        console->prompt_length = 0;
    } else if (console->prompt_length < PROMPT_BYTES_MAX) {
        console->prompt[console->prompt_length++] = byte;
    }
}

static void show_line_end_as_crlf(struct console *console, uint8_t byte)
{
    if (byte == '\n') {
        byte_queue_push(&console->output, '\r');
    }
    byte_queue_push(&console->output, byte);
}

static void show_client_text(struct console *console, const struct kaal_terminal_message *message)
{
    uint32_t length = message->length;

    for (uint32_t i = 0; i < length && i < KAAL_TERMINAL_TEXT_BYTES; i++) {
        remember_prompt(console, message->text[i]);
        show_line_end_as_crlf(console, message->text[i]);
    }
}

bool console_show_report(struct console *console, const char *text, size_t bytes)
{
    bool editing = console->state == CONSOLE_EDITING;

    if (byte_queue_room(&console->output) <
        2 * bytes + PROMPT_BYTES_MAX + 2 * line_editor_output_max(&console->editor)) {
        return false;
    }
    if (editing || console->prompt_length > 0) {
        show_text(console, "\r\x1b[J");
    }
    for (size_t i = 0; i < bytes; i++) {
        show_line_end_as_crlf(console, (uint8_t)text[i]);
    }
    for (uint32_t i = 0; i < console->prompt_length; i++) {
        byte_queue_push(&console->output, console->prompt[i]);
    }
    if (editing) {
        line_editor_show(&console->editor);
    }
    return true;
}

/*
 * A request that crossed a Ctrl-C is cancelled by it: the client will see it and ask again. A
 * console that told of none has nothing to be crossed.
 */
static void client_asks(struct console *console, const struct kaal_terminal_message *message)
{
    bool crossed = console->interrupts != 0 && message->interrupts != console->interrupts;

    if (console->interrupt || crossed) {
        return;
    }
    console->sequence = message->sequence;
    if (console->state == CONSOLE_IDLE) {
        console->state = CONSOLE_EDITING;
    }
}

static bool move_client_to_output(struct console *console)
{
    bool moved = false;
    uint32_t count;
    const void *peeked;

    while (byte_queue_room(&console->output) >= OUTPUT_PER_MESSAGE + OUTPUT_RESERVE &&
           (peeked = kaal_channel_peek(&console->terminal, &count)) != NULL) {
        struct kaal_terminal_message message; /* a copy: the client may change its own */

        memcpy(&message, peeked, sizeof(message));
        kaal_channel_consume(&console->terminal, 1);
        if (message.kind == KAAL_TERMINAL_WRITE) {
            show_client_text(console, &message);
        } else if (message.kind == KAAL_TERMINAL_READ) {
            client_asks(console, &message);
        }
        moved = true;
    }
    return moved;
}

static bool move_output_to_serial(struct console *console)
{
    bool moved = false;
    uint32_t slots;
    uint8_t *bytes;

    while (byte_queue_count(&console->output) > 0 &&
           (bytes = kaal_channel_reserve(&console->serial, &slots)) != NULL) {
        uint32_t count = byte_queue_count(&console->output);

        count = count < slots ? count : slots;
        for (uint32_t i = 0; i < count; i++) {
            bytes[i] = byte_queue_pop(&console->output);
        }
        kaal_channel_commit(&console->serial, count);
        moved = true;
    }
    return moved;
}

/* A new client instance asked for nothing yet: what the old one wanted is void. */
static void reconnect(struct console *console)
{
    if (kaal_channel_peer_changed(&console->serial)) {
        (void)kaal_channel_reconnect(&console->serial);
    }
    if (kaal_channel_peer_changed(&console->terminal) &&
        kaal_channel_reconnect(&console->terminal) == KAAL_OK) {
        line_editor_reset(&console->editor);
        console->state = CONSOLE_IDLE;
        console->interrupt = false;
        console->interrupts = 0;
    }
}

/* True if every channel that could bring progress will wake us. */
static bool may_sleep(struct console *console)
{
    uint32_t waiting = byte_queue_count(&console->output);
    uint32_t wanted = console->serial.capacity / 2;
    bool sleep = true;

    if (byte_queue_room(&console->typed) > 0) {
        sleep = kaal_channel_prepare_receive(&console->serial) && sleep;
    }
    if (waiting > 0) {
        wanted = waiting < wanted ? waiting : wanted;
        sleep = kaal_channel_prepare_send(&console->serial, wanted) && sleep;
    }
    if (byte_queue_room(&console->output) >= OUTPUT_PER_MESSAGE + OUTPUT_RESERVE) {
        sleep = kaal_channel_prepare_receive(&console->terminal) && sleep;
    }
    if (console->state == CONSOLE_SENDING || console->interrupt) {
        sleep = kaal_channel_prepare_send(&console->terminal, 1) && sleep;
    }
    return sleep;
}

bool console_step(struct console *console)
{
    bool moved;

    reconnect(console);
    do {
        moved = move_serial_to_typed(console);
        moved = move_client_to_output(console) || moved;
        moved = move_typed_to_line(console) || moved;
        moved = move_line_to_client(console) || moved;
        moved = move_interrupt_to_client(console) || moved;
        moved = move_output_to_serial(console) || moved;
        kaal_channel_notify(&console->serial);
        kaal_channel_notify(&console->terminal);
    } while (moved);
    return !may_sleep(console);
}
