/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One step: what the thread that runs does next, or what happens to it. Steps are raw register and
 * buffer words, so that each means something whatever came before: a sequence stays one when others
 * are left out. As text a step is one line that can be read back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum step_kind {
    STEP_SYSCALL,
    STEP_VM_FAULT,  /* x0 address, x1 fetch, x2 status */
    STEP_EXCEPTION, /* x0 number, x1 code */
    STEP_COMPUTE,   /* x0 ticks */
    STEP_INTERRUPT, /* x0 number */
    STEP_KINDS,
};

enum {
    STEP_REGISTERS = 9,
    STEP_WORDS = 8,
    STEP_CAPS = 3
};

struct step {
    uint64_t kind;              /* enum step_kind */
    uint64_t x[STEP_REGISTERS]; /* x0..x8; x7 is the system call's number */
    uint64_t words[STEP_WORDS]; /* message words 4.. in the IPC buffer */
    uint64_t caps[STEP_CAPS];
    uint64_t path[STEP_CAPS]; /* where a capability shall arrive: CNode, index, depth */
    uint64_t preempt_times;   /* so often an interrupt strikes while the call is under way, */
    uint64_t preempt_units;   /* each time after so much work */
};

#define STEP_NUMBERS (sizeof(struct step) / sizeof(uint64_t))

/* Write the step as one line, with a comment that says what it is. */
void step_print(FILE *file, const struct step *step);

/* Read the next step, over comments; false at the end. Exits with a message on other text. */
bool step_read(FILE *file, struct step *step);
