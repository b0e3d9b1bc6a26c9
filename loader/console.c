/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Error messages on the platform's PL011. The loader says nothing while all is well.
 * Source: Arm PrimeCell UART (PL011) r1p5, 3.3.1 and 3.3.3.
 */
#include "loader.h"

#include <board.h>

#define PL011_DR        0x00
#define PL011_FR        0x18
#define PL011_FR_TXFF   (1u << 5)
#define PL011_POLLS_MAX 1000000

static volatile uint32_t *pl011_register(uint64_t offset)
{
    return (volatile uint32_t *)(uintptr_t)(PLATFORM_UART_BASE + offset);
}

static void put(char character)
{
    for (int i = 0; i < PL011_POLLS_MAX && (*pl011_register(PL011_FR) & PL011_FR_TXFF) != 0; i++) {
    }
    *pl011_register(PL011_DR) = (uint8_t)character;
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            put('\r');
        }
        put(*text);
    }
}

static void print_hex(uint64_t number)
{
    print("0x");
    int digits = 1;
    while (digits < 16 && number >> (4 * digits) != 0) {
        digits++;
    }
    while (digits-- > 0) {
        uint64_t digit = number >> (4 * digits) & 15;
        put((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }
}

static __attribute__((noreturn)) void stop(const char *name, const char *what, const char *link,
                                           uint64_t number)
{
    print("\nKaaL loader: error: ");
    print(name);
    print(": ");
    print(what);
    print(link);
    print_hex(number);
    print("\n");
    loader_power_off();
}

void loader_fail(const char *name, const char *what, uint64_t number)
{
    stop(name, what, " ", number);
}

void loader_fail_header(const char *name, const char *what, uint64_t header)
{
    stop(name, what, ", program header ", header);
}
