/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client: tests calls, pools and waits between address spaces and logs one line per result.
 */
#include <string.h>

#include <kaal/broker.h>
#include <kaal/event.h>
#include <kaal/inspect.h>
#include <kaal/startup.h>
#include <kaal/wait.h>

#include "protocol.h"

#define MS         UINT64_C(1000000)
#define FOR_EVER   (kaal_now_ns() + 1000 * MS) /* one second is for ever here */
#define KILLS      6u
#define KILLS_WARM 3u /* afterwards init and the broker have whatever they make once and keep */

static struct work_client client;
static struct kaal_pool pool;
static struct kaal_pool_slot slots[BUFFERS];
static uint32_t lent[KAAL_CALLS_MAX]; /* handles of the buffers, by the place in the tag */

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

/* The buffer that a call lent is ours again. */
static void take_back(void *argument, uint32_t tag)
{
    (void)argument;
    uint32_t index;
    uint32_t *handle = &lent[tag % KAAL_CALLS_MAX];
    if (*handle != UINT32_MAX && kaal_pool_return(&pool, *handle, &index) == KAAL_OK) {
        kaal_pool_put(&pool, index);
    }
    *handle = UINT32_MAX;
}

static uint64_t expected_sum(uint32_t number)
{
    return BUFFER_WORDS * (uint64_t)number + BUFFER_WORDS * (BUFFER_WORDS - 1) / 2;
}

/* Sends a request with a full buffer that depends on the number. */
static int submit_buffer(uint32_t kind, uint32_t number, uint64_t deadline_ns, uint32_t *tag)
{
    struct work_request request = {.kind = kind, .number = number};
    uint32_t index;
    int error = kaal_pool_get(&pool, &index);
    if (error != KAAL_OK) {
        return error;
    }
    uint64_t *words = kaal_pool_address(&pool, index);
    for (uint32_t i = 0; i < BUFFER_WORDS; i++) {
        words[i] = number + i;
    }
    error = kaal_pool_lend(&pool, index, 0, BUFFER_WORDS * 8, &request.buffer);
    if (error == KAAL_OK) {
        error = work_submit(&client, &request, deadline_ns, tag);
    }
    if (error == KAAL_OK) {
        lent[*tag % KAAL_CALLS_MAX] = request.buffer.handle;
    }
    return error;
}

/* Waits for a call's end; an answered one has given its buffer back. */
static int finish(uint32_t tag, struct work_reply *reply)
{
    int error = work_await(&client, tag, reply);
    if (error == KAAL_OK) {
        take_back(NULL, tag);
    }
    return error;
}

static int ask(uint32_t kind, uint32_t number, struct work_reply *reply)
{
    struct work_request request = {.kind = kind, .number = number};
    return work_call(&client, &request, reply, FOR_EVER);
}

/* Accepts the server's next instance; what was lent to the one before is free again. */
static bool recover(void)
{
    uint64_t end_ns = FOR_EVER;
    while (kaal_client_reconnect(&client.client) != KAAL_OK) {
        if (kaal_event_sleep(end_ns) != KAAL_OK) {
            return false;
        }
    }
    kaal_pool_renew(&pool);
    return true;
}

static void test_many_waits(void)
{
    static struct number_channel feeds[2];
    bool good =
        number_channel_open(&feeds[0], kaal_resource_find("feed_a", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK &&
        number_channel_open(&feeds[1], kaal_resource_find("feed_b", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK;
    struct kaal_wait waits[3] = {{.channel = &feeds[0].channel, .receive = true},
                                 {.channel = &client.client.channel, .receive = true},
                                 {.channel = &feeds[1].channel, .receive = true}};
    uint64_t heard[3] = {0, 0, 0};
    unsigned ended[3] = {0, 0, 0};
    uint32_t index = 0;
    while (good && ended[0] + ended[2] < 2) {
        int error = kaal_channel_wait(waits, 3, FOR_EVER, &index);
        good = (error == KAAL_OK || error == KAAL_ERR_PEER) && index != 1;
        if (error == KAAL_OK && good) {
            uint64_t number;
            struct number_channel *feed = &feeds[index / 2];
            good = number_channel_try_recv(feed, &number) == KAAL_OK && number == heard[index]++;
        } else if (error == KAAL_ERR_PEER) {
            ended[index]++;
        }
    }
    say("a wait for three channels hears both senders in order",
        good && heard[0] == FEED_A && heard[2] == FEED_B);
    say("and of the end of each once, after its last number",
        ended[0] == 1 && ended[2] == 1 &&
            kaal_channel_wait(waits, 3, kaal_now_ns() + MS, &index) == KAAL_ERR_TIMEOUT);
}

static void test_calls(void)
{
    struct work_reply reply;
    uint32_t tags[3];
    bool good = true;
    for (uint32_t i = 0; i < 3; i++) {
        struct work_request request = {.kind = WORK_HOLD, .number = i + 10};
        good = work_submit(&client, &request, FOR_EVER, &tags[i]) == KAAL_OK && good;
    }
    good = ask(WORK_RELEASE, 0, &reply) == KAAL_OK && good;
    for (uint32_t i = 0; i < 3; i++) {
        good = work_await(&client, tags[i], &reply) == KAAL_OK &&
               reply.sum == (uint64_t)(i + 10) * (i + 10) && good;
    }
    say("each of four calls in flight gets its own answer", good);
    good = true;
    for (uint32_t i = 0; i < 300 && good; i++) {
        good = ask(WORK_SUM, i, &reply) == KAAL_OK && reply.sum == (uint64_t)i * i;
    }
    say("hundreds of calls one after the other", good);
}

static void test_buffers(void)
{
    struct work_reply reply;
    uint32_t tags[4];
    bool good = true;
    for (uint32_t round = 0; round < 50 && good; round++) {
        for (uint32_t i = 0; i < 4; i++) {
            good = submit_buffer(WORK_SUM, 4 * round + i, FOR_EVER, &tags[i]) == KAAL_OK && good;
        }
        for (uint32_t i = 0; i < 4; i++) {
            good = finish(tags[i], &reply) == KAAL_OK && reply.sum == expected_sum(4 * round + i) &&
                   good;
        }
    }
    say("buffers are read at the other end and come back",
        good && pool.free == BUFFERS && pool.lent == 0);
}

static void test_early_ends(void)
{
    struct work_reply reply;
    uint32_t tag = 0;
    uint64_t deadline_ns = kaal_now_ns() + 2 * MS;
    bool good = submit_buffer(WORK_HOLD, 1, deadline_ns, &tag) == KAAL_OK &&
                finish(tag, &reply) == KAAL_ERR_TIMEOUT && kaal_now_ns() >= deadline_ns;
    say("a call ends at its deadline, its buffer stays lent", good && pool.lent == 1);
    good = submit_buffer(WORK_HOLD, 2, FOR_EVER, &tag) == KAAL_OK &&
           kaal_client_cancel(&client.client, tag) == KAAL_OK &&
           finish(tag, &reply) == KAAL_ERR_CANCELLED;
    say("a call is cancelled, its buffer stays lent", good && pool.lent == 2);
    good = ask(WORK_RELEASE, 0, &reply) == KAAL_OK && ask(WORK_STATE, 0, &reply) == KAAL_OK;
    say("the late replies bring both back",
        good && reply.buffers_held == 0 && pool.free == BUFFERS);
}

static void test_death_in_a_call(void)
{
    struct work_reply reply;
    uint32_t held = 0;
    uint32_t dying = 0;
    bool good = ask(WORK_STATE, 0, &reply) == KAAL_OK;
    uint64_t life = reply.life;
    good = good && submit_buffer(WORK_HOLD, 1, KAAL_NO_DEADLINE, &held) == KAAL_OK &&
           submit_buffer(WORK_DIE, 2, KAAL_NO_DEADLINE, &dying) == KAAL_OK;
    good = good && finish(dying, &reply) == KAAL_ERR_PEER && finish(held, &reply) == KAAL_ERR_PEER;
    say("the server faults in a call: every call ends", good);
    say("and both buffers come back", recover() && pool.free == BUFFERS && pool.lent == 0);
    good = submit_buffer(WORK_SUM, 3, FOR_EVER, &dying) == KAAL_OK &&
           finish(dying, &reply) == KAAL_OK && reply.sum == expected_sum(3);
    say("the next instance serves, and holds nothing",
        good && reply.life == life + 1 && reply.buffers_held == 0);
}

/* One call answered, two held with their buffers, then the server is killed. */
static bool kill_in_the_middle(void)
{
    struct work_reply reply;
    uint32_t answered = 0;
    uint32_t held[2] = {0, 0};
    bool good = submit_buffer(WORK_HOLD, 1, KAAL_NO_DEADLINE, &held[0]) == KAAL_OK &&
                submit_buffer(WORK_SUM, 2, KAAL_NO_DEADLINE, &answered) == KAAL_OK &&
                submit_buffer(WORK_HOLD, 3, KAAL_NO_DEADLINE, &held[1]) == KAAL_OK &&
                kaal_component_kill("server") == KAAL_OK;
    good = finish(answered, &reply) == KAAL_OK && reply.sum == expected_sum(2) && good;
    good = finish(held[0], &reply) == KAAL_ERR_PEER && good;
    good = finish(held[1], &reply) == KAAL_ERR_PEER && good;
    good = recover() && pool.free == BUFFERS && good;
    return ask(WORK_STATE, 0, &reply) == KAAL_OK && reply.calls_held == 1 &&
           reply.buffers_held == 0 && good;
}

static void test_kills(void)
{
    struct kaal_memory_record before = {0};
    struct kaal_memory_record after = {0};
    bool good = true;
    for (unsigned i = 0; i < KILLS && good; i++) {
        if (i == KILLS_WARM) {
            good = kaal_inspect_memory(&before) == KAAL_OK;
        }
        good = kill_in_the_middle() && good;
    }
    good = kaal_inspect_memory(&after) == KAAL_OK && good;
    say("the server is killed in the middle: what it answered arrives, the rest ends", good);
    say("no frame and no slot is lost by it", memcmp(&before, &after, sizeof(before)) == 0);
}

/* The other customer dies twice with a call and a buffer at the server. */
static void test_clumsy_customer(void)
{
    static struct number_channel go;
    struct work_reply reply;
    bool good =
        number_channel_open(&go, kaal_resource_find("go", KAAL_RESOURCE_CHANNEL)) == KAAL_OK;
    for (uint64_t life = 1; life <= 3 && good; life++) {
        good = number_channel_send(&go, &life) == KAAL_OK;
    }
    int error;
    while ((error = kaal_channel_await_message(&go.channel, FOR_EVER)) == KAAL_ERR_PEER &&
           !kaal_channel_peer_gone(&go.channel)) {
        (void)kaal_channel_reconnect(&go.channel);
    }
    say("a customer dies in the middle twice, and is served in its third life",
        good && error == KAAL_ERR_PEER && go.channel.resource->generation == 3);
    good = ask(WORK_STATE, 0, &reply) == KAAL_OK;
    say("the server keeps nothing of it", good && reply.calls_held == 1 && reply.buffers_held == 0);
}

int main(void)
{
    int error = work_client_open(&client, kaal_resource_find("work", KAAL_RESOURCE_CHANNEL));
    if (error == KAAL_OK) {
        error = kaal_pool_open(&pool, kaal_resource_find("work_memory", KAAL_RESOURCE_CHANNEL),
                               slots, BUFFERS, &client.client.channel);
    }
    memset(lent, 0xff, sizeof(lent));
    client.client.released = take_back;
    say("calls and pool open", error == KAAL_OK);
    if (error == KAAL_OK) {
        test_many_waits();
        test_calls();
        test_buffers();
        test_early_ends();
        test_death_in_a_call();
        test_kills();
        test_clumsy_customer();
    }
    kaal_log("done");
    return 0;
}
