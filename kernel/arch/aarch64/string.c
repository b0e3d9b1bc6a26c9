/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * memset() and memcpy(), word by word: the compiler calls them too. Normal memory only, where
 * addresses need not be aligned. Objects are cleared by arch_memory_clear(), which is faster.
 * Volatile keeps the compiler from turning a loop into a call of the function it is in.
 */
#include <kernel/memory.h>
#include <kernel/types.h>

void *memset(void *dest, int value, size_t bytes)
{
    volatile uint8_t *to = dest;
    word_t word = (uint8_t)value * 0x0101010101010101ul;
    for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word)) {
        *(volatile word_t *)to = word;
    }
    while (bytes-- > 0) {
        *to++ = (uint8_t)value;
    }
    return dest;
}

void *memcpy(void *restrict dest, const void *restrict src, size_t bytes)
{
    volatile uint8_t *to = dest;
    const uint8_t *from = src;
    for (; bytes >= sizeof(word_t); bytes -= sizeof(word_t), to += sizeof(word_t)) {
        *(volatile word_t *)to = *(const word_t *)from;
        from += sizeof(word_t);
    }
    while (bytes-- > 0) {
        *to++ = *from++;
    }
    return dest;
}
