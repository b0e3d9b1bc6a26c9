/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels: order, limits, wrap-around, wake-ups, restart of either end, and a peer that lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/channel.h>

#include "rig.h"

#define CAPACITY 8u

struct item {
    uint32_t number;
    uint8_t text[12];
};
KAAL_CHANNEL(item_channel, struct item, CAPACITY);

static struct item_channel a;
static struct item_channel b;

static void open_both(void)
{
    assert_int_equal(item_channel_open(&a, &rig.a), KAAL_OK);
    assert_int_equal(item_channel_open(&b, &rig.b), KAAL_OK);
    rig.rings_a = 0;
    rig.rings_b = 0;
    rig.notification_a = 0;
}

static int set_up(void **state)
{
    (void)state;
    rig_make(sizeof(struct item), CAPACITY);
    open_both();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free();
    return 0;
}

static int send(struct item_channel *from, uint32_t number)
{
    struct item item = {.number = number, .text = "message"};
    return item_channel_send(from, &item);
}

static void expect(struct item_channel *at, uint32_t number)
{
    struct item item = {0};
    assert_int_equal(item_channel_try_recv(at, &item), KAAL_OK);
    assert_int_equal(item.number, number);
    assert_string_equal((const char *)item.text, "message");
}

static void test_messages_arrive_in_order(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
    }
    for (uint32_t i = 0; i < 5; i++) {
        expect(&b, i);
    }
}

static void test_full_channel_refuses_and_keeps_what_it_has(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CAPACITY; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
    }
    assert_int_equal(send(&a, 99), KAAL_ERR_FULL);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        expect(&b, i);
    }
    assert_int_equal(send(&a, 100), KAAL_OK);
    expect(&b, 100);
}

static void test_empty_channel_says_so(void **state)
{
    (void)state;
    struct item item;
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_ERR_EMPTY);
    assert_int_equal(send(&a, 1), KAAL_OK);
    expect(&b, 1);
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_ERR_EMPTY);
}

static void test_length_and_room_are_exact(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= CAPACITY; i++) {
        assert_int_equal(item_channel_count(&b), i);
        assert_int_equal(item_channel_room(&a), CAPACITY - i);
        assert_int_equal(send(&a, i), i < CAPACITY ? KAAL_OK : KAAL_ERR_FULL);
    }
}

static void test_ring_wraps_many_times(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
        assert_int_equal(send(&a, i + 5000), KAAL_OK);
        expect(&b, i);
        expect(&b, i + 5000);
    }
}

static void test_indices_wrap_past_two_to_the_32(void **state)
{
    (void)state;
    rig.region_a->produced = UINT32_MAX - 2;
    rig.region_b->consumed = UINT32_MAX - 2;
    open_both();
    for (uint32_t i = 0; i < CAPACITY; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
    }
    assert_int_equal(send(&a, 9), KAAL_ERR_FULL);
    assert_int_equal(item_channel_count(&b), CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++) {
        expect(&b, i);
    }
    rig.rings_b = 0;
    assert_true(kaal_channel_prepare_receive(&b.channel));
    assert_int_equal(send(&a, 7), KAAL_OK);
    assert_int_equal(rig.rings_b, 1);
}

static void test_ends_and_directions_are_separate(void **state)
{
    (void)state;
    struct item item;
    assert_int_equal(send(&a, 1), KAAL_OK);
    assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_EMPTY);
    assert_int_equal(send(&b, 2), KAAL_OK);
    expect(&a, 2);
    expect(&b, 1);
    assert_ptr_not_equal(a.channel.own, b.channel.own);
    assert_int_equal(item_channel_room(&a), CAPACITY);
    assert_int_equal(item_channel_room(&b), CAPACITY);
}

static void test_in_place_batches_stop_at_the_end_of_the_ring(void **state)
{
    (void)state;
    uint32_t count;
    assert_non_null(kaal_channel_reserve(&a.channel, &count));
    assert_int_equal(count, CAPACITY);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
        expect(&b, i);
    }
    struct item *slots = item_channel_reserve(&a, 2);
    assert_non_null(slots);
    assert_null(item_channel_reserve(&a, 3)); /* only two slots before the end */
    slots[0] = (struct item){.number = 50, .text = "message"};
    slots[1] = (struct item){.number = 51, .text = "message"};
    assert_int_equal(item_channel_count(&b), 0); /* nothing before the commit */
    item_channel_commit(&a, 2);
    assert_int_equal(item_channel_count(&b), 2);
    const struct item *got = item_channel_peek(&b, 2);
    assert_non_null(got);
    assert_int_equal(got[1].number, 51);
    item_channel_consume(&b, 2);
    assert_int_equal(item_channel_count(&b), 0);
    assert_null(item_channel_peek(&b, 1));
}

static void test_one_ring_per_sleep_however_long_the_burst(void **state)
{
    (void)state;
    for (int sleep = 1; sleep <= 3; sleep++) {
        assert_true(kaal_channel_prepare_receive(&b.channel));
        for (uint32_t i = 0; i < CAPACITY; i++) {
            assert_int_equal(send(&a, i), KAAL_OK);
        }
        assert_int_equal(rig.rings_b, sleep);
        for (uint32_t i = 0; i < CAPACITY; i++) {
            expect(&b, i);
        }
    }
}

static void test_nobody_rings_for_an_awake_peer(void **state)
{
    (void)state;
    assert_true(kaal_channel_prepare_receive(&b.channel));
    assert_int_equal(send(&a, 0), KAAL_OK);
    expect(&b, 0);
    rig.rings_a = rig.rings_b = 0;
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
        expect(&b, i);
    }
    assert_int_equal(rig.rings_a, 0);
    assert_int_equal(rig.rings_b, 0);
}

static void test_sleeper_looks_again_after_asking(void **state)
{
    (void)state;
    /* The message came between "empty" and "wake me": nobody would ring for it any more. */
    uint32_t count;
    struct item *slot = kaal_channel_reserve(&a.channel, &count);
    *slot = (struct item){.number = 1, .text = "message"};
    item_channel_commit(&a, 1);
    item_channel_notify(&a);
    assert_false(kaal_channel_prepare_receive(&b.channel));
    /* The same for room. */
    while (send(&a, 2) == KAAL_OK) {
    }
    expect(&b, 1);
    assert_false(kaal_channel_prepare_send(&a.channel, 1));
    assert_true(kaal_channel_prepare_send(&a.channel, 2));
}

static void test_batches_ring_once_at_notify(void **state)
{
    (void)state;
    assert_true(kaal_channel_prepare_receive(&b.channel));
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t count;
        assert_non_null(kaal_channel_reserve(&a.channel, &count));
        item_channel_commit(&a, 1);
    }
    assert_int_equal(rig.rings_b, 0);
    item_channel_notify(&a);
    item_channel_notify(&a);
    assert_int_equal(rig.rings_b, 1);
}

static void test_room_wakes_only_when_enough(void **state)
{
    (void)state;
    while (send(&a, 0) == KAAL_OK) {
    }
    assert_true(kaal_channel_prepare_send(&a.channel, 3));
    struct item item;
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_OK);
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_OK);
    assert_int_equal(rig.rings_a, 0);
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_OK);
    assert_int_equal(rig.rings_a, 1);
    assert_int_equal(item_channel_room(&a), 3);
}

static void test_lying_producer_breaks_only_the_channel(void **state)
{
    (void)state;
    struct item item;
    static const uint32_t lies[] = {CAPACITY + 1, 0x7fffffff, 0x80000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        rig.region_b->produced = lies[i];
        assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_PEER);
        assert_int_equal(item_channel_count(&a), KAAL_ERR_PEER);
        assert_null(item_channel_peek(&a, 1));
        assert_true(kaal_channel_prepare_receive(&a.channel)); /* never spin for a liar */
        assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_ERR_PEER);
        /* Telling the truth again is not enough: the channel stays broken until reconnected. */
        rig.region_b->produced = 0;
        assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_PEER);
        assert_int_equal(send(&a, 1), KAAL_ERR_PEER);
        assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_OK);
        assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_EMPTY);
    }
}

static void test_lying_consumer_breaks_only_the_channel(void **state)
{
    (void)state;
    static const uint32_t lies[] = {1, 5, 0x80000000, UINT32_MAX - CAPACITY};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        rig.region_b->consumed = lies[i];
        assert_int_equal(item_channel_room(&a), KAAL_ERR_PEER);
        assert_int_equal(send(&a, 1), KAAL_ERR_PEER);
        assert_null(item_channel_reserve(&a, 1));
        assert_true(kaal_channel_prepare_send(&a.channel, 1));
        rig.region_b->consumed = 0;
        assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_OK);
    }
    assert_int_equal(send(&a, 1), KAAL_OK);
    expect(&b, 1);
}

static void test_lying_events_cost_at_most_one_ring_per_message(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 64; i++) {
        rig.region_b->wake_data = (uint32_t)rand();
        rig.region_b->wake_room = (uint32_t)rand();
        rig.rings_b = 0;
        assert_int_equal(send(&a, i), KAAL_OK);
        assert_true(rig.rings_b <= 1);
        rig.region_b->consumed++;
    }
}

/* Whatever stands in the peer's shared words and whenever it changes, every slot handed out is ours
 * to touch, and an honest successor finds a working channel. */
static void test_random_lies_never_harm(void **state)
{
    (void)state;
    srand(4711);
    for (uint32_t step = 0; step < 20000; step++) {
        if (rand() % 4 == 0) {
            uint32_t lie = (uint32_t)rand() >> (rand() % 32);
            switch (rand() % 4) {
            case 0:
                rig.region_b->produced = kaal_channel_consumed(&a.channel) + lie;
                break;
            case 1:
                rig.region_b->consumed = kaal_channel_produced(&a.channel) - lie;
                break;
            case 2:
                rig.region_b->wake_data = lie;
                break;
            default:
                rig.region_b->wake_room = lie;
                break;
            }
        }
        uint32_t count;
        struct item item = {.number = step};
        int error;
        unsigned rings = rig.rings_b;
        switch (rand() % 4) {
        case 0:
            error = item_channel_send(&a, &item);
            assert_true(error == KAAL_OK || error == KAAL_ERR_FULL || error == KAAL_ERR_PEER);
            break;
        case 1:
            error = item_channel_try_recv(&a, &item);
            assert_true(error == KAAL_OK || error == KAAL_ERR_EMPTY || error == KAAL_ERR_PEER);
            break;
        case 2: {
            struct item *slots = kaal_channel_reserve(&a.channel, &count);
            assert_true(count <= CAPACITY && (slots != NULL) == (count != 0));
            if (count != 0) {
                memset(slots, 0x5a, count * sizeof(*slots));
                assert_true((unsigned char *)(slots + count) <=
                            rig.region_a->messages + CAPACITY * sizeof(*slots));
                item_channel_commit(&a, count);
            }
            break;
        }
        default: {
            const struct item *slots = kaal_channel_peek(&a.channel, &count);
            assert_true(count <= CAPACITY && (slots != NULL) == (count != 0));
            if (count != 0) {
                item = slots[count - 1];
                item_channel_consume(&a, count);
            }
            break;
        }
        }
        item_channel_notify(&a);
        assert_true(rig.rings_b - rings <= 2);
        if (rand() % 16 == 0) {
            (void)kaal_channel_reconnect(&a.channel);
        }
    }
    rig_replace_b();
    assert_int_equal(item_channel_open(&b, &rig.b), KAAL_OK);
    assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_OK);
    struct item item;
    while (item_channel_try_recv(&a, &item) == KAAL_OK ||
           item_channel_try_recv(&b, &item) == KAAL_OK) {
    }
    assert_int_equal(send(&a, 1), KAAL_OK);
    expect(&b, 1);
    assert_int_equal(send(&b, 2), KAAL_OK);
    expect(&a, 2);
}

static void test_new_instance_continues_in_its_own_region(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(send(&a, i), KAAL_OK);
        assert_int_equal(send(&b, 10 + i), KAAL_OK);
    }
    expect(&b, 0);
    memset(&b, 0xee, sizeof(b)); /* B dies with two messages to read and three unread by A */
    assert_int_equal(item_channel_open(&b, &rig.b), KAAL_OK);
    expect(&b, 1);
    expect(&b, 2);
    assert_int_equal(item_channel_count(&b), 0);
    for (uint32_t i = 0; i < 3; i++) {
        expect(&a, 10 + i);
    }
}

static void test_new_instance_rings_for_what_its_predecessor_published(void **state)
{
    (void)state;
    assert_true(kaal_channel_prepare_receive(&a.channel));
    uint32_t count;
    assert_non_null(kaal_channel_reserve(&b.channel, &count));
    item_channel_commit(&b, 1); /* dies before notify */
    assert_int_equal(rig.rings_a, 0);
    assert_int_equal(item_channel_open(&b, &rig.b), KAAL_OK);
    assert_int_equal(rig.rings_a, 1);
    assert_int_equal(item_channel_count(&a), 1);
}

static void test_new_instance_mends_impossible_indices_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(send(&a, 1), KAAL_OK);
    rig.region_b->produced = 1234567;
    rig.region_b->consumed = 7654321;
    struct item item;
    assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_PEER);
    rig_replace_b();
    assert_int_equal(item_channel_open(&b, &rig.b), KAAL_OK);
    assert_true(kaal_channel_peer_changed(&a.channel));
    assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_OK);
    assert_false(kaal_channel_peer_changed(&a.channel));
    assert_int_equal(send(&b, 5), KAAL_OK);
    expect(&a, 5);
    assert_int_equal(send(&a, 6), KAAL_OK);
    expect(&b, 6);
}

static void send_from_b(struct rig *r)
{
    (void)r;
    assert_int_equal(send(&b, 77), KAAL_OK);
}

static void test_blocking_receive_sleeps_until_a_message_comes(void **state)
{
    (void)state;
    struct item item;
    rig.while_blocked = send_from_b;
    assert_int_equal(item_channel_recv_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(item.number, 77);
    assert_int_equal(rig.waits, 1);
}

static void receive_at_b(struct rig *r)
{
    (void)r;
    struct item item;
    assert_int_equal(item_channel_try_recv(&b, &item), KAAL_OK);
}

static void test_blocking_send_sleeps_until_there_is_room(void **state)
{
    (void)state;
    struct item item = {.number = 8, .text = "message"};
    while (send(&a, 0) == KAAL_OK) {
    }
    rig.while_blocked = receive_at_b;
    assert_int_equal(item_channel_send_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(rig.waits, 1);
    assert_int_equal(item_channel_count(&b), CAPACITY);
}

static void test_deadline_ends_a_blocking_receive(void **state)
{
    (void)state;
    struct item item;
    assert_int_equal(item_channel_recv_blocking(&a, &item, 5000), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.now_ns, 5000);
    assert_int_equal(rig.timer_arms, 1);
    /* A deadline in the past does not block at all. */
    unsigned waits = rig.waits;
    assert_int_equal(item_channel_recv_blocking(&a, &item, 4000), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.waits, waits);
}

static void replace_b(struct rig *r)
{
    (void)r;
    rig_replace_b();
}

static void test_blocking_receive_reports_a_replaced_peer(void **state)
{
    (void)state;
    struct item item;
    rig.while_blocked = replace_b;
    assert_int_equal(item_channel_recv_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_ERR_PEER);
    assert_int_equal(kaal_channel_reconnect(&a.channel), KAAL_OK);
    assert_int_equal(item_channel_try_recv(&a, &item), KAAL_ERR_EMPTY);
    assert_true(kaal_channel_peer_alive(&a.channel));
}

static void send_and_bury_b(struct rig *r)
{
    if (rig.a.channel.peer_state == KAAL_PEER_RUNNING) {
        send_from_b(r);
        rig_bury_b();
    }
}

static void test_blocking_receive_from_a_peer_gone_for_ever_ends_at_once(void **state)
{
    (void)state;
    struct item item;
    rig.while_blocked = send_and_bury_b;
    assert_int_equal(item_channel_recv_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(item.number, 77); /* what it sent last is not lost */
    assert_int_equal(item_channel_recv_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_ERR_PEER);
    assert_int_equal(item_channel_recv_blocking(&a, &item, 5000), KAAL_ERR_PEER);
    assert_int_equal(rig.waits, 1);
    assert_int_equal(rig.now_ns, 0);
    assert_true(kaal_channel_peer_gone(&a.channel) && !kaal_channel_peer_alive(&a.channel));
}

static void bury_b(struct rig *r)
{
    (void)r;
    rig_bury_b();
}

static void test_blocking_send_to_a_peer_gone_for_ever_ends_when_full(void **state)
{
    (void)state;
    struct item item = {.number = 8, .text = "message"};
    while (send(&a, 0) == KAAL_OK) {
    }
    rig.while_blocked = bury_b;
    assert_int_equal(item_channel_send_blocking(&a, &item, KAAL_NO_DEADLINE), KAAL_ERR_PEER);
    assert_int_equal(rig.waits, 1);
}

static void test_dead_peer_that_will_be_started_again_is_waited_for(void **state)
{
    (void)state;
    struct item item;
    rig_kill_b();
    assert_false(kaal_channel_peer_gone(&a.channel));
    assert_int_equal(item_channel_recv_blocking(&a, &item, 5000), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.now_ns, 5000);
}

static void test_open_refuses_what_is_no_channel(void **state)
{
    (void)state;
    struct kaal_channel channel;
    struct kaal_resource bad;
    assert_int_equal(kaal_channel_open(&channel, NULL), KAAL_ERR_NOT_FOUND);
#define REFUSED(change) \
    bad = rig.a;        \
    bad.change;         \
    assert_int_equal(kaal_channel_open(&channel, &bad), KAAL_ERR_INVALID)
    REFUSED(kind = KAAL_RESOURCE_DMA);
    REFUSED(channel.capacity = 0);
    REFUSED(channel.capacity = 6);
    REFUSED(channel.capacity = 1);
    REFUSED(channel.capacity = 131072);
    REFUSED(channel.message_bytes = 0);
    REFUSED(channel.message_bytes = 5000);
    REFUSED(channel.region_bytes = KAAL_CHANNEL_HEADER_BYTES);
    REFUSED(channel.own_vaddr = 0);
    REFUSED(channel.peer_vaddr = 0);
    REFUSED(channel.doorbell = 0);
#undef REFUSED
    /* The typed form also refuses another message size or capacity. */
    bad = rig.a;
    bad.channel.message_bytes = 8;
    assert_int_equal(item_channel_open(&a, &bad), KAAL_ERR_INVALID);
    bad = rig.a;
    bad.channel.capacity = CAPACITY / 2;
    assert_int_equal(item_channel_open(&a, &bad), KAAL_ERR_INVALID);
}

/* Random operations at both ends against a plain queue; restarts of either end in between. */
static void test_random_operations_match_a_queue(void **state)
{
    (void)state;
    static uint32_t sent[2][100000];
    uint32_t produced[2] = {0, 0};
    uint32_t consumed[2] = {0, 0};
    struct item_channel *ends[2] = {&a, &b};
    unsigned seed = 20261122;
    srand(seed);
    for (uint32_t step = 0; step < 50000; step++) {
        unsigned end = (unsigned)rand() & 1;
        uint32_t in_ring = produced[end] - consumed[end];
        switch (rand() % 8) {
        case 0:
        case 1:
        case 2: {
            int error = send(ends[end], step);
            assert_int_equal(error, in_ring == CAPACITY ? KAAL_ERR_FULL : KAAL_OK);
            if (error == KAAL_OK) {
                sent[end][produced[end]++] = step;
            }
            break;
        }
        case 3:
        case 4:
        case 5: {
            struct item item;
            int error = item_channel_try_recv(ends[1 - end], &item);
            assert_int_equal(error, in_ring == 0 ? KAAL_ERR_EMPTY : KAAL_OK);
            if (error == KAAL_OK) {
                assert_int_equal(item.number, sent[end][consumed[end]++]);
            }
            break;
        }
        case 6: /* asleep and rung, or nothing to sleep for */
            if (kaal_channel_prepare_receive(&ends[1 - end]->channel)) {
                assert_int_equal(in_ring, 0);
                unsigned before = end == 0 ? rig.rings_b : rig.rings_a;
                assert_int_equal(send(ends[end], step), KAAL_OK);
                sent[end][produced[end]++] = step;
                assert_int_equal(end == 0 ? rig.rings_b : rig.rings_a, before + 1);
            }
            break;
        default:
            assert_int_equal(item_channel_open(ends[end], end == 0 ? &rig.a : &rig.b), KAAL_OK);
            break;
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_messages_arrive_in_order),
        TEST(test_full_channel_refuses_and_keeps_what_it_has),
        TEST(test_empty_channel_says_so),
        TEST(test_length_and_room_are_exact),
        TEST(test_ring_wraps_many_times),
        TEST(test_indices_wrap_past_two_to_the_32),
        TEST(test_ends_and_directions_are_separate),
        TEST(test_in_place_batches_stop_at_the_end_of_the_ring),
        TEST(test_one_ring_per_sleep_however_long_the_burst),
        TEST(test_nobody_rings_for_an_awake_peer),
        TEST(test_sleeper_looks_again_after_asking),
        TEST(test_batches_ring_once_at_notify),
        TEST(test_room_wakes_only_when_enough),
        TEST(test_lying_producer_breaks_only_the_channel),
        TEST(test_lying_consumer_breaks_only_the_channel),
        TEST(test_lying_events_cost_at_most_one_ring_per_message),
        TEST(test_random_lies_never_harm),
        TEST(test_new_instance_continues_in_its_own_region),
        TEST(test_new_instance_rings_for_what_its_predecessor_published),
        TEST(test_new_instance_mends_impossible_indices_of_its_own),
        TEST(test_blocking_receive_sleeps_until_a_message_comes),
        TEST(test_blocking_send_sleeps_until_there_is_room),
        TEST(test_deadline_ends_a_blocking_receive),
        TEST(test_blocking_receive_reports_a_replaced_peer),
        TEST(test_blocking_receive_from_a_peer_gone_for_ever_ends_at_once),
        TEST(test_blocking_send_to_a_peer_gone_for_ever_ends_when_full),
        TEST(test_dead_peer_that_will_be_started_again_is_waited_for),
        TEST(test_open_refuses_what_is_no_channel),
        TEST(test_random_operations_match_a_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
