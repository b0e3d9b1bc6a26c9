/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The benchmark's little world: objects out of the largest untyped, threads in this or a second
 * address space, all as direct invocations. Anything that fails ends the run with a message.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sel4/sel4.h>

/* A thread's own memory. */
#define STACK_WORDS 512

struct thread {
    seL4_CPtr tcb;
    seL4_CPtr sched_context; /* 0 = passive */
    seL4_CPtr ipc_frame;
    uint64_t ipc_buffer; /* its address */
    _Alignas(16) uint64_t stack[STACK_WORDS];
};

/* Finds the largest RAM untyped and the free slots. */
void world_init(void);

/* A fresh object of a type in a fresh slot. size_bits: as Untyped_Retype takes it. */
seL4_CPtr world_object(seL4_Word type, seL4_Word size_bits);

/* The next free slot of the root CNode, for results that invocations put somewhere. */
seL4_CPtr world_slot(void);

/* The untyped that objects come from. */
seL4_CPtr world_untyped(void);

/* Maps a frame, making the tables that are missing. */
void world_map(seL4_CPtr frame, seL4_CPtr vspace, uint64_t vaddr);

/* A second address space in which this program's image is mapped at the same addresses. */
seL4_CPtr world_clone_vspace(void);

/*
 * Starts a thread.
 *   vspace    address space root;  function  what it runs, never returns;  argument  its argument
 *   priority  seL4 priority
 * It has a round-robin scheduling context of its own until world_make_passive().
 */
void world_thread_start(struct thread *thread, seL4_CPtr vspace, void (*function)(uint64_t),
                        uint64_t argument, seL4_Word priority);

/* Sets the root task's priority; it starts with seL4_MaxPrio. */
void world_own_priority(seL4_Word priority);

/* Takes a blocked thread's scheduling context away: it runs on its callers' from now on. */
void world_make_passive(struct thread *thread);

/* Ends a thread for good. */
void world_thread_stop(struct thread *thread);

/* Ends the run with a message when an invocation failed. */
void world_check(bool good, const char *what);

/* Prints a number in decimal. */
void world_print_number(uint64_t value);

/* process.c: ticks of creating, running and destroying so many minimal processes. */
uint64_t process_create_run_destroy(unsigned rounds);

/* Supplied by arch_<isa>.c. */
void arch_console_init(void);
void arch_console_write(const char *text);
uint64_t arch_counter(void); /* ticks */
/* The same, at another point of a coarse counter's tick in each round: so the mean is right. */
uint64_t arch_counter_start(int round);
uint64_t arch_counter_ns(uint64_t ticks);
void arch_thread_context(seL4_UserContext *context, uint64_t pc, uint64_t sp, uint64_t argument);
seL4_Word arch_page_type(void);
seL4_Word arch_large_page_type(void);
seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, uint64_t vaddr);
seL4_Error arch_unmap_page(seL4_CPtr frame);
seL4_Error arch_map_table(seL4_CPtr vspace, uint64_t vaddr, seL4_Word level_bits);
seL4_CPtr arch_vspace_create(void);
seL4_Word arch_vspace_type(void);
seL4_Error arch_vspace_assign(seL4_CPtr vspace);
seL4_Error arch_pool_make(seL4_CPtr untyped, seL4_CPtr slot); /* into a slot of the root CNode */
seL4_Error arch_pool_assign(seL4_CPtr pool, seL4_CPtr vspace);
seL4_Word arch_table_type(unsigned level); /* 0 = below the root, 1, 2 */
seL4_Error arch_table_install(unsigned level, seL4_CPtr table, seL4_CPtr vspace, uint64_t vaddr);
void arch_unknown_syscall(void);
void arch_undefined_instruction(void);
_Noreturn void arch_power_off(void);
