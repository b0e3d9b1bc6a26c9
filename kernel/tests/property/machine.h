/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel under test and the CPU that drives it. Threads are no fibers here: the machine writes
 * a thread's registers and enters the kernel for it, as an entry stub would.
 */
#pragma once

#include "model.h"
#include "step.h"

/* The slots of the CNode that every thread's CSpace begins with, and what stands in them. */
enum field {
    FIELD_BITS = 8,
    FIELD_SLOTS = 1 << FIELD_BITS,
    FIELD_CNODE = 1, /* itself, with a guard, so that its slots' numbers are pointers */
    FIELD_SCHED_CONTROL,
    FIELD_IRQ_CONTROL,
    FIELD_ASID_POOL,
    FIELD_ASID_CONTROL,
    FIELD_VSPACE,
    FIELD_DOMAIN,
    FIELD_AUTHORITY,  /* a TCB that allows every priority below the first thread's */
    FIELD_POOL,       /* the untyped of everything that comes and goes */
    FIELD_FIRST = 16, /* from here on slots are free */
    FIELD_RECEIVE = FIELD_FIRST + 32, /* those before it are where capabilities arrive */
};
#define FIELD_GUARD_BITS (64 - FIELD_BITS)

/* Where a thread is in its code: at its system call, and behind it. */
#define MACHINE_IP_SYSCALL 0x1000
#define MACHINE_IP_BEHIND  0x1004

/* Nobody's: it preempts a long call and is lost. */
#define MACHINE_PREEMPT_IRQ 100

/* Faults planted into the kernel's data, to see that they are found. */
enum plant {
    PLANT_NOTHING,
    PLANT_BADGE,     /* Mint loses the lowest bit of a badge */
    PLANT_WATERMARK, /* Retype gives the last 16 bytes twice */
    PLANT_TREE,      /* Copy makes an original of what is none */
    PLANT_QUEUE,     /* a thread that waits on an endpoint is lost */
    PLANT_REFILL,    /* a refill grows by a tick */
    PLANT_HALT,      /* the kernel stops at a Rotate */
    PLANT_COUNT,
};

/* Boot a kernel, run the function with machine and model set up, shut it down. */
void machine_run(void (*function)(void *argument), void *argument);

/* The fault to plant, plant.c; stays for later runs. What it does when a step was done. */
void machine_plant(enum plant plant);
void machine_plant_after(const struct step *step);

/* The thread that runs; null when none can. */
struct model_object *machine_current(void);

/* The thread that never blocks and keeps things going. */
struct model_object *machine_warden(void);

/* Let model and kernel do the step, and compare unless that is left to the caller. */
void machine_step(const struct step *step);
void machine_compare(bool each_step);

/* Compare model and kernel, compare.c: what is cheap; everything. */
void compare_step(void);
void compare_all(void);

/* Give the kernel's registers and results that are times to the model. */
void compare_adopt_times(void);
