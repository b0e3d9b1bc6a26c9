/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The early console's common half: follows the log ring with a position of its own, so opening it
 * late prints everything that was logged before. Waiting for the transmitter is bounded: a dead
 * UART costs output, never the system.
 */
#include "early_console.h"

#include "log.h"

/* Polls of the status register per character before output is given up (a 9600 baud line needs
 * about a millisecond per character). */
#define READY_POLLS_MAX 200000u

static bool is_open;
static uint64_t printed;

int early_console_open(void)
{
    if (is_open) {
        return KAAL_ERR_STATE;
    }
    int error = arch_uart_take();
    if (error != KAAL_OK) {
        return error;
    }
    is_open = true;
    early_console_flush();
    return KAAL_OK;
}

void early_console_close(void)
{
    if (is_open) {
        is_open = false;
        arch_uart_give();
        printed = log_end();
    }
}

static bool put(char character)
{
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
    if (!is_open) {
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
