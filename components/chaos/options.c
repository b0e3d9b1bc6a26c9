/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * "key=value" words.
 */
#include <string.h>

#include <kaal/bits.h>

#include "chaos.h"

#define NUMBER_MAX UINT64_C(1000000000)

static bool parse_number(const char *text, size_t bytes, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *number = *number * 10 + (uint64_t)(text[i] - '0');
        if (*number > NUMBER_MAX) {
            return false;
        }
    }
    return bytes != 0;
}

static bool parse_word(const char *word, size_t bytes, struct chaos_options *options)
{
    const char *equals = memchr(word, '=', bytes);
    if (equals == NULL) {
        return false;
    }
    const struct {
        const char *key;
        uint64_t *number;
    } numbers[] = {{"seed", &options->seed},
                   {"ms", &options->run_ms},
                   {"gap_us", &options->gap_us},
                   {"hang_ms", &options->hang_ms}};
    size_t key_bytes = (size_t)(equals - word);
    const char *value = equals + 1;
    size_t value_bytes = bytes - key_bytes - 1;
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        if (key_bytes == strlen(numbers[i].key) && memcmp(word, numbers[i].key, key_bytes) == 0) {
            return parse_number(value, value_bytes, numbers[i].number);
        }
    }
    if (key_bytes == strlen("spare") && memcmp(word, "spare", key_bytes) == 0) {
        options->spare = value;
        options->spare_bytes = value_bytes;
        return true;
    }
    if (key_bytes == strlen("plant") && memcmp(word, "plant", key_bytes) == 0) {
        options->plant_leak = value_bytes == strlen("leak") && memcmp(value, "leak", 4) == 0;
        return options->plant_leak;
    }
    return false;
}

bool chaos_options_parse(const char *arguments, struct chaos_options *options, const char **problem)
{
    *options = (struct chaos_options){
        .seed = 1, .run_ms = 1000, .gap_us = 40000, .hang_ms = 250, .spare = ""};
    for (const char *word = arguments; *word != '\0';) {
        size_t bytes = strcspn(word, " ");
        if (bytes != 0 && !parse_word(word, bytes, options)) {
            *problem = word;
            return false;
        }
        word += bytes;
        word += strspn(word, " ");
    }
    if (options->gap_us == 0) {
        options->gap_us = 1;
    }
    return true;
}

bool chaos_options_spare(const struct chaos_options *options, const char *name)
{
    size_t name_bytes = strlen(name);
    for (size_t at = 0; at < options->spare_bytes;) {
        const char *item = options->spare + at;
        const char *comma = memchr(item, ',', options->spare_bytes - at);
        size_t bytes = comma == NULL ? options->spare_bytes - at : (size_t)(comma - item);
        if (bytes == name_bytes && memcmp(item, name, bytes) == 0) {
            return true;
        }
        at += bytes + 1;
    }
    return false;
}
