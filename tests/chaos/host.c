/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The chaos system of tests/system/chaos on the host kernel: kernel, init with its broker, and the
 * components in one process under the sanitizers, in virtual time. Each run is a process of its
 * own, because init is made to run once.
 *
 * usage: chaos_host COMPOSE.YAML [SEED [MILLISECONDS]]
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arch/host_kernel.h>
#include <sel4/sel4.h>

#include "buffer.h"
#include "host.h"
#include "manifest.h"

#define MEMORY_BYTES     ((size_t)64 << 20)
#define SYSCALL_TICKS    60u /* about a microsecond */
#define MINUTE_MS        60000u
#define SHORT_MS         2000u
#define HASTY_MS         20000u
#define EVENTS_MIN       1000u
#define MANIFEST_BYTES   ((size_t)1 << 20)
#define OUTPUT_MAX_BYTES ((size_t)64 << 20)

static struct buffer uart;
static jmp_buf ended;

void host_uart_put(char character)
{
    (void)buffer_append(&uart, &character, 1);
}

_Noreturn void host_power_off(void)
{
    longjmp(ended, 1);
}

static void root(void *bootinfo, void *argument)
{
    seL4_BootInfo *info = bootinfo;
    (void)argument;
    seL4_InitBootInfo(info);
    seL4_SetIPCBuffer(info->ipcBuffer);
    if (setjmp(ended) == 0) {
        (void)init_main();
    }
}

/* The packed description, with what the chaos component is to do. */
static bool read_system(const char *path, const char *arguments, struct buffer *packed)
{
    struct buffer text = {0};
    struct diagnostics diagnostics = {.file = path, .out = stderr};
    int error = file_read(path, MANIFEST_BYTES, &text);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(error));
        return false;
    }
    struct manifest *manifest =
        manifest_create((const char *)text.data, text.bytes, MACHINE_AARCH64, &diagnostics);
    buffer_deinit(&text);
    if (manifest == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < manifest->component_count; i++) {
        struct kaal_system_component *line = &manifest->components[i].packed;
        if ((line->allow & KAAL_ALLOW_CHAOS) != 0) {
            size_t used = strlen(line->arguments);
            (void)snprintf(line->arguments + used, sizeof line->arguments - used, " %s", arguments);
        }
    }
    manifest_pack(manifest, packed);
    free(manifest);
    return true;
}

/* The child's whole life: boots, lets it happen, writes what the UART got. */
static _Noreturn void run_here(const char *path, const char *arguments, int out)
{
    struct kernel_host_options options = {.memory_bytes = MEMORY_BYTES,
                                          .fiber_local = (void **)&__sel4_ipc_buffer,
                                          .quiet = true,
                                          .syscall_ticks = SYSCALL_TICKS};
    struct buffer packed = {0};
    const struct kaal_system *system;
    const char *problem;
    if (!read_system(path, arguments, &packed) ||
        kaal_system_open(packed.data, packed.bytes, &system, &problem) != KAAL_OK) {
        _exit(2);
    }
    host_image_set(system);
    enum kernel_host_end end = kernel_host_run(&options, root, NULL);
    for (size_t done = 0; done < uart.bytes;) {
        ssize_t count = write(out, uart.data + done, uart.bytes - done);
        if (count <= 0) {
            _exit(2);
        }
        done += (size_t)count;
    }
    _exit(end == KERNEL_HOST_RETURNED ? 0 : 1);
}

/* Runs it in a process of its own. Returns what the UART got, NUL-terminated; frees nothing. */
static char *run(const char *path, unsigned long seed, unsigned long ms, const char *more,
                 bool *good)
{
    char arguments[64];
    char name[] = "/tmp/chaos-host-XXXXXX";
    struct buffer output = {0};
    int status = -1;
    int file = mkstemp(name);
    (void)snprintf(arguments, sizeof arguments, "seed=%lu ms=%lu%s", seed, ms, more);
    (void)fflush(NULL);
    pid_t child = file < 0 ? -1 : fork();
    if (child == 0) {
        run_here(path, arguments, file);
    }
    *good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
            WEXITSTATUS(status) == 0 && file_read(name, OUTPUT_MAX_BYTES, &output) == 0;
    (void)close(file);
    (void)unlink(name);
    (void)buffer_append(&output, NULL, 1);
    return (char *)output.data;
}

/* Prints the last lines as TAP comments. */
static void show(const char *output, const char *only)
{
    for (const char *line = output; line != NULL && *line != '\0';) {
        size_t bytes = strcspn(line, "\r\n");
        if (only == NULL || strncmp(line, only, strlen(only)) == 0) {
            printf("# %.*s\n", (int)bytes, line);
        }
        line += bytes + strspn(line + bytes, "\r\n");
    }
}

static unsigned failed;

static void check(unsigned number, const char *what, bool good, const char *output)
{
    printf("%sok %u - %s\n", good ? "" : "not ", number, what);
    if (!good) {
        failed++;
        show(output, strstr(output, "chaos: ") != NULL ? "chaos: " : NULL);
    }
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s COMPOSE.YAML [SEED [MILLISECONDS]]\n", argv[0]);
        return 2;
    }
    unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    unsigned long ms = argc > 3 ? strtoul(argv[3], NULL, 10) : MINUTE_MS;
    unsigned events = 0;
    bool good;
    char *output = run(argv[1], seed, ms, "", &good);
    if (getenv("CHAOS_HOST_LOG") != NULL) {
        (void)fputs(output, stderr);
    }
    const char *done = strstr(output, "chaos: done: ");
    good = good && done != NULL && sscanf(done, "chaos: done: %u events", &events) == 1 &&
           strstr(done, " events, 0 promises broken") != NULL;
    check(1, "a virtual minute of harm breaks no promise", good, output);
    check(2, "much has happened", events >= EVENTS_MIN * ms / MINUTE_MS, output);
    show(output, "chaos: kill: ");
    show(output, "chaos: suspend: ");
    show(output, "chaos: spin: ");
    show(output, "chaos: corrupt: ");
    free(output);
    char *first = run(argv[1], seed, SHORT_MS, "", &good);
    bool again;
    char *second = run(argv[1], seed, SHORT_MS, "", &again);
    check(3, "one seed gives one log", good && again && strcmp(first, second) == 0, second);
    free(first);
    free(second);
    output = run(argv[1], seed, SHORT_MS, " plant=leak", &good);
    check(4, "a planted leak is caught",
          strstr(output, "chaos: BROKEN after 4 events: the broker has") != NULL, output);
    free(output);
    host_image_set_load(HOST_HASTY_OBJECT);
    output = run(argv[1], seed, HASTY_MS, "", &good);
    check(5, "a relay that forgets a record when it dies is caught",
          strstr(output, "lost, 0 damaged though nobody was corrupted") != NULL, output);
    free(output);
    printf("1..5\n");
    return failed == 0 ? 0 : 1;
}
