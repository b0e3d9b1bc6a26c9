/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the components of the exchange test ask of each other.
 */
#pragma once

#include <kaal/call.h>
#include <kaal/pool.h>

enum work_kind {
    WORK_SUM,     /* answer the sum of the buffer's words, or number * number without a buffer */
    WORK_HOLD,    /* keep it, and the buffer, until WORK_RELEASE */
    WORK_RELEASE, /* answer what is held, the latest first, then this */
    WORK_STATE,   /* answer what is held of all customers */
    WORK_DIE,     /* fault, holding the buffer */
};

struct work_request {
    uint32_t kind;             /* enum work_kind */
    uint32_t number;           /* of the caller's choice */
    struct kaal_buffer buffer; /* bytes is 0: none */
};

struct work_reply {
    uint64_t sum;
    uint32_t calls_held;   /* handed out and not answered, of all customers; this one too */
    uint32_t buffers_held; /* of all customers */
    uint64_t life;         /* which instance of the server answers */
};

KAAL_CALLS(work, struct work_request, struct work_reply, 8, 4);
_Static_assert(work_MESSAGE_BYTES == 40, "as in compose.yaml");

#define BUFFERS      8u
#define BUFFER_WORDS 512u

KAAL_CHANNEL(number_channel, uint64_t, 8);

/* Numbers that a feeder sends: 0, 1, 2 ...; b ends for ever after its last one. */
#define FEED_A 600u
#define FEED_B 200u
