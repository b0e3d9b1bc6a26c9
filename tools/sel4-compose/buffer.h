/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Growable bytes and whole-file input and output. Memory exhaustion ends the program with a
 * message: a tool that packs a few megabytes has nothing better to do.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes on the heap; {0} is an empty buffer. data is 16-byte aligned. */
struct buffer {
    uint8_t *data;
    size_t bytes;
    size_t capacity;
};

/* Frees the contents; the buffer is empty afterwards. */
void buffer_deinit(struct buffer *buffer);

/* Appends a copy of bytes bytes (data NULL: zeros). Returns the offset of the first one. */
size_t buffer_append(struct buffer *buffer, const void *data, size_t bytes);

/* Appends zeros until the length is a multiple of alignment. */
void buffer_align(struct buffer *buffer, size_t alignment);

/*
 * Reads a whole file.
 *   path  the file;  bytes_max  refuse longer ones;  buffer  out: contents, empty before
 * Returns 0 or an errno value (EFBIG if it is longer than bytes_max).
 */
int file_read(const char *path, size_t bytes_max, struct buffer *buffer);

/*
 * Writes a file so that readers see the old one or the new one, never a half (rename).
 * Returns 0 or an errno value.
 */
int file_write(const char *path, const void *data, size_t bytes);

/* Makes a folder and its parents. Returns 0 or an errno value. */
int folder_create(const char *path);

/* printf into fresh memory, which the caller frees. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* malloc that ends the program when there is no memory; zeroed. */
void *allocate_zeroed(size_t bytes);
