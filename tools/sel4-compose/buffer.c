/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Growable bytes and whole-file input and output.
 */
#include "buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static _Noreturn void out_of_memory(void)
{
    fputs("sel4-compose: error: out of memory; try: a machine with more\n", stderr);
    exit(1);
}

void *allocate_zeroed(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (memory == NULL) {
        out_of_memory();
    }
    return memory;
}

void buffer_deinit(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

static void reserve(struct buffer *buffer, size_t bytes)
{
    if (bytes > SIZE_MAX / 2 - buffer->bytes) {
        out_of_memory();
    }
    size_t needed = buffer->bytes + bytes;
    if (needed <= buffer->capacity) {
        return;
    }
    size_t capacity = buffer->capacity < 4096 ? 4096 : buffer->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        out_of_memory();
    }
    buffer->data = data;
    buffer->capacity = capacity;
}

size_t buffer_append(struct buffer *buffer, const void *data, size_t bytes)
{
    size_t offset = buffer->bytes;
    reserve(buffer, bytes);
    if (bytes == 0) {
        return offset;
    }
    if (data != NULL) {
        memcpy(buffer->data + offset, data, bytes);
    } else {
        memset(buffer->data + offset, 0, bytes);
    }
    buffer->bytes += bytes;
    return offset;
}

void buffer_align(struct buffer *buffer, size_t alignment)
{
    size_t over = buffer->bytes % alignment;
    if (over != 0) {
        (void)buffer_append(buffer, NULL, alignment - over);
    }
}

int file_read(const char *path, size_t bytes_max, struct buffer *buffer)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return errno;
    }
    int error = 0;
    reserve(buffer, 1);
    for (;;) {
        uint8_t block[16384];
        size_t count = fread(block, 1, sizeof block, file);
        if (count == 0) {
            break;
        }
        (void)buffer_append(buffer, block, count);
        if (buffer->bytes > bytes_max) {
            error = EFBIG;
            break;
        }
    }
    if (error == 0 && ferror(file)) {
        error = errno != 0 ? errno : EIO;
    }
    (void)fclose(file);
    return error;
}

int file_write(const char *path, const void *data, size_t bytes)
{
    char *temporary = text_format("%s.new", path);
    int error = 0;
    FILE *file = fopen(temporary, "wb");
    if (file == NULL) {
        error = errno;
        goto out_free;
    }
    if (fwrite(data, 1, bytes, file) != bytes) {
        error = errno;
    }
    if (fclose(file) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0 && rename(temporary, path) != 0) {
        error = errno;
    }
    if (error != 0) {
        (void)remove(temporary);
    }
out_free:
    free(temporary);
    return error;
}

int folder_create(const char *path)
{
    char *copy = text_format("%s", path);
    int error = 0;
    for (char *slash = strchr(copy + 1, '/'); error == 0; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) {
            *slash = '\0';
        }
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            error = errno;
        }
        if (slash == NULL) {
            break;
        }
        *slash = '/';
    }
    free(copy);
    return error;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        out_of_memory();
    }
    return text;
}
