/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls: order, deadlines, cancelling, restarts of either end at every stage, and lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/call.h>

#include "rig.h"

#define CAPACITY  8u
#define IN_FLIGHT 4u

struct question {
    uint64_t number;
    uint64_t load;
};
struct answer {
    uint64_t number;
};
KAAL_CALLS(quiz, struct question, struct answer, CAPACITY, IN_FLIGHT);

static struct quiz_client client; /* end A */
static struct quiz_server server; /* end B */
static uint32_t released[8];
static unsigned released_count;

static void note_release(void *argument, uint32_t tag)
{
    (void)argument;
    released[released_count++ % 8] = tag;
}

static void open_client(void)
{
    rig_open_as_a();
    assert_int_equal(quiz_client_open(&client, &rig.a), KAAL_OK);
    client.client.released = note_release;
}

static void open_server(void)
{
    rig_open_as_b();
    assert_int_equal(quiz_server_open(&server, &rig.b), KAAL_OK);
}

static int set_up(void **state)
{
    (void)state;
    rig_make(quiz_MESSAGE_BYTES, CAPACITY);
    open_client();
    open_server();
    rig.notification_a = 0;
    released_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free();
    return 0;
}

static uint32_t ask(uint64_t number)
{
    uint32_t tag;
    struct question question = {.number = number, .load = 7};
    assert_int_equal(quiz_submit(&client, &question, KAAL_NO_DEADLINE, &tag), KAAL_OK);
    return tag;
}

/* The server takes the next question, which has this number. */
static uint32_t take(uint64_t number)
{
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_OK);
    assert_int_equal(question.number, number);
    assert_int_equal(question.load, 7);
    return tag;
}

static void answer(uint32_t tag, uint64_t number)
{
    struct answer reply = {.number = number};
    assert_int_equal(quiz_reply(&server, tag, KAAL_OK, &reply), KAAL_OK);
    kaal_channel_notify(&server.server.channel);
}

static void nothing_to_take(void)
{
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_ERR_EMPTY);
}

static void expect_completion(uint32_t tag, int status, uint64_t number)
{
    struct kaal_completion completion;
    assert_int_equal(quiz_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.tag, tag);
    assert_int_equal(completion.status, status);
    if (status == KAAL_OK) {
        assert_int_equal(((const struct answer *)completion.reply)->number, number);
    }
}

static void expect_nothing(int error)
{
    struct kaal_completion completion;
    assert_int_equal(quiz_collect(&client, &completion), error);
}

static void test_replies_come_in_any_order(void **state)
{
    (void)state;
    uint32_t asked[3];
    uint32_t taken[3];
    for (unsigned i = 0; i < 3; i++) {
        asked[i] = ask(i);
    }
    for (unsigned i = 0; i < 3; i++) {
        taken[i] = take(i);
    }
    nothing_to_take();
    expect_nothing(KAAL_ERR_EMPTY);
    answer(taken[2], 102);
    expect_completion(asked[2], KAAL_OK, 102);
    answer(taken[0], 100);
    answer(taken[1], 101);
    struct answer reply;
    assert_int_equal(quiz_await(&client, asked[1], &reply), KAAL_OK);
    assert_int_equal(reply.number, 101);
    expect_completion(asked[0], KAAL_OK, 100);
    expect_nothing(KAAL_ERR_EMPTY);
    assert_int_equal(quiz_await(&client, asked[0], &reply), KAAL_ERR_NOT_FOUND);
}

static void test_a_quiet_client_wakes_the_server_once_for_a_batch(void **state)
{
    (void)state;
    client.client.quiet = true;
    assert_true(kaal_channel_prepare_receive(&server.server.channel)); /* it sleeps */
    unsigned before = rig.rings_b;
    for (unsigned i = 0; i < 3; i++) {
        (void)ask(i);
    }
    assert_int_equal(rig.rings_b, before);
    expect_nothing(KAAL_ERR_EMPTY);
    assert_int_equal(rig.rings_b, before + 1);
    for (unsigned i = 0; i < 3; i++) {
        (void)take(i);
    }
}

static void test_server_errors_reach_the_client(void **state)
{
    (void)state;
    uint32_t tag = ask(1);
    assert_int_equal(quiz_reply(&server, take(1), KAAL_ERR_IO, NULL), KAAL_OK);
    expect_completion(tag, KAAL_ERR_IO, 0);
}

static void test_limit_of_calls_in_flight(void **state)
{
    (void)state;
    struct question question = {0};
    uint32_t tag;
    for (unsigned round = 0; round < 20; round++) {
        uint32_t asked[IN_FLIGHT];
        for (unsigned i = 0; i < IN_FLIGHT; i++) {
            asked[i] = ask(i);
        }
        assert_int_equal(quiz_submit(&client, &question, KAAL_NO_DEADLINE, &tag), KAAL_ERR_FULL);
        for (unsigned i = 0; i < IN_FLIGHT; i++) {
            answer(take(i), i);
        }
        for (unsigned i = 0; i < IN_FLIGHT; i++) {
            expect_completion(asked[i], KAAL_OK, i);
        }
    }
}

static void answer_while_blocked(struct rig *r)
{
    (void)r;
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_OK);
    answer(tag, question.number + 1);
}

static void test_call_waits_for_its_reply(void **state)
{
    (void)state;
    struct question question = {.number = 41};
    struct answer reply;
    rig.while_blocked = answer_while_blocked;
    assert_int_equal(quiz_call(&client, &question, &reply, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(reply.number, 42);
    assert_int_equal(rig.waits, 1);
}

static void test_call_waits_for_a_place(void **state)
{
    (void)state;
    struct question question = {.number = 10};
    struct answer reply;
    uint32_t first[IN_FLIGHT];
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        first[i] = ask(i);
    }
    /* Three of them end early, which frees no place before their late replies. */
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        assert_int_equal(kaal_client_cancel(&client.client, first[i]), KAAL_OK);
        expect_completion(first[i], KAAL_ERR_CANCELLED, 0);
    }
    rig.while_blocked = answer_while_blocked;
    assert_int_equal(quiz_call(&client, &question, &reply, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(reply.number, 11);
}

static void test_call_does_not_wait_for_what_nobody_collects(void **state)
{
    (void)state;
    struct question question = {.number = 10};
    struct answer reply;
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        (void)ask(i);
        answer(take(i), i);
    }
    assert_int_equal(quiz_call(&client, &question, &reply, KAAL_NO_DEADLINE), KAAL_ERR_FULL);
    assert_int_equal(rig.waits, 0);
}

static void test_deadline_ends_a_call_and_its_late_reply_is_dropped(void **state)
{
    (void)state;
    struct question question = {.number = 5, .load = 7};
    struct answer reply = {.number = 77};
    assert_int_equal(quiz_call(&client, &question, &reply, 3000), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.now_ns, 3000);
    assert_int_equal(reply.number, 77);
    assert_int_equal(released_count, 0); /* its place is still in use */
    uint32_t other = ask(6);
    uint32_t late = take(5);
    uint32_t soon = take(6);
    assert_int_not_equal(late, soon);
    answer(late, 500);
    answer(soon, 600);
    expect_completion(other, KAAL_OK, 600);
    assert_int_equal(released_count, 1);
    assert_int_equal(released[0], late);
    expect_nothing(KAAL_ERR_EMPTY);
}

static void test_cancel_reaches_the_server(void **state)
{
    (void)state;
    uint32_t tag = ask(1);
    uint32_t taken = take(1);
    assert_false(kaal_server_cancelled(&server.server, taken));
    assert_int_equal(kaal_client_cancel(&client.client, tag), KAAL_OK);
    assert_int_equal(kaal_client_cancel(&client.client, tag), KAAL_ERR_NOT_FOUND);
    nothing_to_take();
    assert_true(kaal_server_cancelled(&server.server, taken));
    assert_int_equal(quiz_reply(&server, taken, KAAL_ERR_CANCELLED, NULL), KAAL_OK);
    expect_completion(tag, KAAL_ERR_CANCELLED, 0);
    assert_int_equal(released_count, 1);
    expect_nothing(KAAL_ERR_EMPTY);
}

static void test_dead_server_ends_every_call(void **state)
{
    (void)state;
    uint32_t answered = ask(1);
    uint32_t taken = ask(2);
    uint32_t waiting = ask(3);
    answer(take(1), 100);
    (void)take(2);
    rig_kill_b();
    expect_completion(answered, KAAL_OK, 100); /* what it said last is not lost */
    expect_completion(taken, KAAL_ERR_PEER, 0);
    expect_completion(waiting, KAAL_ERR_PEER, 0);
    expect_nothing(KAAL_ERR_PEER);
    struct question question = {0};
    uint32_t tag;
    assert_int_equal(quiz_submit(&client, &question, KAAL_NO_DEADLINE, &tag), KAAL_ERR_PEER);
    assert_int_equal(kaal_client_reconnect(&client.client), KAAL_ERR_PEER); /* nobody there */
    /* A new instance refuses the request to its predecessor, and serves the same sent again. */
    rig_replace_b();
    open_server();
    nothing_to_take();
    assert_int_equal(kaal_client_reconnect(&client.client), KAAL_OK);
    uint32_t again = ask(3);
    answer(take(3), 300);
    expect_completion(again, KAAL_OK, 300);
    expect_nothing(KAAL_ERR_EMPTY);
    assert_false(client.client.channel.broken);
}

static void test_request_to_the_predecessor_is_refused_by_the_new_server(void **state)
{
    (void)state;
    uint32_t tag = ask(9);
    rig_replace_b();
    open_server(); /* before the client noticed */
    nothing_to_take();
    expect_completion(tag, KAAL_ERR_PEER, 0);
    assert_int_equal(kaal_client_reconnect(&client.client), KAAL_OK);
    tag = ask(9);
    answer(take(9), 1);
    expect_completion(tag, KAAL_OK, 1);
}

static void die_while_blocked(struct rig *r)
{
    (void)r;
    rig_kill_b();
}

static void test_blocked_call_on_a_dying_server_ends(void **state)
{
    (void)state;
    struct question question = {0};
    struct answer reply;
    rig.while_blocked = die_while_blocked;
    assert_int_equal(quiz_call(&client, &question, &reply, KAAL_NO_DEADLINE), KAAL_ERR_PEER);
    assert_int_equal(rig.waits, 1);
}

static void test_abandoned_calls_are_released_by_the_servers_death(void **state)
{
    (void)state;
    uint32_t tag = ask(1);
    assert_int_equal(kaal_client_cancel(&client.client, tag), KAAL_OK);
    expect_completion(tag, KAAL_ERR_CANCELLED, 0);
    assert_int_equal(released_count, 0);
    rig_kill_b();
    expect_nothing(KAAL_ERR_PEER);
    assert_int_equal(released_count, 1);
}

static void test_new_client_sees_nothing_of_its_predecessor(void **state)
{
    (void)state;
    (void)ask(1);
    (void)ask(2);
    (void)ask(3);
    answer(take(1), 100); /* unread */
    uint32_t old = take(2);
    rig_replace_a();
    open_client();
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_ERR_PEER);
    assert_int_equal(kaal_server_reconnect(&server.server), KAAL_OK);
    assert_int_equal(quiz_reply(&server, old, KAAL_OK, NULL), KAAL_ERR_NOT_FOUND);
    uint32_t fresh = ask(4);
    answer(take(4), 400); /* 3 was never handed out */
    expect_completion(fresh, KAAL_OK, 400);
    expect_nothing(KAAL_ERR_EMPTY);
}

/* Puts a message into the ring at B's end, as no library would. */
static void forge_at_b(struct kaal_call_header header)
{
    struct quiz_message message = {.header = header};
    assert_int_equal(kaal_channel_send(&server.server.channel, &message), KAAL_OK);
}

static void test_reply_to_no_call_breaks_the_channel(void **state)
{
    (void)state;
    uint32_t waiting = ask(1);
    forge_at_b((struct kaal_call_header){.tag = 3, .client = 1, .server = 1});
    expect_completion(waiting, KAAL_ERR_PEER, 0);
    expect_nothing(KAAL_ERR_PEER);
    assert_true(client.client.channel.broken);
}

static void test_second_reply_breaks_the_channel(void **state)
{
    (void)state;
    uint32_t tag = ask(1);
    struct kaal_call_header header = {.tag = tag, .client = 1, .server = 1};
    forge_at_b(header);
    forge_at_b(header);
    expect_completion(tag, KAAL_OK, 0);
    assert_true(client.client.channel.broken);
}

static void test_tag_in_use_breaks_the_servers_channel(void **state)
{
    (void)state;
    struct kaal_call_header header = {
        .tag = 5, .client = 1, .server = 1, .status = KAAL_CALL_REQUEST};
    struct quiz_message message = {.header = header, .request = {.number = 1, .load = 7}};
    assert_int_equal(kaal_channel_send(&client.client.channel, &message), KAAL_OK);
    assert_int_equal(kaal_channel_send(&client.client.channel, &message), KAAL_OK);
    (void)take(1);
    uint32_t tag;
    struct question question;
    assert_int_equal(quiz_next(&server, &tag, &question), KAAL_ERR_PEER);
    assert_int_equal(kaal_server_reply(&server.server, 5, KAAL_OK, NULL), KAAL_ERR_PEER);
}

static void test_flood_of_requests_is_bounded_by_the_replies_room(void **state)
{
    (void)state;
    struct kaal_call_header header = {.client = 1, .server = 0, .status = KAAL_CALL_REQUEST};
    unsigned taken = 0;
    /* Requests to another instance, none of whose refusals is read. */
    for (unsigned i = 0; i < 100; i++) {
        struct quiz_message message = {.header = header};
        message.header.tag = i;
        if (kaal_channel_send(&client.client.channel, &message) == KAAL_OK) {
            taken++;
        }
        nothing_to_take();
    }
    assert_int_equal(taken, 2 * CAPACITY);
    assert_false(server.server.channel.broken);
}

static void test_server_sleeps_while_its_client_reads_no_replies(void **state)
{
    (void)state;
    struct kaal_call_header header = {.client = 1, .server = 0, .status = KAAL_CALL_REQUEST};
    struct quiz_message message = {.header = header};
    nothing_to_take();
    assert_true(kaal_server_prepare_sleep(&server.server));
    rig.rings_b = 0;
    (void)ask(1); /* a request wakes it */
    assert_int_equal(rig.rings_b, 1);
    answer(take(1), 1);
    /* Requests to another instance, until neither the refusals nor the requests have room. */
    while (kaal_channel_send(&client.client.channel, &message) == KAAL_OK) {
        nothing_to_take();
    }
    assert_true(kaal_server_prepare_sleep(&server.server));
    rig.rings_b = 0;
    struct kaal_completion completion;
    assert_int_equal(quiz_collect(&client, &completion), KAAL_OK); /* room wakes it, too */
    assert_int_equal(rig.rings_b, 1);
    assert_false(kaal_server_prepare_sleep(&server.server));
}

static void test_server_with_all_handed_out_waits_for_nobody(void **state)
{
    (void)state;
    uint32_t taken[IN_FLIGHT];
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        (void)ask(i);
        taken[i] = take(i);
    }
    assert_true(kaal_server_prepare_sleep(&server.server));
    answer(taken[0], 0);
    expect_completion(taken[0], KAAL_OK, 0);
    (void)ask(9);
    assert_false(kaal_server_prepare_sleep(&server.server));
}

static void test_open_refuses_other_messages(void **state)
{
    (void)state;
    struct kaal_resource bad = rig.a;
    bad.channel.message_bytes = quiz_MESSAGE_BYTES - 8;
    assert_int_equal(quiz_client_open(&client, &bad), KAAL_ERR_INVALID);
    assert_int_equal(quiz_server_open(&server, &bad), KAAL_ERR_INVALID);
    assert_int_equal(quiz_client_open(&client, NULL), KAAL_ERR_NOT_FOUND);
    assert_int_equal(quiz_server_open(&server, NULL), KAAL_ERR_NOT_FOUND);
}

/* Random calls, answers, cancels and restarts of both ends: each call completes exactly once, and
 * what completes with KAAL_OK was answered with its own number. */
static void test_random_histories_complete_each_call_once(void **state)
{
    (void)state;
    static uint64_t number_of[IN_FLIGHT]; /* by place of the tag; 0: not in flight */
    uint32_t handed[IN_FLIGHT];
    uint64_t handed_number[IN_FLIGHT];
    unsigned handed_count = 0;
    unsigned restarts = 0;
    srand(20261128);
    memset(number_of, 0, sizeof(number_of));
    for (uint64_t step = 1; step < 60000; step++) {
        struct kaal_completion completion;
        struct question question = {.number = step};
        uint32_t tag;
        int error;
        switch (rand() % 16) {
        case 0:
        case 1:
        case 2:
        case 3:
            error = quiz_submit(&client, &question, KAAL_NO_DEADLINE, &tag);
            if (error == KAAL_OK) {
                assert_int_equal(number_of[tag % KAAL_CALLS_MAX], 0);
                number_of[tag % KAAL_CALLS_MAX] = step;
            }
            break;
        case 4:
        case 5:
        case 6:
        case 7:
            error = quiz_collect(&client, &completion);
            if (error == KAAL_OK) {
                uint64_t *number = &number_of[completion.tag % KAAL_CALLS_MAX];
                assert_int_not_equal(*number, 0);
                if (completion.status == KAAL_OK) {
                    const struct answer *reply = completion.reply;
                    assert_int_equal(reply->number, *number);
                }
                *number = 0;
            } else if (error == KAAL_ERR_PEER) {
                for (unsigned i = 0; i < IN_FLIGHT; i++) {
                    assert_int_equal(number_of[i], 0);
                }
                assert_int_equal(kaal_client_reconnect(&client.client), KAAL_OK);
            }
            break;
        case 8:
        case 9:
        case 10:
            error = handed_count < IN_FLIGHT ? quiz_next(&server, &tag, &question) : KAAL_ERR_EMPTY;
            if (error == KAAL_OK) {
                handed[handed_count] = tag;
                handed_number[handed_count++] = question.number;
            } else if (error == KAAL_ERR_PEER) {
                handed_count = 0;
                assert_int_equal(kaal_server_reconnect(&server.server), KAAL_OK);
            }
            break;
        case 11:
        case 12:
        case 13:
            if (handed_count > 0) {
                unsigned which = (unsigned)rand() % handed_count;
                struct answer reply = {.number = handed_number[which]};
                error = quiz_reply(&server, handed[which], KAAL_OK, &reply);
                assert_int_equal(error, KAAL_OK);
                handed[which] = handed[--handed_count];
                handed_number[which] = handed_number[handed_count];
            }
            break;
        case 14:
            tag = (uint32_t)rand() % IN_FLIGHT;
            (void)kaal_client_cancel(&client.client, client.client.calls[tag].tag);
            break;
        default:
            if (rand() % 20 == 0) {
                restarts++;
                if (rand() % 2 == 0) {
                    rig_replace_b();
                    open_server();
                    handed_count = 0;
                } else {
                    rig_replace_a();
                    open_client();
                    memset(number_of, 0, sizeof(number_of));
                }
            }
            break;
        }
        assert_false(client.client.channel.broken);
        assert_false(server.server.channel.broken);
    }
    assert_true(restarts > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_replies_come_in_any_order),
        TEST(test_a_quiet_client_wakes_the_server_once_for_a_batch),
        TEST(test_server_errors_reach_the_client),
        TEST(test_limit_of_calls_in_flight),
        TEST(test_call_waits_for_its_reply),
        TEST(test_call_waits_for_a_place),
        TEST(test_call_does_not_wait_for_what_nobody_collects),
        TEST(test_deadline_ends_a_call_and_its_late_reply_is_dropped),
        TEST(test_cancel_reaches_the_server),
        TEST(test_dead_server_ends_every_call),
        TEST(test_request_to_the_predecessor_is_refused_by_the_new_server),
        TEST(test_blocked_call_on_a_dying_server_ends),
        TEST(test_abandoned_calls_are_released_by_the_servers_death),
        TEST(test_new_client_sees_nothing_of_its_predecessor),
        TEST(test_reply_to_no_call_breaks_the_channel),
        TEST(test_second_reply_breaks_the_channel),
        TEST(test_tag_in_use_breaks_the_servers_channel),
        TEST(test_flood_of_requests_is_bounded_by_the_replies_room),
        TEST(test_server_sleeps_while_its_client_reads_no_replies),
        TEST(test_server_with_all_handed_out_waits_for_nobody),
        TEST(test_open_refuses_other_messages),
        TEST(test_random_histories_complete_each_call_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
