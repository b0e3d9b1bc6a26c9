/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The memory functions that compilers call on their own in freestanding code. The architecture's
 * string.c or string.S has memcpy() and memset().
 */
#include <kernel/memory.h>
#include <kernel/types.h>

/* Volatile keeps the compiler from turning the loop into a call of memmove(). */
void *memmove(void *dest, const void *src, size_t bytes)
{
    volatile char *to = dest;
    const char *from = src;
    if ((uintptr_t)dest - (uintptr_t)src >= bytes) {
        return memcpy(dest, src, bytes); /* upwards */
    }
    while (bytes-- > 0) {
        to[bytes] = from[bytes];
    }
    return dest;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] - right[i];
        }
    }
    return 0;
}
