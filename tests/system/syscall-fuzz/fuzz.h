/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the monitor (main.c), the fuzzing thread (fuzzer.c) and the architecture share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sel4/sel4.h>

/* Both pages are mapped at the same address in both address spaces. */
#define STATE_VADDR  0x5fd000ul
#define BUFFER_VADDR 0x5fe000ul
#define STACK_TOP    (STATE_VADDR + 4096)

/* The fuzzer's CSpace: 2^6 slots, of which the first have something in them. */
#define FUZZ_CNODE_BITS 6
#define FUZZ_SLOTS      64u

enum fuzz_slot {
    FUZZ_NULL,
    FUZZ_TCB, /* its own */
    FUZZ_CNODE,
    FUZZ_VSPACE,
    FUZZ_UNTYPED,
    FUZZ_ENDPOINT,
    FUZZ_BADGED_ENDPOINT,
    FUZZ_NOTIFICATION,
    FUZZ_REPLY,
    FUZZ_CONTEXT, /* its own */
    FUZZ_OTHER_TCB,
    FUZZ_OTHER_CONTEXT,
    FUZZ_OTHER_CNODE,
    FUZZ_FRAME,
    FUZZ_TABLE,
    FUZZ_ASID_POOL,
    FUZZ_SCHED_CONTROL,
    FUZZ_DOMAIN,
    FUZZ_IRQ_HANDLER,
    FUZZ_PORTS, /* x86_64 */
    FUZZ_USED,  /* the others are empty */
};

/* At STATE_VADDR, above it the fuzzer's stack. */
struct fuzz_state {
    uint64_t random;
    volatile uint64_t calls;     /* made so far */
    volatile uint64_t successes; /* invocations that did something */
    volatile uint64_t number;    /* of the last one, for the report of a failure */
    volatile uint64_t capability;
    volatile uint64_t info;
};

/* Makes random system calls for ever; writes nothing but its state, stack and IPC buffer. */
void fuzzer(struct fuzz_state *state);

/* Ends the machine with status 0. */
_Noreturn void arch_power_off(void);

/* Fills in the registers of a thread that begins at entry(argument). */
void arch_thread_begin(seL4_UserContext *regs, seL4_Word entry, seL4_Word stack_top,
                       seL4_Word argument);

/* Object types. */
seL4_Word arch_page_type(void);
seL4_Word arch_table_type(void);
seL4_Word arch_vspace_type(void);

/* Gives an address space an ASID, and maps. */
seL4_Error arch_assign(seL4_CPtr vspace);
seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word vaddr,
                         seL4_CapRights_t rights);

seL4_Error arch_unmap_page(seL4_CPtr frame);

/* Makes the tables for the 2 MiB around vaddr; make(type) gives fresh objects. */
seL4_Error arch_map_tables(seL4_CPtr vspace, seL4_Word vaddr, seL4_CPtr (*make)(seL4_Word type));

/* Puts an interrupt handler and (x86_64) a port range that disturb nobody into two slots. */
bool arch_devices(seL4_CPtr irq_slot, seL4_CPtr ports_slot);
