/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * DPDK's rte_ring, single producer and single consumer, messages by value as ring elements. Its
 * operations are inline, so only the set-up of its structure, which is public, is done by hand:
 * that saves the environment layer with its huge pages.
 */
#include <stdlib.h>

#include <rte_ring.h>
#include <rte_ring_elem.h>

#include "loops.h"

struct end {
    struct rte_ring *out;
    struct rte_ring *in;
};

struct made {
    _Alignas(128) struct end ends[2];
};

static struct rte_ring *make_ring(uint32_t message_bytes)
{
    size_t bytes = sizeof(struct rte_ring) + QUEUE_SLOTS * (size_t)message_bytes;
    struct rte_ring *ring = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
    memset(ring, 0, bytes);
    ring->flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
    ring->prod.sync_type = RTE_RING_SYNC_ST;
    ring->cons.sync_type = RTE_RING_SYNC_ST;
    ring->size = QUEUE_SLOTS;
    ring->mask = QUEUE_SLOTS - 1;
    ring->capacity = QUEUE_SLOTS - 1;
    return ring;
}

static void *make(uint32_t message_bytes)
{
    struct made *made = aligned_alloc(_Alignof(struct made), sizeof(*made));
    struct rte_ring *there = make_ring(message_bytes);
    struct rte_ring *back = make_ring(message_bytes);
    made->ends[0] = (struct end){there, back};
    made->ends[1] = (struct end){back, there};
    return made;
}

static void *end_of(void *made, unsigned which)
{
    return &((struct made *)made)->ends[which];
}

static void destroy(void *argument)
{
    struct made *made = argument;
    free(made->ends[0].in);
    free(made->ends[0].out);
    free(made);
}

#define FUNCTIONS(bytes)                                                                       \
    static inline uint32_t rte_put_##bytes(struct end *end,                                    \
                                           const struct message_##bytes *messages, uint32_t n) \
    {                                                                                          \
        return rte_ring_sp_enqueue_burst_elem(end->out, messages, bytes, n, NULL);             \
    }                                                                                          \
    static inline uint32_t rte_take_##bytes(struct end *end, struct message_##bytes *messages, \
                                            uint32_t n)                                        \
    {                                                                                          \
        return rte_ring_sc_dequeue_burst_elem(end->in, messages, bytes, n, NULL);              \
    }                                                                                          \
    LOOPS(rte, struct end, bytes)

FUNCTIONS(8);
FUNCTIONS(64);
FUNCTIONS(1024);

const struct queue queue_rte = {
    .name = "rte_ring",
    .make = make,
    .end = end_of,
    .destroy = destroy,
    .loops = {&rte_loops_8, &rte_loops_64, &rte_loops_1024},
};
