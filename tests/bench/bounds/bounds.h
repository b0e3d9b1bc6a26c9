/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The operations whose longest stretch with interrupts off is looked for. prepare() makes what
 * run() works on and cleans up after the last time; run() is the operation, once.
 */
#pragma once

#include <stdint.h>

#include "world.h"

struct operation {
    const char *name;
    void (*prepare)(void);
    void (*run)(void);
};

struct operations {
    const struct operation *list;
    unsigned count;
};

struct operations operations_caps(void);   /* derivation tree, CNodes, threads */
struct operations operations_queues(void); /* whatever many threads wait for */
struct operations operations_memory(void); /* untypeds, frames, address spaces */
struct operations operations_arch(void);   /* arch_<isa>.c */

/* arch_<isa>.c: the handler of an interrupt that nothing raises, into a root slot. */
seL4_Error interrupt_make(seL4_CPtr slot);

/* Priorities: a row's own thread runs its operation below the watcher and above the crowd. */
#define WATCHER_PRIORITY  254
#define OPERATOR_PRIORITY 100
#define CROWD_PRIORITY    50
#define SWEEPER_PRIORITY  10

/* ---- capabilities (capabilities.c): like world.h's, for objects that come and go ---- */

#define CNODE      seL4_CapInitThreadCNode
#define NODE_BITS  13 /* slots of a CNode that holds many capabilities, log2 */
#define ARENA_BITS 23

/* The memory that operations work on, and a CNode with 2^NODE_BITS slots. Made at the first call.
 */
seL4_CPtr arena(void);
seL4_CPtr node(void);

void must(seL4_Error error, const char *what);
void delete_slot(seL4_CPtr slot);
void revoke_slot(seL4_CPtr slot);
void copy_slot(seL4_CPtr to, seL4_CPtr from);

/* Ends everything in the arena and clears its memory. */
void arena_clear(void);

/* Objects from an untyped into consecutive slots of a CNode. */
void make_many(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr cnode,
               seL4_Word offset, seL4_Word count);

/* One object from the arena into a slot of the root CNode. */
void make_one(seL4_Word type, seL4_Word size_bits, seL4_CPtr slot);

/* ---- threads that wait (crowd.c) ---- */

#define CROWD_COUNT 500

/* Every thread of the crowd sends to, or waits at, this capability. */
void crowd_send(seL4_CPtr capability);
void crowd_wait(seL4_CPtr capability);

/* Every thread of the crowd has spent its budget and gets it back at this time, in counter ticks.
 */
void crowd_release_at(uint64_t when);

/* Thread 0 has called thread 1, which has called thread 2, ... on thread 0's scheduling context. */
void crowd_call_each_other(unsigned depth);

seL4_CPtr crowd_tcb(unsigned i);
seL4_CPtr crowd_sched_context(unsigned i);

/* Ends the crowd by one Revoke; it is made again when it is needed. */
void crowd_revoke(void);

/* Waits until every thread of lower priority has blocked. */
void others_block(void);
