/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The soak: a mixed load in rounds, each of which must leave nothing behind. The same source runs
 * as a root task on the machines and inside the host kernel.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sel4/sel4.h>

struct soak_result {
    uint64_t rounds;
    uint64_t calls;      /* answered by servers */
    uint64_t faults;     /* received by handlers */
    uint64_t signals;    /* received by waiters */
    const char *problem; /* what went wrong first; null if nothing did */
};

/*
 * Runs rounds until soak_now_ns() passes until_ns, or something goes wrong.
 *   plant  every hundredth round forgets to give one object back: must be found
 */
struct soak_result soak_run(uint64_t until_ns, bool plant);

/* Supplied by the platform. */
extern const uint64_t soak_period_us; /* from the beginning of a round to that of the next */
uint64_t soak_now_ns(void);
void soak_fault(void); /* the calling thread makes a bad access */
void soak_thread_begin(seL4_UserContext *regs, void (*entry)(seL4_Word argument),
                       seL4_Word stack_top, seL4_Word argument);
seL4_Word soak_page_type(void);
seL4_Error soak_map_page(seL4_CPtr frame); /* at an address of its own in our space */
seL4_Error soak_unmap_page(seL4_CPtr frame);
