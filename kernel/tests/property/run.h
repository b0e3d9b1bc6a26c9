/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Running sequences of steps in processes of their own, so that every way of failing is caught. */
#pragma once

#include "model.h"
#include "step.h"

enum {
    RUN_STEPS_MAX = 20000, /* of one episode */
    RUN_MESSAGE_BYTES = 512,
};

/* What a process that runs steps leaves for its parent: shared memory. */
struct run_report {
    uint64_t done;    /* steps in all */
    uint64_t episode; /* the one that runs */
    uint64_t count;   /* its steps, the last one being under way */
    struct model_counts counts;
    char message[RUN_MESSAGE_BYTES];
    struct step steps[RUN_STEPS_MAX];
};

struct run_report *run_report(void);

enum run_manner {
    RUN_LOUD,
    RUN_QUIET, /* nothing is printed, not even by a sanitizer */
    RUN_FAST,  /* and the comparison is left to every 32nd step and the last */
};

/*
 * Generate and run steps, in episodes that each begin with a fresh kernel; run given steps.
 * Return true if all went well; otherwise the report tells what happened.
 */
bool run_generated(uint64_t seed, uint64_t steps, uint64_t episode_steps);
bool run_steps(const struct step *steps, size_t count, enum run_manner manner);

/*
 * Make the failing sequence as short and plain as it gets; returns the new count.
 *   steps  in and out
 */
size_t shrink(struct step *steps, size_t count);
