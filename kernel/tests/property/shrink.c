/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From a failing sequence to a minimal one: cut what comes behind the failure, leave out ever
 * smaller runs of steps as long as it still fails, then set single numbers to 0, then try pairs.
 * Any failure will do: what fails earlier or otherwise is as good a find.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static size_t tries;

#define TRIES_MAX 15000
#define PAIRS_MAX 80 /* steps of which all pairs are tried */

static bool still_fails(const struct step *steps, size_t count)
{
    return ++tries < TRIES_MAX && count > 0 && !run_steps(steps, count, RUN_FAST);
}

/* Leave out [first, first + length) if it fails without. */
static bool leave_out(struct step *steps, size_t *count, size_t first, size_t length)
{
    struct step *shorter = malloc(*count * sizeof(*steps));
    if (shorter == NULL) {
        return false;
    }
    memcpy(shorter, steps, first * sizeof(*steps));
    memcpy(shorter + first, steps + first + length, (*count - first - length) * sizeof(*steps));
    bool fails = still_fails(shorter, *count - length);
    if (fails) {
        /* It may fail earlier now. */
        *count = run_report()->count;
        memcpy(steps, shorter, *count * sizeof(*steps));
    }
    free(shorter);
    return fails;
}

static void shrink_count(struct step *steps, size_t *count)
{
    for (size_t length = *count / 2; length > 0; length /= 2) {
        /* From the end: the beginning makes what the end needs. */
        for (size_t end = *count; end >= length && end > 0;) {
            if (leave_out(steps, count, end - length, length) && end > *count) {
                end = *count;
            } else {
                end -= length;
            }
        }
    }
}

/* Steps that undo each other can only go together, wherever they stand. */
static void shrink_pairs(struct step *steps, size_t *count)
{
    for (size_t later = *count; *count <= PAIRS_MAX && later-- > 1;) {
        for (size_t earlier = later; earlier-- > 0 && later < *count;) {
            struct step kept[PAIRS_MAX];
            size_t length = *count;
            memcpy(kept, steps, length * sizeof(*steps));
            memmove(&steps[earlier], &steps[earlier + 1], (length - earlier - 1) * sizeof(*steps));
            *count = length - 1;
            if (!leave_out(steps, count, later - 1, 1)) {
                memcpy(steps, kept, length * sizeof(*steps));
                *count = length;
            }
        }
    }
}

static void shrink_numbers(struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t number = 1; number < STEP_NUMBERS; number++) {
            uint64_t *word = &((uint64_t *)&steps[i])[number];
            uint64_t old = *word;
            *word = 0;
            if (old != 0 && !still_fails(steps, count)) {
                *word = old;
            }
        }
    }
}

size_t shrink(struct step *steps, size_t count)
{
    size_t before;
    tries = 0;
    if (!still_fails(steps, count)) {
        return count; /* it does not fail again: leave it as it was */
    }
    do {
        before = count;
        shrink_count(steps, &count);
        if (count == before) {
            shrink_numbers(steps, count);
            shrink_count(steps, &count);
        }
        if (count == before) {
            shrink_pairs(steps, &count);
        }
    } while (count < before);
    run_steps(steps, count, RUN_QUIET); /* the report's last word */
    return count;
}
