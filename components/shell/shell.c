/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The command line: splits it into words and finds the command. The text after the command's name
 * stays as typed for `echo`.
 */
#include "shell.h"

#include <string.h>

uint64_t shell_first_prompt_ns;

/* The first character after `text` that is no space. */
static char *skip_spaces(char *text)
{
    while (*text == ' ') {
        text++;
    }
    return text;
}

/* Splits text in place; words past the last entry stay in it. */
static void split_words(struct command_line *line, char *text)
{
    text = skip_spaces(text);
    while (*text != '\0' && line->word_count < SHELL_WORDS_MAX) {
        line->words[line->word_count++] = text;
        while (*text != ' ' && *text != '\0') {
            text++;
        }
        if (*text == ' ') {
            *text++ = '\0';
            text = skip_spaces(text);
        }
    }
}

static const struct command *command_find(const char *name, size_t length)
{
    for (const struct command *command = shell_commands; command->name; command++) {
        if (strlen(command->name) == length && memcmp(command->name, name, length) == 0) {
            return command;
        }
    }
    return NULL;
}

void shell_run(struct kaal_terminal *terminal, char *text)
{
    struct command_line line = {.terminal = terminal};
    char *name = skip_spaces(text);
    size_t length = strcspn(name, " ");
    const struct command *command = command_find(name, length);

    if (length == 0) {
        return;
    }
    if (!command) {
        kaal_terminal_printf(terminal, "%.*s: unknown command; type help for the list\n",
                             length < 64 ? (int)length : 64, name);
        return;
    }
    line.rest = skip_spaces(name + length);
    if (strcmp(command->name, "echo") != 0) {
        split_words(&line, name);
    }
    command->run(&line);
}
