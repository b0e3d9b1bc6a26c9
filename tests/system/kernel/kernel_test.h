/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the tests share: TAP output, and threads whose faults come to the test. */
#pragma once

#include "world.h"

/* Report one test; name must not contain a line break. */
void check(bool good, const char *name);

/* As check(), for two numbers that must be equal; prints both when they are not. */
void check_equal(uint64_t value, uint64_t expected, const char *name);

/*
 * A thread below the test's priority, in the test's address space, whose faults arrive at
 * `endpoint` and are answered through `reply`.
 */
struct victim {
    struct thread thread;
    seL4_CPtr endpoint;
    seL4_CPtr reply;
};

void victim_start(struct victim *victim, void (*function)(uint64_t), uint64_t argument);

/* Wait for the victim's fault; returns its label, words are in seL4_GetMR(). */
seL4_Word victim_fault(struct victim *victim);

/* Answer the fault: label 0 and `length` words from seL4_SetMR() continue it. Then wait for the
 * next. */
seL4_Word victim_reply(struct victim *victim, seL4_Word length);

/* A copy of a capability in a fresh slot, one with a badge, and the end of one. */
seL4_CPtr copy_of(seL4_CPtr source);
seL4_CPtr mint_of(seL4_CPtr source, seL4_Word badge);
seL4_Error delete_slot(seL4_CPtr slot);

/* The hardware-debug API, in a kernel that has it. */
void test_breakpoints(void);

/* The architecture's tests. */
void arch_tests(void);

/* End the machine. */
_Noreturn void arch_reset(void);
