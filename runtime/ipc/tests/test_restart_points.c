/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The peer of a call dies and comes again, honestly, at every point of every operation: before any
 * load of its memory or of init's words about it. Afterwards each call has completed once, the
 * channel is not taken for broken, and calls between the new instances work. What
 * tests/model/calls.pml checks of the protocol, this checks of the code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kaal/call.h>
#include <kaal/event.h>

#include "hostile_points.h"
#include "rig.h"

#define CAPACITY   4u
#define IN_FLIGHT  4u
#define POINTS_MAX 400u

struct question {
    uint64_t number;
};
struct answer {
    uint64_t number;
};
KAAL_CALLS(quiz, struct question, struct answer, CAPACITY, IN_FLIGHT);

static struct quiz_client client;
static struct quiz_server server;
static unsigned submitted;
static unsigned completed;
static uint32_t tags[IN_FLIGHT];

/* What happens, each before the load of that number, or when the victim would sleep: the death;
 * init's two words about the next instance, which runs from the second on. */
static unsigned dies_at;
static unsigned generation_at;
static unsigned runs_at;
static unsigned happened; /* of these three */
static unsigned lives;    /* of the peer, after the first; all but the last die at once */

static void make_rig(void)
{
    rig_make(quiz_MESSAGE_BYTES, CAPACITY);
    submitted = completed = 0;
    rig_open_as_a();
    /* The event loop is to forget the deadline of the run before. */
    rig.notification_a = UINT64_C(1) << RIG_TIMER_BIT;
    (void)kaal_event_poll();
}

static uint32_t submit(uint64_t number, uint64_t deadline_ns)
{
    uint32_t tag = 0;
    struct question question = {.number = number};
    if (quiz_submit(&client, &question, deadline_ns, &tag) == KAAL_OK) {
        submitted++;
    }
    return tag;
}

static void answer(uint32_t tag, const struct question *question)
{
    struct answer reply = {.number = question->number + 1};
    assert_int_equal(quiz_reply(&server, tag, KAAL_OK, &reply), KAAL_OK);
    kaal_channel_notify(&server.server.channel);
}

static void watch(const struct kaal_resource *resource, hostile_hook hook)
{
    hostile_watch((const void *)resource->channel.peer_vaddr, resource->channel.region_bytes,
                  POINTS_MAX, hook);
    hostile_watch_also(&resource->channel, sizeof(resource->channel));
}

/* ---- the client is the victim: end A; its server restarts ---- */

static void open_server(void)
{
    rig_open_as_b();
    assert_int_equal(quiz_server_open(&server, &rig.b), KAAL_OK);
}

/* One instance: refuses whatever was asked of another; dies before the last request is consumed. */
static void live_and_die(void)
{
    uint32_t tag;
    struct question question;
    open_server();
    uint32_t consumed = kaal_channel_consumed(&server.server.channel);
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_ERR_EMPTY);
    uint32_t refused = kaal_channel_consumed(&server.server.channel) - consumed;
    if (refused > 0) {
        rig.region_b->consumed = consumed + refused - 1;
    }
}

static void server_restarts(unsigned point)
{
    if (happened == 0 && point >= dies_at) {
        happened++;
        rig_kill_b();
    }
    if (happened == 1 && point >= generation_at) {
        happened++;
        rig.a.channel.generation++;
    }
    if (happened == 2 && point >= runs_at) {
        happened++;
        rig.a.channel.peer_state = KAAL_PEER_RUNNING;
        rig.notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
        for (unsigned life = 1; life < lives; life++) {
            live_and_die();
            rig.a.channel.generation++;
        }
        open_server();
        uint32_t tag;
        struct question question;
        while (quiz_next(&server, &tag, &question) == KAAL_OK) {
            answer(tag, &question);
        }
    }
}

static void server_restarts_now(struct rig *r)
{
    (void)r;
    server_restarts(UINT32_MAX);
}

/* One call answered, one handed out, one in the ring, one place free. */
static void reset_client(void)
{
    uint32_t tag;
    struct question question;
    make_rig();
    assert_int_equal(quiz_client_open(&client, &rig.a), KAAL_OK);
    open_server();
    tags[0] = submit(10, 1000);
    tags[1] = submit(20, 1000);
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_OK);
    answer(tag, &question);
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_OK);
    tags[2] = submit(30, 1000);
}

static void count(const struct kaal_completion *completion)
{
    completed++;
    if (completion->status == KAAL_OK) {
        const struct answer *reply = completion->reply;
        assert_int_equal(reply->number % 10, 1);
    }
}

static void op_collect(void)
{
    struct kaal_completion completion;
    int error = quiz_collect(&client, &completion);
    if (error == KAAL_OK) {
        count(&completion);
    } else if (error == KAAL_ERR_PEER) {
        assert_int_equal(completed, submitted); /* none left */
    }
}

static void op_collect_all(void)
{
    for (unsigned i = 0; i <= IN_FLIGHT; i++) {
        op_collect();
    }
}

static void op_submit(void)
{
    (void)submit(40, KAAL_NO_DEADLINE);
}

static void op_await(void)
{
    struct answer reply;
    (void)quiz_await(&client, tags[1], &reply); /* ends with the server, or at its deadline */
    completed++;
}

static void op_call(void)
{
    struct question question = {.number = 50};
    struct answer reply = {.number = 0};
    int error = quiz_call(&client, &question, &reply, 2000);
    assert_true(error != KAAL_OK || reply.number == 51);
}

static void op_cancel(void)
{
    (void)!kaal_client_cancel(&client.client, tags[1]);
}

static void op_prepare_sleep(void)
{
    uint64_t deadline_ns;
    (void)kaal_client_prepare_sleep(&client.client, &deadline_ns);
}

static void op_reconnect(void)
{
    (void)!kaal_client_reconnect(&client.client);
}

static void (*const client_operations[])(void) = {op_collect,       op_collect_all, op_submit,
                                                  op_await,         op_call,        op_cancel,
                                                  op_prepare_sleep, op_reconnect};
#define CLIENT_OPERATIONS (sizeof(client_operations) / sizeof(client_operations[0]))

/* What every client does in the end. */
static void check_client(void)
{
    server_restarts_now(NULL);                  /* if it did not happen yet */
    assert_false(client.client.channel.broken); /* nobody lied */
    struct kaal_completion completion;
    int error;
    unsigned turns = 0;
    while ((error = quiz_collect(&client, &completion)) == KAAL_OK || error == KAAL_ERR_PEER) {
        assert_true(turns++ < 20);
        if (error == KAAL_OK) {
            count(&completion);
        } else {
            assert_int_equal(completed, submitted); /* none left */
            assert_false(client.client.channel.broken);
            assert_int_equal(kaal_client_reconnect(&client.client), KAAL_OK);
        }
    }
    assert_int_equal(error, KAAL_ERR_EMPTY);
    assert_int_equal(completed, submitted);
    (void)submit(60, KAAL_NO_DEADLINE);
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_OK);
    assert_int_equal(question.number, 60);
    answer(tag, &question);
    assert_int_equal(quiz_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.status, KAAL_OK);
}

static unsigned run_client(void (*operation)(void), hostile_hook hook)
{
    reset_client();
    happened = 0;
    rig.while_blocked = hook != NULL ? server_restarts_now : NULL;
    watch(&rig.a, hook);
    operation();
    unsigned points = hostile_unwatch();
    if (hook != NULL) {
        check_client();
    }
    rig_free();
    return points;
}

static void test_client_survives_its_servers_restart_at_every_point(void **state)
{
    (void)state;
    unsigned runs = 0;
    for (unsigned o = 0; o < CLIENT_OPERATIONS; o++) {
        unsigned points = run_client(client_operations[o], NULL);
        points = points < 24 ? points : 24; /* a call that waits looks as often as it is woken */
        for (lives = 1; lives <= 3; lives++) {
            for (dies_at = 0; dies_at <= points; dies_at++) {
                for (generation_at = dies_at; generation_at <= points; generation_at++) {
                    for (runs_at = generation_at; runs_at <= points; runs_at++) {
                        (void)run_client(client_operations[o], server_restarts);
                        runs++;
                    }
                }
            }
        }
    }
    assert_true(runs > 1000);
}

/* ---- the server is the victim: end A; its client restarts ---- */

static void open_client(void)
{
    rig_open_as_b();
    assert_int_equal(quiz_client_open(&client, &rig.b), KAAL_OK);
}

static void client_restarts(unsigned point)
{
    if (happened == 0 && point >= dies_at) {
        happened++;
        rig.a.channel.peer_state = KAAL_PEER_STOPPED;
    }
    if (happened == 1 && point >= generation_at) {
        happened++;
        rig.a.channel.generation++;
    }
    if (happened == 2 && point >= runs_at) {
        happened++;
        rig.a.channel.peer_state = KAAL_PEER_RUNNING;
        open_client();
        tags[0] = submit(70, KAAL_NO_DEADLINE);
    }
}

static void reset_server(void)
{
    make_rig();
    assert_int_equal(quiz_server_open(&server, &rig.a), KAAL_OK);
    open_client();
    (void)submit(10, KAAL_NO_DEADLINE);
    (void)submit(20, KAAL_NO_DEADLINE);
}

static void op_next(void)
{
    uint32_t tag;
    struct question question;
    while (quiz_next(&server, &tag, &question) == KAAL_OK) {
        assert_int_not_equal(question.number, 70); /* its client is not accepted yet */
        (void)!quiz_reply(&server, tag, KAAL_OK, NULL);
    }
}

static void op_server_sleep(void)
{
    op_next();
    (void)kaal_server_prepare_sleep(&server.server);
}

static void op_server_reconnect(void)
{
    (void)!kaal_server_reconnect(&server.server);
}

static void (*const server_operations[])(void) = {op_next, op_server_sleep, op_server_reconnect};
#define SERVER_OPERATIONS (sizeof(server_operations) / sizeof(server_operations[0]))

/* The new client's call is handed out and answered, none of the old one's after the reconnection.
 */
static void check_server(void)
{
    client_restarts(UINT32_MAX); /* if it did not happen yet */
    uint32_t tag;
    struct question question;
    int error;
    unsigned turns = 0;
    bool served = false;
    while ((error = quiz_next(&server, &tag, &question)) == KAAL_OK || error == KAAL_ERR_PEER) {
        assert_true(turns++ < 20);
        if (error == KAAL_ERR_PEER) {
            assert_false(served);
            assert_int_equal(kaal_server_reconnect(&server.server), KAAL_OK);
            continue;
        }
        assert_int_equal(question.number, 70);
        served = true;
        answer(tag, &question);
    }
    assert_int_equal(error, KAAL_ERR_EMPTY);
    struct kaal_completion completion;
    assert_int_equal(quiz_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.tag, tags[0]);
    assert_int_equal(completion.status, KAAL_OK);
    assert_false(server.server.channel.broken);
}

static unsigned run_server(void (*operation)(void), hostile_hook hook)
{
    reset_server();
    happened = 0;
    watch(&rig.a, hook);
    operation();
    unsigned points = hostile_unwatch();
    if (hook != NULL) {
        check_server();
    }
    rig_free();
    return points;
}

static void test_server_survives_its_clients_restart_at_every_point(void **state)
{
    (void)state;
    for (unsigned o = 0; o < SERVER_OPERATIONS; o++) {
        unsigned points = run_server(server_operations[o], NULL);
        for (dies_at = 0; dies_at <= points; dies_at++) {
            for (generation_at = dies_at; generation_at <= points; generation_at++) {
                for (runs_at = generation_at; runs_at <= points; runs_at++) {
                    (void)run_server(server_operations[o], client_restarts);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_survives_its_servers_restart_at_every_point),
        cmocka_unit_test(test_server_survives_its_clients_restart_at_every_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
