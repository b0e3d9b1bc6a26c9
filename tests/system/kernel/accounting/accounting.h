/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Threads that spend their time in nothing but one kind of system call, for main.c to weigh.
 */
#pragma once

#include "world.h"

#define SUBJECT_PRIORITY 150
#define SERVER_PRIORITY  160 /* also of waiters and fault handlers */

struct subject {
    const char *name;
    void (*program)(uint64_t); /* what it repeats for ever */
    void (*partner)(uint64_t); /* the thread at the other end, null without one */
    bool partner_is_passive;
    bool faults;      /* the partner is its fault handler */
    bool always_busy; /* it always has work of its own: it spends every period's budget */
};

extern const struct subject subjects[];
extern const unsigned subject_count;

/* What subjects and partners use; made by main.c. */
extern seL4_CPtr subject_endpoint;
extern seL4_CPtr subject_reply;
extern seL4_CPtr subject_notification;
