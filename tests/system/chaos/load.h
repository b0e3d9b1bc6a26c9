/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The load of the chaos system. Records go from `stream` through two relays and back to it; calls
 * go from `caller` through two servers; `holder` has what the broker gives at run time. stream and
 * caller check everything and are spared; the others are harmed.
 */
#pragma once

#include <stdint.h>

#include <kaal/channel.h>
#include <kaal/chaos.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define TICK_NS   (1 * NS_PER_MS) /* a burst in each */

/* What travels through the relays. */
struct record {
    uint64_t sequence;
    uint64_t attempt; /* 0: the first time that it was sent */
    uint64_t payload[5];
    uint64_t checksum; /* of everything before */
};
_Static_assert(sizeof(struct record) == 64, "one message");

/* The checksum that a record should have. */
uint64_t record_checksum(const struct record *record);

/* What a relay does with a record in its hands: some two microseconds. */
void load_work(void);

/* Opens a channel of the start-up page, or panics. */
void open_channel(struct kaal_channel *channel, const char *name);

/* Accepts the peer's new instance, if there is one. True if there was. */
bool follow_peer(struct kaal_channel *channel);

/* Answers the questions of the chaos component with a report. */
void answer_questions(struct kaal_channel *channel, const struct kaal_chaos_report *report);

/* Roles; each runs for ever. */
_Noreturn void play_stream(void);
_Noreturn void play_relay(const char *from, const char *to);
_Noreturn void play_caller(void);
_Noreturn void play_holder(void);
_Noreturn void play_server(const char *backend); /* NULL: it has none */
