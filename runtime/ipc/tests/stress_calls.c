/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A client and a server in two real threads, under ThreadSanitizer: calls that lend buffers, some
 * of them cancelled, to a server that dies again and again with calls handed out and buffers held.
 * A lost wake-up shows as a timeout, a buffer that two ends use at once as a race or a wrong sum.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kaal/call.h>
#include <kaal/pool.h>

#include "bells.h"

#define CAPACITY     8u
#define IN_FLIGHT    6u
#define CALLS        60000u
#define BUFFERS      8u
#define BUFFER_BYTES 256u
#define LIFE_MAX     200u /* requests that one instance of the server takes */
#define REGION_BYTES 4096u
#define CLIENT       0u
#define SERVER       1u

struct question {
    uint64_t number;
    struct kaal_buffer buffer;
};
struct answer {
    uint64_t sum;
};
KAAL_CALLS(quiz, struct question, struct answer, CAPACITY, IN_FLIGHT);

static _Alignas(4096) unsigned char regions[2][REGION_BYTES];
static _Alignas(64) uint8_t buffer_bytes[BUFFERS][BUFFER_BYTES];
static struct kaal_resource resources[2];
static atomic_bool client_done;
static unsigned deaths;

static const struct kaal_pool_memory memory = {.vaddr = buffer_bytes[0],
                                               .bus = KAAL_POOL_NO_BUS,
                                               .buffer_bytes = BUFFER_BYTES,
                                               .count = BUFFERS};

static void check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "stress: %s\n", what);
        exit(1);
    }
}

static uint64_t sum_of(const uint8_t *bytes)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < BUFFER_BYTES; i++) {
        sum += bytes[i];
    }
    return sum;
}

/* ---- the client ---- */

static struct quiz_client client;
static struct kaal_pool pool;
static struct kaal_pool_slot pool_slots[BUFFERS];
static struct {
    uint32_t handle;
    uint64_t sum;
} asked[KAAL_CALLS_MAX]; /* by the place in the tag */
static unsigned counts[3];

static void take_back(void *argument, uint32_t tag)
{
    (void)argument;
    uint32_t index;
    int error = kaal_pool_return(&pool, asked[tag % KAAL_CALLS_MAX].handle, &index);
    check(error == KAAL_OK || error == KAAL_ERR_STATE, "a buffer does not come back");
    if (error == KAAL_OK) {
        kaal_pool_put(&pool, index);
    }
}

/* True if a call was made. */
static bool ask(uint64_t number, uint32_t *tag)
{
    struct question question = {.number = number};
    uint32_t index;
    if (kaal_pool_get(&pool, &index) != KAAL_OK) {
        return false;
    }
    uint8_t *bytes = kaal_pool_address(&pool, index);
    memset(bytes, (int)(number % 251), BUFFER_BYTES);
    uint64_t sum = sum_of(bytes);
    check(kaal_pool_lend(&pool, index, 0, BUFFER_BYTES, &question.buffer) == KAAL_OK, "lend");
    if (quiz_submit(&client, &question, KAAL_NO_DEADLINE, tag) != KAAL_OK) {
        check(kaal_pool_return(&pool, question.buffer.handle, &index) == KAAL_OK, "take back");
        kaal_pool_put(&pool, index);
        return false;
    }
    asked[*tag % KAAL_CALLS_MAX].handle = question.buffer.handle;
    asked[*tag % KAAL_CALLS_MAX].sum = sum;
    return true;
}

/* True if a call was completed, or the server's next instance accepted. */
static bool collect(unsigned *completed)
{
    struct kaal_completion completion;
    int error = quiz_collect(&client, &completion);
    if (error == KAAL_OK) {
        (*completed)++;
        if (completion.status == KAAL_OK) {
            const struct answer *answer = completion.reply;
            check(answer->sum == asked[completion.tag % KAAL_CALLS_MAX].sum, "a wrong answer");
            take_back(NULL, completion.tag);
        }
        counts[completion.status == KAAL_OK ? 0 : completion.status == KAAL_ERR_PEER ? 1 : 2]++;
        return true;
    }
    check(!client.client.channel.broken, "an honest server was taken for a liar");
    if (error == KAAL_ERR_PEER && kaal_client_reconnect(&client.client) == KAAL_OK) {
        kaal_pool_renew(&pool);
        return true;
    }
    return false;
}

static void *run_client(void *argument)
{
    static const struct kaal_startup page = {.generation = 1};
    unsigned seed = 7;
    unsigned made = 0;
    unsigned completed = 0;
    (void)argument;
    bells_enter(&page);
    check(quiz_client_open(&client, &resources[CLIENT]) == KAAL_OK &&
              kaal_pool_init(&pool, &memory, pool_slots, BUFFERS, &client.client.channel) ==
                  KAAL_OK,
          "open");
    client.client.released = take_back;
    while (completed < CALLS || pool.lent > 0) {
        uint32_t tag;
        uint64_t deadline_ns;
        bool moved = false;
        if (made < CALLS && ask(made, &tag)) {
            made++;
            moved = true;
            if (rand_r(&seed) % 8 == 0) {
                (void)!kaal_client_cancel(&client.client, tag);
            }
        }
        moved = collect(&completed) || moved;
        if (!moved && kaal_client_prepare_sleep(&client.client, &deadline_ns)) {
            bells_sleep(CLIENT);
        }
    }
    check(pool.free == BUFFERS, "a buffer is missing");
    atomic_store(&client_done, true);
    bells_ring(SERVER);
    return NULL;
}

/* ---- the server, and init ---- */

struct held {
    uint32_t tag;
    struct kaal_buffer buffer;
    const uint8_t *bytes;
};

/* One instance, until it dies; false if the client is done. */
static bool live(unsigned *seed)
{
    struct quiz_server server;
    struct kaal_loans loans;
    struct kaal_pool_slot slots[BUFFERS];
    struct held held[IN_FLIGHT];
    unsigned count = 0;
    unsigned left = (unsigned)rand_r(seed) % LIFE_MAX;
    check(quiz_server_open(&server, &resources[SERVER]) == KAAL_OK &&
              kaal_loans_init(&loans, &memory, slots, BUFFERS, &server.server.channel) == KAAL_OK,
          "open");
    while (left > 0) {
        struct question question;
        uint32_t tag;
        int error = quiz_next(&server, &tag, &question);
        if (error == KAAL_OK) {
            const void *data;
            error = kaal_loans_accept(&loans, &question.buffer, &data);
            check(error == KAAL_OK, "a loan is refused");
            held[count++] = (struct held){tag, question.buffer, data};
            left--;
        }
        check(error == KAAL_OK || error == KAAL_ERR_EMPTY, "next");
        bool moved = error == KAAL_OK;
        /* Some are kept for a while, and answered in any order. */
        if (count > 0 && (!moved || rand_r(seed) % 2 == 0)) {
            struct held *one = &held[(unsigned)rand_r(seed) % count];
            struct answer answer = {.sum = sum_of(one->bytes)};
            check(kaal_loans_release(&loans, one->buffer.handle) == KAAL_OK, "release");
            check(quiz_reply(&server, one->tag, KAAL_OK, &answer) == KAAL_OK, "reply");
            *one = held[--count];
            moved = true;
        }
        if (rand_r(seed) % 2 == 0) {
            kaal_channel_notify(&server.server.channel);
        }
        if (!moved && kaal_server_prepare_sleep(&server.server)) {
            if (atomic_load(&client_done)) {
                return false;
            }
            bells_sleep(SERVER);
        }
    }
    return true;
}

static void *run_server(void *argument)
{
    struct kaal_startup page = {.generation = 1};
    struct kaal_channel_resource *seen = &resources[CLIENT].channel;
    unsigned seed = 11;
    (void)argument;
    bells_enter(&page);
    while (live(&seed)) {
        deaths++;
        __atomic_store_n(&seen->peer_state, (uint32_t)KAAL_PEER_STOPPED, __ATOMIC_RELEASE);
        bells_ring(CLIENT);
        page.generation++;
        __atomic_store_n(&seen->generation, (uint32_t)page.generation, __ATOMIC_RELEASE);
        __atomic_store_n(&seen->peer_state, (uint32_t)KAAL_PEER_RUNNING, __ATOMIC_RELEASE);
        bells_ring(CLIENT);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (unsigned end = 0; end < 2; end++) {
        resources[end].kind = KAAL_RESOURCE_CHANNEL;
        resources[end].channel =
            (struct kaal_channel_resource){.own_vaddr = (uint64_t)regions[end],
                                           .peer_vaddr = (uint64_t)regions[1 - end],
                                           .region_bytes = REGION_BYTES,
                                           .message_bytes = quiz_MESSAGE_BYTES,
                                           .capacity = CAPACITY,
                                           .doorbell = BELL_OF(1 - end),
                                           .generation = 1,
                                           .peer_state = KAAL_PEER_RUNNING};
    }
    check(pthread_create(&threads[CLIENT], NULL, run_client, NULL) == 0 &&
              pthread_create(&threads[SERVER], NULL, run_server, NULL) == 0,
          "threads");
    pthread_join(threads[CLIENT], NULL);
    pthread_join(threads[SERVER], NULL);
    printf("%u calls answered, %u ended with the server, %u cancelled; %u deaths\n", counts[0],
           counts[1], counts[2], deaths);
    check(counts[0] > CALLS / 2 && counts[1] > 0 && counts[2] > 0 && deaths > 100, "too tame");
    return 0;
}
