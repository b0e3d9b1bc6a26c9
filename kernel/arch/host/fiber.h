/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fibers: user threads of the host kernel. The kernel itself runs on the process's own stack. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fiber {
    struct fiber *next; /* list of all */
    void *sp;           /* saved while it does not run */
    char *stack;
    void *local;     /* value of the swapped fiber-local */
    void *sanitizer; /* the sanitizer's note about this stack */
};

/* Take a fiber that will start with entry() when first resumed. */
struct fiber *fiber_create(void (*entry)(void));

/* Forget what the fiber was doing; it starts anew with entry(). It must not be running. */
void fiber_reset(struct fiber *fiber, void (*entry)(void));

/* Release a fiber, or all. They must not be running. */
void fiber_destroy(struct fiber *fiber);
void fiber_destroy_all(void);

/* From the kernel: run the fiber until it calls fiber_trap(). */
void fiber_resume(struct fiber *fiber);

/* From the running fiber: back to the kernel; returns at the next fiber_resume(). */
void fiber_trap(void);

/* Must be the first thing that a fresh fiber does. */
void fiber_started(void);
