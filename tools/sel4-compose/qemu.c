/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running QEMU as a child process. The parent only watches: it reads QMP events, keeps the time,
 * and puts the terminal back into its old state if QEMU died without doing so.
 */
#include "qemu.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"

#define ARGUMENTS_MAX 96

struct argument_list {
    char *items[ARGUMENTS_MAX + 1]; /* NULL-terminated, each allocated */
    int count;
};

static void add(struct argument_list *list, const char *text)
{
    if (list->count < ARGUMENTS_MAX) {
        list->items[list->count++] = text_format("%s", text);
    }
}

static void list_deinit(struct argument_list *list)
{
    for (int index = 0; index < list->count; index++) {
        free(list->items[index]);
    }
}

/* Sends the serial line, which was added last, to a file. QEMU wants commas doubled. */
static void replace_chardev(struct argument_list *list, const char *path)
{
    struct buffer text = {0};
    static const char prefix[] = "file,id=terminal,path=";
    (void)buffer_append(&text, prefix, sizeof prefix - 1);
    for (; *path != '\0'; path++) {
        (void)buffer_append(&text, path, 1);
        if (*path == ',') {
            (void)buffer_append(&text, path, 1);
        }
    }
    (void)buffer_append(&text, NULL, 1);
    free(list->items[list->count - 5]);
    list->items[list->count - 5] = text_format("%s", (const char *)text.data);
    buffer_deinit(&text);
}

/* The reference machines: what KaaL is tested on, and what everyone has. */
static void make_arguments(const struct qemu_options *options, int qmp, struct argument_list *list)
{
    static const char *const x86_64[] = {
        "qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-m", "512"};
    static const char *const aarch64[] = {"qemu-system-aarch64",
                                          "-M",
                                          "virt,gic-version=2,virtualization=on",
                                          "-cpu",
                                          "cortex-a53",
                                          "-m",
                                          "1024"};
    static const char *const common[] = {"-display",
                                         "none",
                                         "-no-reboot",
                                         "-nic",
                                         "none",
                                         "-global",
                                         "virtio-mmio.force-legacy=false"};
    static const char *const terminal[] = {"-chardev", "stdio,id=terminal,mux=on,signal=off",
                                           "-serial",  "chardev:terminal",
                                           "-mon",     "chardev=terminal"};
    static const char *const pipe_[] = {"-chardev", "stdio,id=terminal,signal=off",
                                        "-serial",  "chardev:terminal",
                                        "-monitor", "none"};
    const char *const *machine = options->machine == MACHINE_X86_64 ? x86_64 : aarch64;
    add(list, options->program != NULL ? options->program : machine[0]);
    for (size_t index = 1; index < 7; index++) {
        add(list, machine[index]);
    }
    for (size_t index = 0; index < sizeof common / sizeof common[0]; index++) {
        add(list, common[index]);
    }
    for (size_t index = 0; index < 6; index++) {
        add(list, options->interactive ? terminal[index] : pipe_[index]);
    }
    if (options->serial_file != NULL) {
        replace_chardev(list, options->serial_file);
    }
    add(list, "-kernel");
    add(list, options->kernel);
    if (options->machine == MACHINE_X86_64) {
        add(list, "-initrd");
        add(list, options->root);
    }
    if (qmp >= 0) {
        char *chardev = text_format("socket,id=qmp,fd=%d", qmp);
        add(list, "-chardev");
        add(list, chardev);
        add(list, "-mon");
        add(list, "chardev=qmp,mode=control");
        free(chardev);
    }
    if (options->instruction_time) {
        add(list, "-icount");
        add(list, "shift=0,sleep=off");
    }
    if (options->wait_for_debugger) {
        add(list, "-S");
        add(list, "-gdb");
        add(list, "tcp:127.0.0.1:1234");
    }
    for (int index = 0; index < options->extra_count; index++) {
        add(list, options->extra[index]);
    }
}

void qemu_print(const struct qemu_options *options)
{
    struct argument_list list = {0};
    make_arguments(options, -1, &list);
    for (int index = 0; index < list.count; index++) {
        puts(list.items[index]);
    }
    list_deinit(&list);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static volatile sig_atomic_t told_to_end;

static void on_terminate(int number)
{
    (void)number;
    told_to_end = 1;
}

/* What the QMP stream has said so far; only the end of it is kept, events are short. */
struct qmp {
    int socket;
    char text[4096];
    size_t used;
    bool closed;
    bool powered_off;
    bool reset;
};

static void qmp_read(struct qmp *qmp)
{
    if (qmp->used >= sizeof qmp->text - 1) { /* keep the younger half */
        memmove(qmp->text, qmp->text + qmp->used / 2, qmp->used - qmp->used / 2);
        qmp->used -= qmp->used / 2;
    }
    ssize_t count = read(qmp->socket, qmp->text + qmp->used, sizeof qmp->text - 1 - qmp->used);
    if (count <= 0) {
        qmp->closed = true;
        return;
    }
    qmp->used += (size_t)count;
    qmp->text[qmp->used] = '\0';
    if (strstr(qmp->text, "\"guest-shutdown\"") != NULL) {
        qmp->powered_off = true;
    }
    if (strstr(qmp->text, "\"guest-reset\"") != NULL ||
        strstr(qmp->text, "\"guest-panic\"") != NULL) {
        qmp->reset = true;
    }
}

/* Waits for QEMU's end. Returns its wait status; *timed_out says that it was killed. */
static int wait_for_end(pid_t child, struct qmp *qmp, unsigned timeout_s, bool *timed_out)
{
    int64_t deadline_ms = now_ms() + (int64_t)timeout_s * 1000;
    int status = 0;
    while (!qmp->closed) {
        struct pollfd wait = {.fd = qmp->socket, .events = POLLIN};
        int64_t left_ms = timeout_s == 0 ? -1 : deadline_ms - now_ms();
        if (told_to_end != 0 || (timeout_s != 0 && left_ms <= 0)) {
            *timed_out = told_to_end == 0;
            (void)kill(child, SIGKILL);
            break;
        }
        int ready = poll(&wait, 1, left_ms < 0 || left_ms > 1000 ? 1000 : (int)left_ms);
        if (ready > 0) {
            qmp_read(qmp);
        } else if (ready < 0 && errno != EINTR) {
            break;
        }
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static enum qemu_end judge(const struct qmp *qmp, int status, bool timed_out)
{
    if (timed_out) {
        return QEMU_TIMED_OUT;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return QEMU_FAILED;
    }
    if (qmp->reset) {
        return QEMU_RESET;
    }
    return qmp->powered_off ? QEMU_POWERED_OFF : QEMU_QUIT;
}

/* QEMU must not outlive this program, however it ends: a forgotten machine eats a whole core. */
static void die_with_parent(void)
{
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static _Noreturn void become_qemu(const struct argument_list *list)
{
    die_with_parent();
    (void)execvp(list->items[0], list->items);
    fprintf(stderr, "sel4-compose: error: %s cannot be started: %s; try: apt-get install %s\n",
            list->items[0], strerror(errno),
            strstr(list->items[0], "aarch64") != NULL ? "qemu-system-arm" : "qemu-system-x86");
    (void)fflush(stderr);
    _exit(127);
}

enum qemu_end qemu_run(const struct qemu_options *options)
{
    static const char hello[] = "{\"execute\":\"qmp_capabilities\"}\n";
    int pair[2];
    struct argument_list list = {0};
    struct termios terminal;
    bool has_terminal = tcgetattr(STDIN_FILENO, &terminal) == 0;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        fprintf(stderr, "sel4-compose: error: no socket: %s; try: again\n", strerror(errno));
        return QEMU_FAILED;
    }
    make_arguments(options, pair[1], &list);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        become_qemu(&list);
    }
    (void)close(pair[1]);
    list_deinit(&list);
    if (child < 0) {
        fprintf(stderr, "sel4-compose: error: no process: %s; try: again\n", strerror(errno));
        (void)close(pair[0]);
        return QEMU_FAILED;
    }
    struct qmp qmp = {.socket = pair[0]};
    bool timed_out = false;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGTERM, on_terminate);
    (void)signal(SIGHUP, on_terminate);
    /* If QEMU has ended already, this fails, but what it said before can still be read. */
    ssize_t sent = write(pair[0], hello, sizeof hello - 1);
    (void)sent;
    int status = wait_for_end(child, &qmp, options->timeout_s, &timed_out);
    (void)close(pair[0]);
    if (has_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    }
    return judge(&qmp, status, timed_out);
}
