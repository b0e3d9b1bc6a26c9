/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The early console: init's own polled UART output for the time without a serial driver. It is
 * closed, and its capability given back, before the first serial driver gets the device, and
 * opened again when no serial driver is left. It only writes: it never resets FIFOs or changes
 * modes, so input that already arrived stays for the driver.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/error.h>

/**
 * Opens it, and prints what the log holds and it has not printed yet.
 * Returns KAAL_OK; KAAL_ERR_STATE if it is open; KAAL_ERR_NOT_FOUND if no UART is known (yet); the
 * error of taking its ports or registers, e.g. because a driver holds them.
 */
int early_console_open(void);

/**
 * Prints through the kernel's debug output instead, where the kernel has one, until a UART is
 * opened: for machines whose tables name no UART that init can drive. Does nothing while it is
 * open.
 */
void early_console_use_kernel(void);

/** What the log holds by now is not going to be printed. Does nothing while it is open. */
void early_console_skip(void);

/** Gives its port or register capability back. Does nothing while it is closed. */
void early_console_close(void);

/** Prints what entered the log since the last call. Does nothing while it is closed. */
void early_console_flush(void);

/* What arch/<isa>/ supplies; called by early_console.c only. */

/** Takes the UART's ports or registers. Results as early_console_open(). */
MUST_CHECK int arch_uart_take(void);
/** Gives them back. */
void arch_uart_give(void);
/** True when the transmitter accepts a character. */
bool arch_uart_ready(void);
/** Writes one character. */
void arch_uart_put(char character);
