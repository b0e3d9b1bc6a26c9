/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * See memory.h. Built with loop idiom recognition off, so that the loops do not become calls to
 * themselves.
 */
#include "memory.h"

#include <stddef.h>

void memory_copy(void *destination, const void *source, uint64_t bytes)
{
    uint8_t *to = destination;
    const uint8_t *from = source;
    if ((((uintptr_t)to | (uintptr_t)from) & 7) == 0) {
        while (bytes >= 64) {
            uint64_t *to64 = (void *)to;
            const uint64_t *from64 = (const void *)from;
            for (int i = 0; i < 8; i += 2) {
                uint64_t first = from64[i];
                uint64_t second = from64[i + 1];
                to64[i] = first;
                to64[i + 1] = second;
            }
            to += 64;
            from += 64;
            bytes -= 64;
        }
    }
    while (bytes-- > 0) {
        *to++ = *from++;
    }
}

void memory_zero(void *destination, uint64_t bytes)
{
    uint8_t *to = destination;
    while (bytes > 0 && ((uintptr_t)to & 63) != 0) {
        *to++ = 0;
        bytes--;
    }
    while (bytes >= 64) {
        uint64_t *to64 = (void *)to;
        for (int i = 0; i < 8; i++) {
            to64[i] = 0;
        }
        to += 64;
        bytes -= 64;
    }
    while (bytes-- > 0) {
        *to++ = 0;
    }
}

#ifdef KAAL_LOADER_FREESTANDING
void *memcpy(void *destination, const void *source, size_t bytes);
void *memcpy(void *destination, const void *source, size_t bytes)
{
    memory_copy(destination, source, bytes);
    return destination;
}

void *memset(void *destination, int value, size_t bytes);
void *memset(void *destination, int value, size_t bytes)
{
    uint8_t *to = destination;
    if (value == 0) {
        memory_zero(destination, bytes);
        return destination;
    }
    while (bytes-- > 0) {
        *to++ = (uint8_t)value;
    }
    return destination;
}
#endif
