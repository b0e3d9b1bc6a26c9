/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The four memory functions that compilers call on their own in freestanding code. Weak: an
 * architecture may have faster ones.
 */
#include <kernel/memory.h>
#include <kernel/types.h>

__attribute__((weak)) void *memcpy(void *restrict dest, const void *restrict src, size_t bytes)
{
    char *to = dest;
    const char *from = src;
    if ((((uintptr_t)to | (uintptr_t)from) & 7) == 0) {
        for (; bytes >= 8; bytes -= 8, to += 8, from += 8) {
            *(volatile uint64_t *)(void *)to = *(const uint64_t *)(const void *)from;
        }
    }
    for (; bytes > 0; bytes--) {
        *(volatile char *)to++ = *from++;
    }
    return dest;
}

__attribute__((weak)) void *memmove(void *dest, const void *src, size_t bytes)
{
    volatile char *to = dest;
    const char *from = src;
    if ((uintptr_t)dest <= (uintptr_t)src || (uintptr_t)dest >= (uintptr_t)src + bytes) {
        return memcpy(dest, src, bytes);
    }
    while (bytes > 0) {
        bytes--;
        to[bytes] = from[bytes];
    }
    return dest;
}

/* Volatile keeps the compiler from turning the loops into calls of themselves. */
__attribute__((weak)) void *memset(void *dest, int value, size_t bytes)
{
    char *to = dest;
    uint64_t pattern = (uint8_t)value * UINT64_C(0x0101010101010101);
    for (; bytes > 0 && ((uintptr_t)to & 7) != 0; bytes--) {
        *(volatile char *)to++ = (char)value;
    }
    for (; bytes >= 8; bytes -= 8, to += 8) {
        *(volatile uint64_t *)(void *)to = pattern;
    }
    for (; bytes > 0; bytes--) {
        *(volatile char *)to++ = (char)value;
    }
    return dest;
}

__attribute__((weak)) int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (size_t i = 0; i < bytes; i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}
