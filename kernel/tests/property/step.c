/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Steps as text: the name of the kind, then every number that is not 0 as index:value. */
#include "step.h"

#include <abi/abi.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[STEP_KINDS] = {"syscall", "vm-fault", "exception", "compute",
                                                   "interrupt"};

static const char *syscall_name(uint64_t number)
{
    static const char *const names[] = {"Call", "ReplyRecv", "NBSendRecv", "NBSendWait",
                                        "Send", "NBSend",    "Recv",       "NBRecv",
                                        "Wait", "NBWait",    "Yield"};
    uint64_t index = -number - 1;
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "no system call";
}

void step_print(FILE *file, const struct step *step)
{
    uint64_t numbers[STEP_NUMBERS];
    memcpy(numbers, step, sizeof(numbers));
    fprintf(file, "%s", kind_names[step->kind]);
    for (size_t i = 1; i < STEP_NUMBERS; i++) {
        if (numbers[i] != 0) {
            fprintf(file, " %zu:%" PRIx64, i, numbers[i]);
        }
    }
    if (step->kind == STEP_SYSCALL) {
        fprintf(file, " # %s(%" PRIu64 "), label %" PRIu64 ", %" PRIu64 " words, %" PRIu64 " caps",
                syscall_name(step->x[7]), step->x[0], step->x[1] >> seL4_MsgLabelShift,
                step->x[1] & 127, step->x[1] >> seL4_MsgExtraCapsShift & 3);
    }
    fprintf(file, "\n");
}

static void bad_line(const char *line)
{
    fprintf(stderr, "property: error: no step: %s; try: a file written by --save\n", line);
    exit(2);
}

static void parse(char *line, struct step *step)
{
    uint64_t numbers[STEP_NUMBERS] = {STEP_KINDS};
    char *rest;
    char *word = strtok_r(line, " ", &rest);
    for (unsigned kind = 0; word != NULL && kind < STEP_KINDS; kind++) {
        if (strcmp(word, kind_names[kind]) == 0) {
            numbers[0] = kind;
        }
    }
    if (numbers[0] == STEP_KINDS) {
        bad_line(line);
    }
    while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
        char *end;
        uint64_t index = strtoull(word, &end, 10);
        if (*end != ':' || index == 0 || index >= STEP_NUMBERS) {
            bad_line(word);
        }
        numbers[index] = strtoull(end + 1, NULL, 16);
    }
    memcpy(step, numbers, sizeof(numbers));
}

bool step_read(FILE *file, struct step *step)
{
    char line[2048];
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "#\n")] = '\0';
        if (line[strspn(line, " ")] != '\0') {
            parse(line, step);
            return true;
        }
    }
    return false;
}
