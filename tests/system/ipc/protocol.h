/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the two components of the channel test say to each other: numbers on "numbers" and bytes on
 * "bytes" come back as they went. Some numbers make the peer misbehave after it answered.
 */
#pragma once

#include <kaal/channel.h>

struct number {
    uint64_t value;
    uint64_t life; /* in answers: which instance of the peer answered */
};

#define NUMBERS_CAPACITY 8
#define BYTES_CAPACITY   64

KAAL_CHANNEL(numbers_channel, struct number, NUMBERS_CAPACITY);

#define LAST_WORDS 0x1a57 /* what a mortal peer answers, once in each life */
#define NUMBER_DIE 0xdead /* answers, then faults */
#define NUMBER_LIE 0x11e  /* answers, then publishes an impossible index and goes on */
