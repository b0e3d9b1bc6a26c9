/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The shell's inside: one table of commands, each a function of its words. A command prints through
 * the terminal and returns; it keeps no state.
 */
#pragma once

#include <kaal/terminal.h>

/** Most words of a command line that are told apart. */
#define SHELL_WORDS_MAX 8u

/** A command line, split. */
struct command_line {
    struct kaal_terminal *terminal;     /**< where answers go */
    const char *rest;                   /**< all after the command's name, as typed */
    unsigned word_count;                /**< used entries of words, the name included */
    const char *words[SHELL_WORDS_MAX]; /**< NUL-terminated */
};

/** A command. */
struct command {
    const char *name;
    const char *arguments; /**< as `help` shows them, or "" */
    const char *purpose;   /**< one line for `help` */
    void (*run)(const struct command_line *line);
};

/** kaal_now_ns() when this shell showed its first prompt; written once by main. */
extern uint64_t shell_first_prompt_ns;

/** Bytes of a text of rights, its NUL included. */
#define SHELL_RIGHTS_BYTES 5u

/** The rights of an IPC capability as the letters r, w, g (grant) and p (grant reply), or "-". */
void shell_rights(uint32_t rights, char text[SHELL_RIGHTS_BYTES]);
/** A component's state in a word. */
const char *shell_state_name(uint32_t state);
/** What a holding is in a word. */
const char *shell_holding_name(uint32_t kind);
/** Says that the broker refused a request, and why. */
void shell_print_refused(const struct command_line *line, int error);

/** The command `graph`. */
void command_graph(const struct command_line *line);

/** All commands, and after them an entry without name. */
extern const struct command shell_commands[];

/**
 * Runs one command line; an empty one does nothing, an unknown one says so.
 *   text  NUL-terminated, changed
 */
void shell_run(struct kaal_terminal *terminal, char *text);
