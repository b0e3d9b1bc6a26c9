/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Standard output and error go through files in the fresh folder, so that what child processes
 * print is caught as well.
 */
#include "captured.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "buffer.h"

static char *old_folder;

void captured_put(const char *path, const char *text, mode_t mode)
{
    assert_int_equal(file_write(path, text, strlen(text)), 0);
    assert_int_equal(chmod(path, mode), 0);
}

int enter_fresh_folder(void **state)
{
    (void)state;
    char name[] = "/tmp/kaal-run-XXXXXX";
    old_folder = getcwd(NULL, 0);
    return mkdtemp(name) != NULL && chdir(name) == 0 ? 0 : -1;
}

int leave_folder(void **state)
{
    (void)state;
    char *folder = getcwd(NULL, 0);
    char *command = text_format("rm -rf '%s'", folder);
    int result = chdir(old_folder);
    result |= system(command);
    free(command);
    free(folder);
    free(old_folder);
    return result;
}

/* Sends a stream to a file; returns the descriptor that it had. */
static int redirect(FILE *stream, const char *path)
{
    (void)fflush(stream);
    int saved = dup(fileno(stream));
    assert_non_null(freopen(path, "w+", stream));
    return saved;
}

static char *restore(FILE *stream, const char *path, int saved)
{
    struct buffer text = {0};
    (void)fflush(stream);
    (void)dup2(saved, fileno(stream));
    (void)close(saved);
    assert_int_equal(file_read(path, 1 << 20, &text), 0);
    (void)buffer_append(&text, "", 1);
    return (char *)text.data;
}

struct run captured_run(subcommand *command, int count, char **arguments)
{
    struct run result;
    int saved_input = dup(STDIN_FILENO);
    assert_non_null(freopen("/dev/null", "r", stdin));
    int saved_error = redirect(stderr, "messages");
    int saved_output = redirect(stdout, "output");
    result.status = command(count, arguments);
    result.output = restore(stdout, "output", saved_output);
    result.messages = restore(stderr, "messages", saved_error);
    (void)dup2(saved_input, STDIN_FILENO);
    (void)close(saved_input);
    return result;
}

void run_deinit(struct run *result)
{
    free(result->messages);
    free(result->output);
}
