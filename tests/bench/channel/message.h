/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the two ends of the benchmark exchange, in the order of the phases: messages one by one, in
 * batches filled and read in place, in batches that are copied; then 10 KiB through a channel,
 * through pool buffers, and through calls of the kernel.
 */
#pragma once

#include <kaal/channel.h>
#include <kaal/pool.h>

#define ROUNDS                                                                        \
    1024u /* of each phase, and a warm-up; so that no batch meets the end of the ring \
           */
#define BATCH 32u

struct bench_message {
    uint64_t number; /* from 0, ascending */
    uint64_t payload[6];
    uint64_t end; /* the number again */
};

KAAL_CHANNEL(bench_channel, struct bench_message, 256);

#define BULK_WORDS 1280u /* 10 KiB */

/* The same through a channel of large messages. */
struct bulk_piece {
    uint64_t words[128];
};
#define BULK_PIECES (BULK_WORDS / 128u)

KAAL_CHANNEL(bulk_channel, struct bulk_piece, 32);

/* And through buffers of a pool that are large enough, in a channel that carries no messages. */
#define POOL_BUFFERS      3u
#define POOL_BUFFER_BYTES ((uint32_t)(BULK_WORDS * sizeof(uint64_t)))

/* The pool's memory, as one end maps it; half is that end's address of it. */
static inline struct kaal_pool_memory pool_memory(uint64_t half)
{
    return (struct kaal_pool_memory){.vaddr = (uint8_t *)half + KAAL_CHANNEL_HEADER_BYTES,
                                     .bus = KAAL_POOL_NO_BUS,
                                     .buffer_bytes = POOL_BUFFER_BYTES,
                                     .count = POOL_BUFFERS};
}

KAAL_CHANNEL(buffer_channel, struct kaal_buffer, 16);

/* The words that are moved in a round. */
static inline uint64_t bulk_word(unsigned round, unsigned index)
{
    return UINT64_C(0x9e3779b97f4a7c15) * (index + 1) + round;
}

/*
 * What the receiver does with words where they lie: in the first and the last round it looks at all
 * of them, in between, so that using them does not count as moving them, at the first and the last.
 *   first  which of the round's words the first one is
 */
static inline bool bulk_is_right(unsigned round, unsigned first, const uint64_t *words,
                                 unsigned count)
{
    unsigned step = round == 0 || round == ROUNDS - 1 ? 1 : count - 1;
    bool good = true;
    for (unsigned i = 0; i < count; i += step) {
        good = words[i] == bulk_word(round, first + i) && good;
    }
    return good;
}
