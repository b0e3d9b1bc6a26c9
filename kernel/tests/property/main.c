/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The property test's command: run random steps, or replay some. On failure it prints seed, reason
 * and a minimal sequence that --replay takes.
 */
#include "machine.h"
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: kernel_property [--seed N] [--steps N] [--episode N] [--plant "
                            "N] [--save FILE] [--counts]\n"
                            "       kernel_property [--plant N] --replay FILE\n"
                            "       kernel_property --self-test\n";

/* So many steps try everything. */
#define STEPS_FOR_VARIETY 500000

struct options {
    uint64_t seed;
    uint64_t steps;
    uint64_t episode;
    uint64_t plant;
    const char *save;
    const char *replay;
    bool self_test;
    bool counts;
};

static struct step failing[RUN_STEPS_MAX];

static void print_steps(FILE *file, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        step_print(file, &steps[i]);
    }
}

static void save_steps(const char *path, const struct step *steps, size_t count)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    print_steps(file, steps, count);
    fclose(file);
}

static size_t load_steps(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t count = 0;
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    while (count < RUN_STEPS_MAX && step_read(file, &failing[count])) {
        count++;
    }
    fclose(file);
    return count;
}

static size_t shrink_report(void)
{
    size_t count = run_report()->count;
    memcpy(failing, run_report()->steps, count * sizeof(failing[0]));
    return shrink(failing, count);
}

/* One line per invocation: how often each answer came. */
static void print_counts(const struct model_counts *counts)
{
    for (unsigned label = 0; label < MODEL_LABELS; label++) {
        printf("label %2u:", label);
        for (unsigned code = 0; code < seL4_NumErrors; code++) {
            printf(" %8" PRIu64, counts->answers[label][code]);
        }
        printf("\n");
    }
    for (unsigned kind = 1; kind <= seL4_Fault_VMFault; kind++) {
        printf("fault %u: %" PRIu64 "\n", kind, counts->faults[kind]);
    }
    printf("%" PRIu64 " messages, %" PRIu64 " capabilities with them, %" PRIu64 " replies, %" PRIu64
           " signals\n",
           counts->messages, counts->capabilities, counts->replies, counts->signals);
    printf("%" PRIu64 " times a scheduling context moved, %" PRIu64 " times a call was preempted\n",
           counts->donations, counts->preempted);
}

/* True if every invocation was seen to succeed and to fail, where it can. */
static bool check_variety(const struct model_counts *counts)
{
    bool good = true;
    for (unsigned label = UntypedRetype; label < MODEL_LABELS; label++) {
        if (label != ARMSMCCall && counts->answers[label][seL4_NoError] == 0) {
            printf("label %u has never succeeded\n", label);
            good = false;
        }
    }
    return good;
}

static int run(const struct options *options)
{
    const struct run_report *report = run_report();
    if (run_generated(options->seed, options->steps, options->episode)) {
        printf("%" PRIu64 " steps in %" PRIu64 " episodes: model and kernel agree\n", report->done,
               report->episode);
        if (options->counts) {
            print_counts(&report->counts);
        }
        return report->done < STEPS_FOR_VARIETY || check_variety(&report->counts) ? 0 : 1;
    }
    printf("seed %" PRIu64 " fails at step %" PRIu64 ": %s\n", options->seed + report->episode,
           report->count, report->message);
    if (report->count > 0) {
        step_print(stdout, &report->steps[report->count - 1]);
    }
    fflush(stdout);
    size_t count = shrink_report();
    printf("minimal sequence, %zu steps, fails with: %s\n", count, report->message);
    print_steps(stdout, failing, count);
    if (options->save != NULL) {
        save_steps(options->save, failing, count);
    }
    return 1;
}

static int replay(const struct options *options)
{
    size_t count = load_steps(options->replay);
    if (run_steps(failing, count, RUN_LOUD)) {
        printf("%zu steps: model and kernel agree\n", count);
        return 0;
    }
    printf("fails at step %" PRIu64 ": %s\n", run_report()->count, run_report()->message);
    return 1;
}

/* Each planted fault must be found, become short, and fail again from its file. */
static bool find_planted(enum plant plant, const char *path)
{
    enum {
        STEPS = 20000,
        EPISODE = 500,
        SHORT = 40
    };
    machine_plant(plant);
    if (run_generated(1, STEPS, EPISODE)) {
        printf("not ok %d - planted fault is not found\n", plant);
        return false;
    }
    size_t found = run_report()->count;
    size_t count = shrink_report();
    save_steps(path, failing, count);
    struct options options = {.replay = path};
    bool replays = replay(&options) == 1;
    machine_plant(PLANT_NOTHING);
    bool clean = replay(&options) == 0;
    bool good = count <= SHORT && replays && clean;
    printf("%sok %d - planted fault: %zu steps shrunk to %zu, %s, %s\n", good ? "" : "not ", plant,
           found, count, replays ? "replayed" : "lost on replay",
           clean ? "clean without" : "fails without, too");
    return good;
}

static int self_test(void)
{
    char path[] = "/tmp/kernel_property.XXXXXX";
    int file = mkstemp(path);
    bool good = file >= 0;
    for (int plant = PLANT_NOTHING + 1; plant < PLANT_COUNT; plant++) {
        good = find_planted((enum plant)plant, path) && good;
    }
    printf("1..%d\n", PLANT_COUNT - 1);
    remove(path);
    return good ? 0 : 1;
}

static void bad_usage(void)
{
    fputs(usage, stderr);
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end;
    uint64_t value = text == NULL ? 0 : strtoull(text, &end, 10);
    if (text == NULL || *text == '\0' || *end != '\0') {
        bad_usage();
    }
    return value;
}

static struct options parse(char **arguments)
{
    struct options options = {.seed = 1, .steps = 1000000, .episode = 5000};
    for (; *arguments != NULL; arguments++) {
        if (strcmp(*arguments, "--self-test") == 0) {
            options.self_test = true;
        } else if (strcmp(*arguments, "--counts") == 0) {
            options.counts = true;
        } else if (strcmp(*arguments, "--seed") == 0) {
            options.seed = number(*++arguments);
        } else if (strcmp(*arguments, "--steps") == 0) {
            options.steps = number(*++arguments);
        } else if (strcmp(*arguments, "--episode") == 0) {
            options.episode = number(*++arguments);
        } else if (strcmp(*arguments, "--plant") == 0) {
            options.plant = number(*++arguments);
        } else if (strcmp(*arguments, "--save") == 0) {
            options.save = *++arguments;
        } else if (strcmp(*arguments, "--replay") == 0) {
            options.replay = *++arguments;
        } else {
            bad_usage();
        }
        if (*arguments == NULL) {
            bad_usage();
        }
    }
    if (options.episode < 1 || options.episode > RUN_STEPS_MAX || options.plant >= PLANT_COUNT) {
        bad_usage();
    }
    return options;
}

int main(int argument_count, char **arguments)
{
    (void)argument_count;
    struct options options = parse(arguments + 1);
    setvbuf(stdout, NULL, _IOLBF, 0);
    machine_plant((enum plant)options.plant);
    if (options.self_test) {
        return self_test();
    }
    return options.replay != NULL ? replay(&options) : run(&options);
}
