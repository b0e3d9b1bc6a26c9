/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Episodes in child processes. */
#include "run.h"

#include "fail.h"
#include "generate.h"
#include "machine.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS_PER_FULL_CHECK 32
#define SECONDS_MAX          30 /* one sequence takes one; more is an endless loop */

static struct run_report *report;

struct run_report *run_report(void)
{
    if (report == NULL) {
        report =
            mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (report == MAP_FAILED) {
            perror("property: shared memory");
            exit(2);
        }
    }
    return report;
}

/* In the child. */
void fail_run(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->message, sizeof(report->message), format, arguments);
    va_end(arguments);
    _exit(1);
}

/* ---- in the child ---- */

static bool silent;

/* AddressSanitizer calls this before it reports. Its reports take long and nobody reads these. */
void __asan_on_error(void);
void __asan_on_error(void)
{
    if (silent) {
        _exit(1);
    }
}

struct episode {
    uint64_t seed;
    const struct step *steps; /* null: generate them */
    uint64_t count;
};

static void run_episode(void *argument)
{
    const struct episode *episode = argument;
    report->count = 0;
    for (uint64_t i = 0; i < episode->count; i++) {
        struct step step = episode->steps != NULL ? episode->steps[i] : generate_step();
        report->steps[report->count++] = step;
        machine_step(&step);
        if ((i + 1) % STEPS_PER_FULL_CHECK == 0 || i + 1 == episode->count) {
            compare_all();
        }
        report->done++;
    }
}

static void run_all(uint64_t seed, uint64_t steps, uint64_t episode_steps)
{
    for (report->episode = 0; report->done < steps; report->episode++) {
        uint64_t left = steps - report->done;
        struct episode episode = {.seed = seed + report->episode,
                                  .count = left < episode_steps ? left : episode_steps};
        generate_seed(episode.seed);
        machine_run(run_episode, &episode);
    }
    report->counts = *model_counts();
}

/* ---- in the parent ---- */

/* True if the child ended well; else the report has a message. */
static bool wait_for(pid_t child)
{
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("property: child process");
        exit(2);
    }
    if (report->message[0] == '\0' && WIFSIGNALED(status)) {
        snprintf(report->message, sizeof(report->message), "killed by signal %d", WTERMSIG(status));
    } else if (report->message[0] == '\0' && WEXITSTATUS(status) != 0) {
        snprintf(report->message, sizeof(report->message), "a sanitizer or the kernel ended it");
    }
    return report->message[0] == '\0';
}

static void begin(void)
{
    run_report()->message[0] = '\0';
    report->done = 0;
    fflush(NULL);
}

bool run_generated(uint64_t seed, uint64_t steps, uint64_t episode_steps)
{
    begin();
    pid_t child = fork();
    if (child == 0) {
        run_all(seed, steps, episode_steps);
        exit(0); /* not _exit(): coverage is written on the way */
    }
    return wait_for(child);
}

static void be_quiet(void)
{
    int null = open("/dev/null", O_WRONLY);
    silent = true;
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
}

bool run_steps(const struct step *steps, size_t count, enum run_manner manner)
{
    begin();
    pid_t child = fork();
    if (child == 0) {
        struct episode episode = {.steps = steps, .count = count};
        alarm(SECONDS_MAX);
        if (manner != RUN_LOUD) {
            be_quiet();
        }
        machine_compare(manner != RUN_FAST);
        machine_run(run_episode, &episode);
        _exit(0);
    }
    return wait_for(child);
}
