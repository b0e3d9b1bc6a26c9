/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The log ring. Positions are free-running byte counts, so a reader that was overtaken simply
 * continues with the oldest byte kept. The early console has its own position and is fed after
 * each line; when it is closed the text just stays in the ring.
 */
#include "log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <kaal/bits.h>

#include "early_console.h"

#define ERROR_PREFIX "init: error:"
#define FAULT_PREFIX "init: fault:"

static char ring[LOG_RING_BYTES];
static uint64_t ring_end;
static uint64_t alert_count;

static_assert((LOG_RING_BYTES & (LOG_RING_BYTES - 1)) == 0, "positions are masked");

static void ring_append(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ring[(ring_end + i) % LOG_RING_BYTES] = text[i];
    }
    ring_end += bytes;
}

void log_line(const char *format, ...)
{
    char line[LOG_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (length < 0) {
        return;
    }
    size_t bytes = (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1;
    ring_append(line, bytes);
    ring_append("\n", 1);
    if (strncmp(line, ERROR_PREFIX, strlen(ERROR_PREFIX)) == 0 ||
        strncmp(line, FAULT_PREFIX, strlen(FAULT_PREFIX)) == 0) {
        alert_count++;
    }
    early_console_flush();
}

void log_component(const char *name, const char *text, size_t bytes)
{
    char line[LOG_LINE_BYTES];
    size_t used = strnlen(name, LOG_LINE_BYTES / 4);
    memcpy(line, name, used);
    line[used++] = ':';
    line[used++] = ' ';
    while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r')) {
        bytes--;
    }
    for (size_t i = 0; i < bytes && used < sizeof(line) - 1; i++) {
        line[used++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
    line[used++] = '\n';
    ring_append(line, used);
    early_console_flush();
}

size_t log_read(uint64_t *position, char *text, size_t capacity)
{
    uint64_t oldest = ring_end > LOG_RING_BYTES ? ring_end - LOG_RING_BYTES : 0;
    if (*position < oldest || *position > ring_end) {
        *position = oldest;
    }
    size_t bytes = 0;
    while (bytes < capacity && *position < ring_end) {
        text[bytes++] = ring[*position % LOG_RING_BYTES];
        (*position)++;
    }
    return bytes;
}

static bool begins_at(uint64_t position, const char *name, size_t name_bytes)
{
    if (ring_end - position < name_bytes + 2) {
        return false;
    }
    for (size_t i = 0; i < name_bytes; i++) {
        if (ring[(position + i) % LOG_RING_BYTES] != name[i]) {
            return false;
        }
    }
    return ring[(position + name_bytes) % LOG_RING_BYTES] == ':' &&
           ring[(position + name_bytes + 1) % LOG_RING_BYTES] == ' ';
}

size_t log_last_lines(const char *name, uint64_t from, uint64_t *positions, size_t capacity)
{
    size_t name_bytes = strnlen(name, LOG_LINE_BYTES / 4);
    /* Half a ring, so that what is found is still there while it is reported. */
    uint64_t oldest = ring_end > LOG_RING_BYTES / 2 ? ring_end - LOG_RING_BYTES / 2 : 0;
    size_t count = 0;
    from = from > oldest ? from : oldest;
    for (uint64_t position = ring_end; position > from && count < capacity; position--) {
        bool starts = position - 1 == 0 || ring[(position - 2) % LOG_RING_BYTES] == '\n';
        if (starts && begins_at(position - 1, name, name_bytes)) {
            positions[count++] = position - 1;
        }
    }
    return count;
}

void log_copy_line(uint64_t position, char text[LOG_LINE_BYTES])
{
    size_t bytes = log_read(&position, text, LOG_LINE_BYTES - 1);
    text[bytes] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

uint64_t log_alert_count(void)
{
    return alert_count;
}

uint64_t log_end(void)
{
    return ring_end;
}
