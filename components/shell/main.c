/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The shell component: prompt, line, command, for ever. Its channel to the console is named
 * "terminal"; everything it shows about the system it asks of the broker.
 */
#include <kaal/broker.h>
#include <kaal/startup.h>

#include "shell.h"

static const char prompt[] = "kaal> ";

int main(void)
{
    static struct kaal_terminal terminal;
    static char line[KAAL_TERMINAL_LINE_BYTES_MAX + 1];
    size_t length;
    int result = kaal_terminal_open(&terminal, "terminal");

    if (result != KAAL_OK) {
        kaal_log("no terminal: %s", kaal_error_text(result));
        kaal_exit(1);
    }
    shell_first_prompt_ns = kaal_now_ns();
    for (;;) {
        kaal_terminal_write(&terminal, prompt, sizeof(prompt) - 1);
        result = kaal_terminal_read_line(&terminal, line, sizeof(line), &length);
        if (result == KAAL_OK) {
            shell_run(&terminal, line);
        }
    }
}
