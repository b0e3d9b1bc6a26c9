/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads of init that do one small thing each, above init and in its address space. They have no
 * IPC buffer and no thread-local storage: they use only calls that need neither.
 */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

#include <kaal/error.h>

/** A helper thread; zeroed = not made. */
struct helper {
    seL4_CPtr tcb;
    seL4_CPtr sched_context; /* no budget until helper_budget() */
    uint64_t stack_top;
};

/** Makes the thread's objects, for ever. Returns KAAL_OK or KAAL_ERR_NO_SPACE. */
MUST_CHECK int helper_create(struct helper *helper);

/** Gives it so much of each period. Returns KAAL_OK or KAAL_ERR_NO_SPACE. */
MUST_CHECK int helper_budget(struct helper *helper, uint64_t budget_us, uint64_t period_us);

/**
 * Starts it from the beginning, wherever it was; it runs before this returns.
 *   function  never returns;  argument  its first
 * Returns KAAL_OK or KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int helper_run(struct helper *helper, void (*function)(seL4_Word), seL4_Word argument);

/** Stops it at once; what it waited for is forgotten. */
void helper_stop(struct helper *helper);
