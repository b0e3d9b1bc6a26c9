/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The early console's common half: follows the log ring with a position of its own, so opening it
 * late prints everything that was logged before. Waiting for the transmitter is bounded: a dead
 * UART costs output, never the system.
 */
#include "early_console.h"

#include <sel4/sel4.h>

#include "log.h"

/* Polls of the status register per character before output is given up (a 9600 baud line needs
 * about a millisecond per character). */
#define READY_POLLS_MAX 200000u

static enum {
    CONSOLE_CLOSED,
    CONSOLE_UART,
    CONSOLE_KERNEL,
} console;
static uint64_t printed;

/* A kernel that prints has a console of its own, found without any table. */
static bool kernel_prints(void)
{
#ifdef CONFIG_PRINTING
    return true;
#else
    return false;
#endif
}

static void kernel_put(char character)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(character);
#else
    (void)character;
#endif
}

int early_console_open(void)
{
    if (console == CONSOLE_UART) {
        return KAAL_ERR_STATE;
    }
    int error = arch_uart_take();
    if (error == KAAL_OK) {
        console = CONSOLE_UART;
    }
    early_console_flush();
    return error;
}

void early_console_use_kernel(void)
{
    if (console == CONSOLE_CLOSED && kernel_prints()) {
        console = CONSOLE_KERNEL;
        early_console_flush();
    }
}

void early_console_skip(void)
{
    if (console == CONSOLE_CLOSED) {
        printed = log_end();
    }
}

void early_console_close(void)
{
    if (console == CONSOLE_UART) {
        arch_uart_give();
    }
    if (console != CONSOLE_CLOSED) {
        console = CONSOLE_CLOSED;
        printed = log_end();
    }
}

static bool put(char character)
{
    if (console == CONSOLE_KERNEL) {
        kernel_put(character);
        return true;
    }
    for (unsigned polls = 0; polls < READY_POLLS_MAX; polls++) {
        if (arch_uart_ready()) {
            arch_uart_put(character);
            return true;
        }
    }
    return false;
}

void early_console_flush(void)
{
    char text[128];
    if (console == CONSOLE_CLOSED) {
        return;
    }
    for (;;) {
        size_t bytes = log_read(&printed, text, sizeof(text));
        if (bytes == 0) {
            return;
        }
        for (size_t i = 0; i < bytes; i++) {
            if ((text[i] == '\n' && !put('\r')) || !put(text[i])) {
                early_console_close();
                return;
            }
        }
    }
}
