/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The line editor. Each edit redraws from the cursor to the end of the line and steps back, which
 * needs nothing of the terminal but backspace and "erase to the end" (ECMA-48 ED).
 */
#include "line_editor.h"

#include <string.h>

#define KEY_CTRL(letter) ((letter)&0x1f)
#define KEY_BACKSPACE    0x08
#define KEY_TAB          0x09
#define KEY_ESCAPE       0x1b
#define KEY_DELETE_LEFT  0x7f
#define BELL             0x07

static void show(struct line_editor *editor, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        byte_queue_push(editor->output, bytes[i]);
    }
}

static void show_repeated(struct line_editor *editor, uint8_t byte, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        byte_queue_push(editor->output, byte);
    }
}

uint32_t line_editor_output_max(const struct line_editor *editor)
{
    /* Replacing a line by one of the history: back over it, erase, show the other. */
    return 2 * editor->length + HISTORY_BYTES_MAX + 16;
}

/* Shows the line from the cursor on, and returns to the cursor. */
static void redraw_tail(struct line_editor *editor)
{
    static const uint8_t erase_below[] = "\x1b[J";
    uint32_t tail = editor->length - editor->cursor;

    show(editor, editor->line + editor->cursor, tail);
    show(editor, erase_below, sizeof(erase_below) - 1);
    show_repeated(editor, KEY_BACKSPACE, tail);
}

static void move_to(struct line_editor *editor, uint32_t cursor)
{
    if (cursor < editor->cursor) {
        show_repeated(editor, KEY_BACKSPACE, editor->cursor - cursor);
    } else {
        show(editor, editor->line + editor->cursor, cursor - editor->cursor);
    }
    editor->cursor = cursor;
}

static void insert(struct line_editor *editor, uint8_t byte)
{
    if (editor->length == LINE_BYTES_MAX) {
        byte_queue_push(editor->output, BELL);
        return;
    }
    memmove(editor->line + editor->cursor + 1, editor->line + editor->cursor,
            editor->length - editor->cursor);
    editor->line[editor->cursor++] = byte;
    editor->length++;
    byte_queue_push(editor->output, byte);
    if (editor->cursor < editor->length) {
        redraw_tail(editor);
    }
}

/* Removes [from, to), which the cursor borders on, and leaves the cursor at `from`. */
static void remove_range(struct line_editor *editor, uint32_t from, uint32_t to)
{
    if (from == to) {
        return;
    }
    move_to(editor, from);
    memmove(editor->line + from, editor->line + to, editor->length - to);
    editor->length -= to - from;
    redraw_tail(editor);
}

static void history_keep(struct line_editor *editor)
{
    uint32_t entry = editor->history_count % HISTORY_LINES;
    uint32_t last = (editor->history_count - 1) % HISTORY_LINES;
    bool repeated = editor->history_count > 0 && editor->history_length[last] == editor->length &&
                    memcmp(editor->history[last], editor->line, editor->length) == 0;

    if (editor->length == 0 || editor->length > HISTORY_BYTES_MAX || repeated) {
        return;
    }
    memcpy(editor->history[entry], editor->line, editor->length);
    editor->history_length[entry] = editor->length;
    editor->history_count++;
}

/* Shows the line `position` lines back; 0 is an empty new one. */
static void history_show(struct line_editor *editor, uint32_t position)
{
    uint32_t kept = editor->history_count < HISTORY_LINES ? editor->history_count : HISTORY_LINES;
    uint32_t entry = (editor->history_count - position) % HISTORY_LINES;

    if (position > kept) {
        return;
    }
    editor->history_position = position;
    move_to(editor, 0);
    editor->length = position == 0 ? 0 : editor->history_length[entry];
    memcpy(editor->line, editor->history[entry], editor->length);
    redraw_tail(editor);
    move_to(editor, editor->length);
}

static void key_home(struct line_editor *editor)
{
    move_to(editor, 0);
}

static void key_end(struct line_editor *editor)
{
    move_to(editor, editor->length);
}

static void key_delete(struct line_editor *editor)
{
    if (editor->cursor < editor->length) {
        remove_range(editor, editor->cursor, editor->cursor + 1);
    }
}

/* The numbered keys of VT220 terminals: ESC [ number ~ */
static void numbered_key(struct line_editor *editor, uint32_t number)
{
    if (number == 3) {
        key_delete(editor);
    } else if (number == 1 || number == 7) {
        key_home(editor);
    } else if (number == 4 || number == 8) {
        key_end(editor);
    }
}

static void escape_key(struct line_editor *editor, uint8_t byte)
{
    if (byte == 'A') {
        history_show(editor, editor->history_position + 1);
    } else if (byte == 'B' && editor->history_position > 0) {
        history_show(editor, editor->history_position - 1);
    } else if (byte == 'C' && editor->cursor < editor->length) {
        move_to(editor, editor->cursor + 1);
    } else if (byte == 'D' && editor->cursor > 0) {
        move_to(editor, editor->cursor - 1);
    } else if (byte == 'H') {
        key_home(editor);
    } else if (byte == 'F') {
        key_end(editor);
    } else if (byte == '~') {
        numbered_key(editor, editor->escape_parameter);
    }
}

/* True if the byte belonged to an escape sequence: ESC [ parameters final, or ESC O final. */
static bool escape_consumes(struct line_editor *editor, uint8_t byte)
{
    switch (editor->escape) {
    case ESCAPE_NONE:
        if (byte != KEY_ESCAPE) {
            return false;
        }
        editor->escape = ESCAPE_STARTED;
        editor->escape_parameter = 0;
        return true;
    case ESCAPE_STARTED:
        if (byte != '[' && byte != 'O') {
            editor->escape = ESCAPE_NONE;
            return false;
        }
        editor->escape = ESCAPE_PARAMETER;
        return true;
    case ESCAPE_PARAMETER:
        if (byte >= '0' && byte <= '9') {
            editor->escape_parameter = (editor->escape_parameter * 10 + byte - '0') % 1000;
        } else if (byte < 0x20 || byte >= 0x40) {
            editor->escape = ESCAPE_NONE;
            escape_key(editor, byte);
        }
        return true;
    }
    return false;
}

static void control_key(struct line_editor *editor, uint8_t byte)
{
    switch (byte) {
    case KEY_BACKSPACE:
    case KEY_DELETE_LEFT:
        remove_range(editor, editor->cursor - (editor->cursor > 0), editor->cursor);
        break;
    case KEY_TAB:
        insert(editor, ' '); /* keeps pasted words apart */
        break;
    case KEY_CTRL('A'):
        key_home(editor);
        break;
    case KEY_CTRL('D'):
        key_delete(editor);
        break;
    case KEY_CTRL('E'):
        key_end(editor);
        break;
    case KEY_CTRL('K'):
        remove_range(editor, editor->cursor, editor->length);
        break;
    case KEY_CTRL('U'):
        remove_range(editor, 0, editor->cursor);
        break;
    default:
        break;
    }
}

bool line_editor_key(struct line_editor *editor, uint8_t byte)
{
    bool after_return = editor->after_return;

    editor->after_return = byte == '\r';
    if (byte == '\n' && after_return) {
        return false;
    }
    if (escape_consumes(editor, byte)) {
        return false;
    }
    if (byte == '\r' || byte == '\n') {
        move_to(editor, editor->length);
        byte_queue_push(editor->output, '\r');
        byte_queue_push(editor->output, '\n');
        history_keep(editor);
        return true;
    }
    if (byte >= 0x20 && byte != KEY_DELETE_LEFT) {
        insert(editor, byte);
    } else {
        control_key(editor, byte);
    }
    return false;
}

void line_editor_reset(struct line_editor *editor)
{
    editor->length = 0;
    editor->cursor = 0;
    editor->history_position = 0;
    editor->escape = ESCAPE_NONE;
}

void line_editor_show(struct line_editor *editor)
{
    show(editor, editor->line, editor->length);
    show_repeated(editor, KEY_BACKSPACE, editor->length - editor->cursor);
}
