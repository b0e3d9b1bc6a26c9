/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels between threads of the real kernel core: bound notifications, badged doorbells, and
 * preemption by priority decide who runs when, as on a machine.
 */
#include <string.h>

#include <kaal/broker.h>
#include <kaal/channel.h>

#include "harness.h"

#define CAPACITY 8u
#define MESSAGES 500u

/* One end as init would set it up: notification, doorbell of the peer, region. */
struct end {
    seL4_CPtr notification;
    struct kaal_resource resource;
    struct kaal_channel channel;
    unsigned wakes;
};

static _Alignas(4096) unsigned char regions[4][4096];
static uint64_t received[2][MESSAGES];
static unsigned received_count[2];
static unsigned burst;

int kaal_timer_arm(uint64_t deadline_ns)
{
    (void)deadline_ns;
    return KAAL_ERR_NO_SPACE;
}

static struct kaal_resource describe(unsigned own, unsigned peer, seL4_CPtr doorbell)
{
    return (struct kaal_resource){.kind = KAAL_RESOURCE_CHANNEL,
                                  .channel = {.own_vaddr = (uint64_t)regions[own],
                                              .peer_vaddr = (uint64_t)regions[peer],
                                              .region_bytes = sizeof(regions[0]),
                                              .message_bytes = sizeof(uint64_t),
                                              .capacity = CAPACITY,
                                              .doorbell = doorbell,
                                              .generation = 1,
                                              .peer_state = KAAL_PEER_RUNNING}};
}

/* Connects two ends over regions first and first + 1; bit: what each end's doorbell sets. */
static void connect(struct end *a, struct end *b, unsigned first, unsigned bit)
{
    memset(regions[first], 0, sizeof(regions[0]) * 2);
    seL4_CPtr to_a = harness_mint(a->notification, seL4_CanWrite, UINT64_C(1) << bit);
    seL4_CPtr to_b = harness_mint(b->notification, seL4_CanWrite, UINT64_C(1) << bit);
    a->resource = describe(first, first + 1, to_b);
    b->resource = describe(first + 1, first, to_a);
    assert_int_equal(kaal_channel_open(&a->channel, &a->resource), KAAL_OK);
    assert_int_equal(kaal_channel_open(&b->channel, &b->resource), KAAL_OK);
}

static struct end make_end(void)
{
    return (struct end){.notification = harness_object(seL4_NotificationObject, 0)};
}

static void bind(const struct harness_thread *thread, const struct end *end)
{
    assert_ok(seL4_TCB_BindNotification(thread->tcb, end->notification));
}

static seL4_Word sleep_on(struct end *end)
{
    seL4_Word badge = 0;
    seL4_Wait(end->notification, &badge);
    end->wakes++;
    return badge;
}

static void receiver(seL4_Word end_address, seL4_Word stream, seL4_Word c, seL4_Word d)
{
    struct end *end = (struct end *)end_address;
    (void)c;
    (void)d;
    for (;;) {
        uint64_t number;
        while (kaal_channel_try_recv(&end->channel, &number) == KAAL_OK) {
            received[stream][received_count[stream]++] = number;
        }
        if (kaal_channel_prepare_receive(&end->channel)) {
            sleep_on(end);
        }
    }
}

static void sender(seL4_Word end_address, seL4_Word count, seL4_Word c, seL4_Word d)
{
    struct end *end = (struct end *)end_address;
    (void)c;
    (void)d;
    for (uint64_t i = 0; i < count;) {
        int error = kaal_channel_send(&end->channel, &i);
        if (error == KAAL_OK) {
            i++;
        } else if (kaal_channel_prepare_send(&end->channel, burst)) {
            sleep_on(end);
        }
    }
    harness_log('s');
    sleep_on(end); /* nobody signals: ends here */
}

static void check_received(unsigned stream, unsigned count)
{
    assert_int_equal(received_count[stream], count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(received[stream][i], i);
    }
    received_count[stream] = 0;
}

static struct end a;
static struct end b;

static void run_pair(seL4_Word sender_priority, seL4_Word receiver_priority)
{
    struct harness_thread at = harness_thread(sender_priority);
    struct harness_thread bt = harness_thread(receiver_priority);
    a = make_end();
    b = make_end();
    connect(&a, &b, 0, 5);
    bind(&at, &a);
    bind(&bt, &b);
    harness_start(&bt, receiver, (seL4_Word)&b, 0);
    harness_start(&at, sender, (seL4_Word)&a, MESSAGES);
    harness_set_own_priority(1);
    harness_let_run();
    assert_string_equal(harness_log_text(), "s");
    check_received(0, MESSAGES);
}

static void test_receiver_above_sender_sleeps_between_messages(void)
{
    burst = 1;
    run_pair(50, 100);
    /* One ring and one wake-up per message, none for room. */
    assert_in_range(a.channel.doorbells, MESSAGES, MESSAGES + 2);
    assert_in_range(b.wakes, MESSAGES, MESSAGES + 2);
    assert_in_range(b.channel.doorbells, 0, 2);
}

static void test_receiver_below_sender_is_woken_once_per_burst(void)
{
    burst = CAPACITY;
    run_pair(100, 50);
    /* The sender fills the ring, sleeps, and is woken when all of it is free; the receiver always
     * finds more and never sleeps before the end. */
    assert_in_range(a.channel.doorbells, 0, 3);
    assert_in_range(b.channel.doorbells, MESSAGES / CAPACITY, MESSAGES / CAPACITY + 3);
}

static struct end x;
static struct end y;
static struct end from_x;
static struct end from_y;

static void fan_in(seL4_Word argument, seL4_Word unused, seL4_Word c, seL4_Word d)
{
    (void)argument;
    (void)unused;
    (void)c;
    (void)d;
    struct end *ends[2] = {&from_x, &from_y};
    seL4_Word bits = 3;
    for (;;) {
        for (unsigned i = 0; i < 2; i++) {
            uint64_t number;
            while (((bits >> i) & 1) != 0 &&
                   kaal_channel_try_recv(&ends[i]->channel, &number) == KAAL_OK) {
                received[i][received_count[i]++] = number;
            }
        }
        bool idle = kaal_channel_prepare_receive(&from_x.channel);
        bits = idle ? 0 : 1;
        if (!kaal_channel_prepare_receive(&from_y.channel)) {
            bits |= 2;
        }
        if (bits == 0) {
            bits = sleep_on(&from_x);
        }
    }
}

static void test_two_producers_fan_in_by_their_badge_bits(void)
{
    struct harness_thread xt = harness_thread(60);
    struct harness_thread yt = harness_thread(60);
    struct harness_thread collector = harness_thread(40);
    burst = 3;
    x = make_end();
    y = make_end();
    from_x = make_end();
    from_y = from_x; /* the same notification */
    connect(&x, &from_x, 0, 0);
    connect(&y, &from_y, 2, 1);
    bind(&xt, &x);
    bind(&yt, &y);
    bind(&collector, &from_x);
    harness_start(&collector, fan_in, 0, 0);
    harness_start(&xt, sender, (seL4_Word)&x, MESSAGES);
    harness_start(&yt, sender, (seL4_Word)&y, MESSAGES / 2);
    harness_set_own_priority(1);
    harness_let_run();
    assert_string_equal(harness_log_text(), "ss");
    check_received(0, MESSAGES);
    check_received(1, MESSAGES / 2);
}

static void test_doorbell_can_ring_but_not_listen(void)
{
    struct harness_thread listener = harness_thread(60);
    a = make_end();
    b = make_end();
    connect(&a, &b, 0, 5);
    seL4_Word badge = 0;
    (void)seL4_Poll(b.notification, &badge);
    assert_int_equal(badge, 1 << 5); /* rung by open */
    assert_error(seL4_TCB_BindNotification(listener.tcb, a.channel.doorbell),
                 seL4_IllegalOperation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_receiver_above_sender_sleeps_between_messages),
        HARNESS_TEST(test_receiver_below_sender_is_woken_once_per_burst),
        HARNESS_TEST(test_two_producers_fan_in_by_their_badge_bits),
        HARNESS_TEST(test_doorbell_can_ring_but_not_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
