/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Concurrency Kit's ck_ring, single producer and single consumer, messages by value. It has no
 * batch operation, so a batch is as many single ones.
 */
#include <stdlib.h>

#include <ck_ring.h>

#include "loops.h"

struct end {
    ck_ring_t *out_ring;
    void *out_buffer;
    ck_ring_t *in_ring;
    void *in_buffer;
};

struct made {
    _Alignas(128) ck_ring_t rings[2];
    _Alignas(128) struct end ends[2];
    void *buffers[2];
};

static void *make(uint32_t message_bytes)
{
    struct made *made = aligned_alloc(_Alignof(struct made), sizeof(*made));
    for (unsigned i = 0; i < 2; i++) {
        made->buffers[i] = aligned_alloc(4096, QUEUE_SLOTS * (size_t)message_bytes + 4096);
        memset(made->buffers[i], 0, QUEUE_SLOTS * (size_t)message_bytes + 4096);
        ck_ring_init(&made->rings[i], QUEUE_SLOTS);
    }
    for (unsigned i = 0; i < 2; i++) {
        made->ends[i] = (struct end){&made->rings[i], made->buffers[i], &made->rings[1 - i],
                                     made->buffers[1 - i]};
    }
    return made;
}

static void *end_of(void *made, unsigned which)
{
    return &((struct made *)made)->ends[which];
}

static void destroy(void *argument)
{
    struct made *made = argument;
    free(made->buffers[0]);
    free(made->buffers[1]);
    free(made);
}

#define FUNCTIONS(bytes)                                                                           \
    CK_RING_PROTOTYPE(message_##bytes, message_##bytes)                                            \
    static inline uint32_t ck_put_##bytes(struct end *end, struct message_##bytes *messages,       \
                                          uint32_t n)                                              \
    {                                                                                              \
        uint32_t done = 0;                                                                         \
        while (done < n &&                                                                         \
               CK_RING_ENQUEUE_SPSC(message_##bytes, end->out_ring,                                \
                                    (struct message_##bytes *)end->out_buffer, &messages[done])) { \
            done++;                                                                                \
        }                                                                                          \
        return done;                                                                               \
    }                                                                                              \
    static inline uint32_t ck_take_##bytes(struct end *end, struct message_##bytes *messages,      \
                                           uint32_t n)                                             \
    {                                                                                              \
        uint32_t done = 0;                                                                         \
        while (done < n &&                                                                         \
               CK_RING_DEQUEUE_SPSC(message_##bytes, end->in_ring,                                 \
                                    (struct message_##bytes *)end->in_buffer, &messages[done])) {  \
            done++;                                                                                \
        }                                                                                          \
        return done;                                                                               \
    }                                                                                              \
    LOOPS(ck, struct end, bytes)

FUNCTIONS(8);
FUNCTIONS(64);
FUNCTIONS(1024);

const struct queue queue_ck = {
    .name = "ck_ring",
    .make = make,
    .end = end_of,
    .destroy = destroy,
    .loops = {&ck_loops_8, &ck_loops_64, &ck_loops_1024},
};
