/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Breakpoints, watchpoints and single steps of threads: only in builds with the hardware-debug API.
 * A thread's are kept in its TCB and are in the CPU while it runs. Source: seL4 reference manual,
 * TCB invocations SetBreakpoint to ConfigureSingleStepping.
 */
#pragma once

#include <abi/constants.h>
#include <abi/debug.h>
#include <kernel/error.h>

struct tcb;

#define BREAKPOINT_COUNT (CONFIG_HARDWARE_DEBUG_API * seL4_NumHWBreakpoints)

struct breakpoint {
    vaddr_t vaddr;
    uint8_t type;   /* seL4_BreakpointType */
    uint8_t size;   /* bytes that a watchpoint covers; 0 for instructions */
    uint8_t access; /* seL4_BreakpointAccess */
    bool enabled;
};

struct debug_state {
    word_t steps;      /* instructions from one single-step fault to the next; 0 = off */
    word_t steps_left; /* of those */
    struct breakpoint breakpoints[BREAKPOINT_COUNT];
};

/* Single-step tcb, with a fault after each `count` instructions; 0 ends it. */
void breakpoint_step(struct tcb *tcb, word_t count);

/* The current thread has made a step. True if that is to be told. */
bool breakpoint_step_is_due(struct tcb *tcb);

/* ---- supplied by the architecture ---- */

/* Give the CPU the breakpoints of the thread that runs next. */
void arch_debug_load(const struct tcb *tcb);

/* Make the thread trap after its next instruction, or not. */
void arch_debug_set_stepping(struct tcb *tcb, bool on);

/*
 * The current thread trapped: x86_64 vector; ESR and FAR. Handles it and returns true if it was
 * one of this API's.
 */
bool arch_debug_exception(word_t syndrome, vaddr_t address);
