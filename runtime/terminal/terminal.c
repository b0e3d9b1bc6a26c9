/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client's side of the terminal. Text is collected into messages; a request for a line carries
 * a number, so that the answer to an older request (of before a restart) is never taken for a new
 * one.
 */
#include <kaal/event.h>
#include <kaal/terminal.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PRINTF_BYTES 512

int kaal_terminal_open(struct kaal_terminal *terminal, const char *channel_name)
{
    const struct kaal_resource *resource = kaal_resource_find(channel_name, KAAL_RESOURCE_CHANNEL);

    *terminal = (struct kaal_terminal){0};
    if (resource && resource->channel.message_bytes != sizeof(struct kaal_terminal_message)) {
        return KAAL_ERR_INVALID;
    }
    return kaal_channel_open(&terminal->channel, resource);
}

/* Sends one message, however long it takes; a new console gets what the old one did not take. */
static void send(struct kaal_terminal *terminal, const struct kaal_terminal_message *message)
{
    while (kaal_channel_send_blocking(&terminal->channel, message, KAAL_NO_DEADLINE) != KAAL_OK) {
        if (!kaal_channel_peer_changed(&terminal->channel) ||
            kaal_channel_reconnect(&terminal->channel) != KAAL_OK) {
            return; /* a console that breaks the protocol shows nothing until it is replaced */
        }
    }
}

void kaal_terminal_flush(struct kaal_terminal *terminal)
{
    if (terminal->pending.length > 0) {
        terminal->pending.kind = KAAL_TERMINAL_WRITE;
        send(terminal, &terminal->pending);
        terminal->pending.length = 0;
    }
}

void kaal_terminal_write(struct kaal_terminal *terminal, const char *text, size_t bytes)
{
    struct kaal_terminal_message *pending = &terminal->pending;

    while (bytes > 0) {
        size_t room = KAAL_TERMINAL_TEXT_BYTES - pending->length;
        size_t part = bytes < room ? bytes : room;

        memcpy(pending->text + pending->length, text, part);
        pending->length = (uint8_t)(pending->length + part);
        text += part;
        bytes -= part;
        if (pending->length == KAAL_TERMINAL_TEXT_BYTES) {
            kaal_terminal_flush(terminal);
        }
    }
}

void kaal_terminal_printf(struct kaal_terminal *terminal, const char *format, ...)
{
    char text[PRINTF_BYTES];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length > 0) {
        kaal_terminal_write(terminal, text,
                            (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
    }
}

/* Adds a part of the line; false if it does not fit. */
static bool append(char *line, size_t capacity, size_t *length,
                   const struct kaal_terminal_message *message)
{
    if (message->length > KAAL_TERMINAL_TEXT_BYTES ||
        !(*length < capacity && message->length < capacity - *length)) {
        return false;
    }
    memcpy(line + *length, message->text, message->length);
    *length += message->length;
    line[*length] = '\0';
    return true;
}

static int receive_line(struct kaal_terminal *terminal, char *line, size_t capacity, size_t *length)
{
    struct kaal_terminal_message message;
    bool fits = true;

    for (;;) {
        int result = kaal_channel_recv_blocking(&terminal->channel, &message, KAAL_NO_DEADLINE);

        if (result != KAAL_OK) {
            if (kaal_channel_reconnect(&terminal->channel) != KAAL_OK) {
                /* It breaks the protocol: wait for what comes next instead of spinning. */
                (void)kaal_event_sleep(KAAL_NO_DEADLINE);
            }
            return KAAL_ERR_PEER;
        }
        if (message.kind == KAAL_TERMINAL_INTERRUPT) {
            terminal->interrupts = message.interrupts;
            return KAAL_ERR_STATE;
        }
        if (message.sequence != terminal->sequence) {
            continue;
        }
        fits = append(line, capacity, length, &message) && fits;
        if (message.kind == KAAL_TERMINAL_LINE_END) {
            return fits ? KAAL_OK : KAAL_ERR_RANGE;
        }
    }
}

int kaal_terminal_read_line(struct kaal_terminal *terminal, char *line, size_t capacity,
                            size_t *length)
{
    struct kaal_terminal_message request = {.kind = KAAL_TERMINAL_READ};

    (void)kaal_terminal_interrupted(terminal); /* what came before belongs to nothing now */
    kaal_terminal_flush(terminal);
    request.sequence = ++terminal->sequence;
    request.interrupts = terminal->interrupts;
    send(terminal, &request);
    *length = 0;
    line[0] = '\0';
    return receive_line(terminal, line, capacity, length);
}

bool kaal_terminal_interrupted(struct kaal_terminal *terminal)
{
    struct kaal_terminal_message message;
    bool interrupted;

    /* Only an interrupt can be of interest while no line is asked for. */
    while (kaal_channel_try_recv(&terminal->channel, &message) == KAAL_OK) {
        if (message.kind == KAAL_TERMINAL_INTERRUPT) {
            terminal->interrupted = true;
            terminal->interrupts = message.interrupts;
        }
    }
    interrupted = terminal->interrupted;
    terminal->interrupted = false;
    return interrupted;
}
