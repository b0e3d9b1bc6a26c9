/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Everything the kernel keeps per core, behind one accessor, so that more cores stay a local
 * change.
 */
#pragma once

#include <arch/irq.h>
#include <arch/node.h>
#include <kernel/sched.h>

#define PRIORITY_WORDS (CONFIG_NUM_PRIORITIES / WORD_BITS)

enum sched_action {
    SCHED_RESUME_CURRENT, /* nothing changed */
    SCHED_CANDIDATE,      /* look at node()->candidate first */
    SCHED_CHOOSE,         /* full choice */
};

struct node {
    /* Hot on every entry: keep together. */
    struct tcb *current;
    const struct user_context *message_from; /* see syscall.h */
    struct sched_context *current_sc;
    ticks_t now;      /* last clock reading */
    ticks_t consumed; /* pending consumption of current_sc since then */
    struct tcb *candidate;
    enum sched_action action;
    bool reprogram_timer;
    int ready_highest;      /* priority of the most urgent ready thread of this domain, or -1 */
    ticks_t fast_until;     /* before that, no budget, domain or release is due: see fastpath.c */
    ticks_t armed_deadline; /* what the timer is set to; UINT64_MAX: it is off */
    word_t priority_words[CONFIG_NUM_DOMAINS]; /* bit i: bits in priority_bits[i] */
    word_t priority_bits[CONFIG_NUM_DOMAINS][PRIORITY_WORDS];

    struct tcb_queue release; /* ordered by head refill time */
    struct tcb *idle;
    struct tcb *fpu_owner; /* see fpu.c */
    bool fpu_on;           /* user code may use the FPU without a trap */
    word_t loaded_root;    /* value of the CPU's root register */
    word_t work_units;     /* since the last preemption check */

    struct syscall_error error;
    struct lookup_failure lookup;

    word_t domain;
    word_t domain_index;
    ticks_t domain_time; /* left of the current schedule entry */

    struct tcb_queue ready[CONFIG_NUM_DOMAINS][CONFIG_NUM_PRIORITIES];
    struct tcb idle_tcb;
    union {
        struct sched_context idle_sc;
        word_t idle_sc_memory[16];
    };
};

#define DURATION_BITS 56

/* An entry of the domain schedule. */
struct domain_slice {
    word_t duration : DURATION_BITS; /* ticks; 0 ends the schedule */
    word_t domain : 8;
};

/* State shared by all cores. */
struct kernel_state {
    struct slot irq_slots[IRQ_COUNT]; /* notification capability of each interrupt */
    uint8_t irq_states[IRQ_COUNT];    /* enum irq_state */
    struct domain_slice domain_schedule[CONFIG_NUM_DOMAIN_SCHEDULES];
    word_t domain_start;
    word_t vspace_epoch;     /* changes whenever an address space goes; never 0 */
    struct slot *unfinished; /* zombie that only the next revoke finds, or null: see delete.c */
    struct tcb_queue debug_tcbs;
};

extern struct kernel_state kernel_state;
