/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What every queue under test offers to the harness (main.c): loops over messages of one size,
 * compiled per queue with its own inline functions (loops.h).
 */
#pragma once

#include <stdint.h>

#define QUEUE_SLOTS 256u /* asked of every queue; ck_ring and rte_ring keep one of them free */
#define BATCH       32u

/* A message: a number that the receiver checks, and a load. */
#define MESSAGE(bytes)           \
    struct message_##bytes {     \
        uint64_t number;         \
        uint8_t load[(bytes)-8]; \
    }
MESSAGE(8);
MESSAGE(64);
MESSAGE(1024);

/* Sends or receives `messages` of them, polling; the number of wrong ones is returned. */
typedef uint64_t (*loop_function)(void *end, uint64_t messages);

/* The loops for one message size. */
struct loops {
    uint32_t message_bytes;
    loop_function send_single;
    loop_function receive_single;
    loop_function send_batch;
    loop_function receive_batch;
    loop_function ping; /* sends one and waits for it to come back, each time */
    loop_function pong;
};

/* A queue in each direction between ends 0 and 1. */
struct queue {
    const char *name;
    void *(*make)(uint32_t message_bytes); /* both queues, empty */
    void *(*end)(void *made, unsigned which);
    void (*destroy)(void *made);
    const struct loops *loops[3];
};

extern const struct queue queue_kaal;          /* without looking whether the peer sleeps */
extern const struct queue queue_kaal_sleepers; /* and looking, with each message or batch */
extern const struct queue queue_ck;
extern const struct queue queue_rte;
