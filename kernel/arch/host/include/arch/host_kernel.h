/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running the kernel inside a process, for tests. This header needs no other header of the kernel.
 *
 * One call sequence: kernel_host_run() boots a kernel with memory of its own and runs a C function
 * as the root task, which uses libsel4. Threads that it makes are fibers: their program counter is
 * a function, their first four registers its arguments; they run on stacks of their own and leave
 * the CPU only in system calls, in kernel_host_advance() and in kernel_host_fault_*(). Time is
 * virtual. The run ends when the root function returns, or when no thread can ever run again.
 *
 * One kernel at a time per process; all functions must be called by the thread that runs it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kernel_host_end {
    KERNEL_HOST_RETURNED, /* the root function returned */
    KERNEL_HOST_STUCK,    /* no thread can run, no deadline and no interrupt will change that */
    KERNEL_HOST_HALTED,   /* DebugHalt, only with allow_halt */
};

/* One block of extra boot information. */
struct kernel_host_extra {
    uint64_t id;
    const void *data;
    size_t bytes;
};

#define KERNEL_HOST_EXTRA_MAX 4

struct kernel_host_options {
    size_t memory_bytes;    /* RAM, rounded up to pages; 0 = 16 MiB */
    uint64_t syscall_ticks; /* time that each system call takes; 62.5 ticks are 1 us */
    void **fiber_local;     /* swapped at fiber switches: &__sel4_ipc_buffer; may be null */
    bool allow_halt;        /* else DebugHalt and kernel panics abort the process */
    bool quiet;             /* kernel console output is dropped */
    bool (*on_idle)(void *argument); /* may raise interrupts; false: nothing more will come */
    struct kernel_host_extra extra[KERNEL_HOST_EXTRA_MAX]; /* up to the first with bytes 0 */
};

typedef void (*kernel_host_root)(void *bootinfo, void *argument);

/*
 * Boot a kernel and run root(bootinfo, argument) as its root task.
 *   options   may be null for defaults; argument also goes to on_idle
 * Returns how it ended. Aborts the process if booting fails.
 */
enum kernel_host_end kernel_host_run(const struct kernel_host_options *options,
                                     kernel_host_root root, void *argument);

/* Virtual time in ticks of 62.5 MHz. */
uint64_t kernel_host_now(void);

/* The calling thread computes for so many ticks of CPU time; it may be preempted meanwhile. */
void kernel_host_advance(uint64_t ticks);

/* A device raises an interrupt; it is taken as soon as it is enabled and user code would run. */
void kernel_host_raise_irq(unsigned irq);

/* As above, but only when the kernel has looked for pending interrupts `looks` times from now. */
void kernel_host_raise_irq_after(unsigned irq, unsigned looks);

/* Interrupts taken since the run began, the timer's not counted. */
uint64_t kernel_host_interrupts(void);

/* Bytes that cache operations have worked on since the process began; there is no cache. */
uint64_t kernel_host_cache_bytes(void);

/* The calling thread faults, and returns when its handler let it continue. */
void kernel_host_fault_vm(uint64_t address, bool instruction, uint64_t status);
void kernel_host_fault_exception(uint64_t number, uint64_t code);

/* Memory at a physical address of the kernel's RAM; null if it is not RAM. */
void *kernel_host_memory(uint64_t paddr);

/* What the calling thread's address space has at vaddr; null where an access would fault. */
void *kernel_host_translate(uint64_t vaddr, bool write);

/* Messages that the kernel console got since the run began, NUL-terminated, the newest 4 KiB. */
const char *kernel_host_console(void);
