/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looking up an address in a symbol table. The table is untrusted and a lookup happens only when
 * something has crashed, so each lookup checks what it uses itself: the header once, an entry's
 * name when that entry is the answer. A table that is not sorted finds a wrong name or none, never
 * memory outside it.
 */
#include <kaal/symbols.h>

#include <stdbool.h>

/* The length behind which an address no longer belongs to a function of unknown length. */
#define SYMBOL_UNKNOWN_BYTES UINT64_C(4096)

static int check(const void *data, uint64_t bytes)
{
    const struct kaal_symbols *header = data;
    if ((uintptr_t)data % _Alignof(struct kaal_symbols) != 0 || bytes < sizeof *header ||
        header->magic != KAAL_SYMBOLS_MAGIC) {
        return KAAL_ERR_FORMAT;
    }
    uint64_t needed = sizeof *header + (uint64_t)header->count * sizeof(struct kaal_symbol) +
                      header->string_bytes;
    if (needed > bytes) {
        return KAAL_ERR_FORMAT;
    }
    const char *pool = (const char *)data + needed - header->string_bytes;
    if (header->count > 0 &&
        (header->string_bytes == 0 || pool[header->string_bytes - 1] != '\0')) {
        return KAAL_ERR_FORMAT;
    }
    return KAAL_OK;
}

int kaal_symbols_find(const void *data, uint64_t bytes, uint64_t address, const char **name,
                      uint64_t *offset)
{
    int error = check(data, bytes);
    if (error != KAAL_OK) {
        return error;
    }
    const struct kaal_symbols *header = data;
    const struct kaal_symbol *symbols = (const struct kaal_symbol *)(header + 1);
    /* The first entry above the address; the answer is the one before it. */
    uint32_t low = 0;
    uint32_t high = header->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (symbols[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return KAAL_ERR_NOT_FOUND;
    }
    const struct kaal_symbol *symbol = &symbols[low - 1];
    uint64_t length = symbol->bytes != 0 ? symbol->bytes : SYMBOL_UNKNOWN_BYTES;
    if (address < symbol->address || address - symbol->address >= length) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (symbol->name_offset >= header->string_bytes) {
        return KAAL_ERR_FORMAT;
    }
    *name = (const char *)(symbols + header->count) + symbol->name_offset;
    *offset = address - symbol->address;
    return KAAL_OK;
}

/* Both are NUL-terminated. */
static bool same_text(const char *left, const char *right)
{
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

int kaal_symbols_address(const void *data, uint64_t bytes, const char *name, uint64_t *address)
{
    int error = check(data, bytes);
    if (error != KAAL_OK) {
        return error;
    }
    const struct kaal_symbols *header = data;
    const struct kaal_symbol *symbols = (const struct kaal_symbol *)(header + 1);
    const char *pool = (const char *)(symbols + header->count);
    for (uint32_t i = 0; i < header->count; i++) {
        if (symbols[i].name_offset >= header->string_bytes) {
            return KAAL_ERR_FORMAT;
        }
        if (same_text(pool + symbols[i].name_offset, name)) {
            *address = symbols[i].address;
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NOT_FOUND;
}
