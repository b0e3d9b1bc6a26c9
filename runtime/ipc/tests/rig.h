/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two ends of one channel in one process. Each region is mapped twice, writable for its owner and
 * read-only for the peer, so a write to the wrong side kills the test as it would the component.
 *
 * End A is "this component": its start-up page, notification, timer and clock work, so blocking
 * calls and the event loop run on it. End B is driven by the test through non-blocking calls.
 */
#pragma once

#include <stdint.h>

#include <kaal/channel.h>

#define RIG_CHANNEL_BIT 3 /* what B's doorbell sets in A's notification */
#define RIG_TIMER_BIT   7
#define RIG_OTHER_BIT   11 /* some other source of A */

struct rig {
    struct kaal_resource a;
    struct kaal_resource b;
    struct kaal_channel_region *region_a; /* writable views */
    struct kaal_channel_region *region_b;
    unsigned rings_a; /* times that A's doorbell was rung, by B */
    unsigned rings_b;
    unsigned waits; /* system calls that wait */
    unsigned timer_arms;
    uint64_t notification_a; /* A's notification word */
    uint64_t armed_ns;
    uint64_t now_ns;
    /* Called when A would block; does what happens meanwhile. May be NULL. */
    void (*while_blocked)(struct rig *rig);
    void *context;
};

extern struct rig rig;

/* Makes fresh, zeroed regions. */
void rig_make(uint32_t message_bytes, uint32_t capacity);

/* Unmaps the regions. */
void rig_free(void);

/* Init's part at the death of B: B's successor has begun. */
void rig_replace_b(void);

/* The same for A, whose start-up page says so from now on. */
void rig_replace_a(void);

/* B has died, and nothing has replaced it yet. */
void rig_kill_b(void);

/* B has died, and nothing will ever replace it. */
void rig_bury_b(void);

/* What the start-up page says while A, or B, opens its end: their generations. */
void rig_open_as_a(void);
void rig_open_as_b(void);
