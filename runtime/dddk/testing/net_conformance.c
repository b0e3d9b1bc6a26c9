/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The net class's conformance tests: frames arrive and leave complete, in order and once; buffers
 * come back; over restarts of either end, with clients and devices that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/net_conformance.h>

#define FRAMES       2000u
#define TURNS_MAX    100u
#define RESTARTS     50u
#define SEND_NS      UINT64_C(5000000000) /* docs/classes/net.md: a device has that long to send */
#define ACCESSES_MAX 20000u               /* of one wake-up with a full ring each way */

static const struct net_mock *nic;
static const struct kaal_driver *driver;
static struct net_bench rig;
static uint8_t arrived[FRAMES]; /* how often each came to the client */
static uint64_t now_ns;

/* Each look at the clock takes a microsecond, so that bounded polls end. */
uint64_t kaal_now_ns(void)
{
    return now_ns += 1000;
}

void *net_conformance_memory(uint64_t bus, uint64_t bytes)
{
    return test_bench_memory(&rig.bench, bus, bytes);
}

void net_conformance_scramble(uint64_t seed)
{
    uint8_t *memory = rig.bench.dma;

    for (uint64_t i = 0; i < rig.bench.dma_bytes; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        memory[i] = (uint8_t)(seed >> 56);
    }
}

static uint32_t length_of(uint32_t number)
{
    return 60 + number * 7919u % 1455u;
}

static void make_frame(uint8_t *frame, uint32_t number)
{
    memset(frame, (int)(number & 0xff), length_of(number));
    memcpy(frame, nic->address, KAAL_NET_ADDRESS_BYTES);
    memcpy(frame + 14, &number, sizeof(number));
}

static bool frame_is(const uint8_t *frame, uint32_t bytes, uint32_t number)
{
    uint8_t expected[KAAL_NET_FRAME_MAX];

    make_frame(expected, number);
    return bytes == length_of(number) && memcmp(frame, expected, bytes) == 0;
}

/* Lets the driver work as long as something wakes it. */
static void settle(void)
{
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        uint64_t badges = 1 | (nic->interrupting() ? TEST_BENCH_IRQ_BADGE : 0);
        int result = test_bench_wake(&rig.bench, badges, TURNS_MAX);

        assert_int_equal(result, KAAL_OK);
        if (!nic->interrupting()) {
            return;
        }
    }
    fail_msg("an interrupt without end");
}

static void start(void)
{
    memset(arrived, 0, sizeof(arrived));
    nic->reset();
    net_bench_open(&rig, driver, nic->mock);
    assert_int_equal(test_bench_start(&rig.bench, driver), KAAL_OK);
    settle();
}

/* Takes all that came, each at most once and in order; returns how many. */
static uint32_t take_all(void)
{
    struct kaal_net_frame frame;
    uint32_t count = 0;
    int error;

    net_bench_client(&rig);
    while ((error = kaal_net_receive(&rig.client, &frame)) != KAAL_ERR_EMPTY) {
        uint32_t number = 0;
        bool good;

        if (error == KAAL_ERR_PEER) {
            assert_int_equal(kaal_net_reconnect(&rig.client), KAAL_OK);
            continue;
        }
        memcpy(&number, frame.data + 14, sizeof(number));
        good = number < FRAMES && frame_is(frame.data, frame.bytes, number);
        if (kaal_net_release(&rig.client, &frame) == KAAL_OK) {
            assert_true(good);
            assert_int_equal(arrived[number]++, 0);
            count++;
        }
    }
    (void)kaal_net_prepare_sleep(&rig.client);
    net_bench_driver(&rig);
    return count;
}

static bool send(uint32_t number)
{
    uint32_t index;
    uint8_t *data;
    bool taken = false;

    net_bench_client(&rig);
    if (kaal_net_buffer(&rig.client, &index, &data) == KAAL_OK) {
        make_frame(data, number);
        taken = kaal_net_send(&rig.client, index, length_of(number)) == KAAL_OK;
        if (!taken) {
            kaal_pool_put(&rig.client.pool, index);
        }
    }
    net_bench_driver(&rig);
    return taken;
}

static void test_declaration_is_complete(void **state)
{
    (void)state;
    assert_int_equal(driver->declaration->magic, KAAL_DRIVER_MAGIC);
    assert_int_equal(driver->declaration->device_class, KAAL_CLASS_NET);
    assert_true(driver->declaration->match_count > 0);
}

static void test_link_and_address_are_told(void **state)
{
    (void)state;
    start();
    assert_int_equal(take_all(), 0);
    assert_int_equal(rig.client.link.up, 1);
    assert_memory_equal(rig.client.link.address, nic->address, KAAL_NET_ADDRESS_BYTES);
    nic->link(false);
    settle();
    (void)take_all();
    assert_int_equal(rig.client.link.up, 0);
    nic->link(true);
    settle();
    (void)take_all();
    assert_int_equal(rig.client.link.up, 1);
}

static void test_frames_arrive_complete_in_order_and_once(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    uint32_t came = 0;

    (void)state;
    start();
    for (uint32_t number = 0; number < FRAMES; number++) {
        make_frame(frame, number);
        if (!nic->arrive(frame, length_of(number))) {
            settle();
            came += take_all();
            settle(); /* the buffers are back in the device */
            assert_true(nic->arrive(frame, length_of(number)));
        }
    }
    settle();
    came += take_all();
    assert_int_equal(came, FRAMES);
}

static void test_frames_leave_complete_in_order_and_once(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    uint32_t left = 0;

    (void)state;
    start();
    (void)take_all();
    for (uint32_t number = 0; left < FRAMES;) {
        uint32_t bytes;
        while (number < FRAMES && send(number)) {
            number++;
        }
        settle();
        while ((bytes = nic->sent(frame)) != 0) {
            assert_true(frame_is(frame, bytes, left));
            left++;
        }
        settle();
        (void)take_all();
    }
    assert_int_equal(rig.client.sent, FRAMES);
    assert_int_equal(rig.client.pool.free, NET_BENCH_BUFFERS);
    assert_int_equal(rig.bench.instance.statistics.out_messages, FRAMES);
}

static void test_counters_are_told(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    for (uint32_t number = 0; number < 3; number++) {
        make_frame(frame, number);
        assert_true(nic->arrive(frame, length_of(number)));
        assert_true(send(number));
    }
    settle();
    assert_int_equal(take_all(), 3);
    net_bench_client(&rig);
    assert_int_equal(kaal_net_count(&rig.client), KAAL_OK);
    net_bench_driver(&rig);
    settle();
    (void)take_all();
    assert_int_equal(rig.client.counters[KAAL_NET_FRAMES_IN], 3);
    assert_int_equal(rig.client.counters[KAAL_NET_FRAMES_OUT], 3);
    assert_int_equal(rig.client.counters[KAAL_NET_BYTES_OUT],
                     length_of(0) + length_of(1) + length_of(2));
    assert_int_equal(rig.client.counters[KAAL_NET_BYTES_IN],
                     rig.client.counters[KAAL_NET_BYTES_OUT]);
    assert_int_equal(rig.client.counters[KAAL_NET_REFUSED_OUT], 0);
}

static void test_frames_to_others_are_not_delivered(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    make_frame(frame, 1);
    frame[5] ^= 1;
    (void)nic->arrive(frame, length_of(1));
    settle();
    assert_int_equal(take_all(), 0);
}

/* The mock delivers what the wire brings: this is about the framework's filter. */
static void test_client_with_an_address_gets_its_frames_only(void **state)
{
    static const uint8_t address[] = {2, 0, 0, 0, 0, 9};
    uint8_t frame[KAAL_NET_FRAME_MAX];
    struct kaal_net_frame got;

    (void)state;
    start();
    (void)take_all();
    net_bench_client(&rig);
    assert_int_equal(kaal_net_address(&rig.client, address), KAAL_OK);
    net_bench_driver(&rig);
    settle();
    for (unsigned i = 0; i < 3; i++) { /* to the device, to the client, to all */
        make_frame(frame, i);
        memcpy(frame, i == 1 ? address : nic->address, sizeof(address));
        memset(frame, i == 2 ? 0xff : frame[0], i == 2 ? sizeof(address) : 1);
        assert_true(nic->arrive(frame, length_of(i)));
    }
    settle();
    net_bench_client(&rig);
    for (unsigned i = 1; i < 3; i++) {
        assert_int_equal(kaal_net_receive(&rig.client, &got), KAAL_OK);
        assert_int_equal(got.bytes, length_of(i));
        assert_int_equal(kaal_net_release(&rig.client, &got), KAAL_OK);
    }
    assert_int_equal(kaal_net_receive(&rig.client, &got), KAAL_ERR_EMPTY);
    net_bench_driver(&rig);
}

static void test_client_that_keeps_its_frames_gets_no_more(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    uint32_t number = 0;

    (void)state;
    start();
    for (unsigned round = 0; round < 10; round++) {
        make_frame(frame, number);
        while (nic->arrive(frame, length_of(number))) {
            make_frame(frame, ++number);
        }
        settle();
    }
    assert_int_equal(number, NET_BENCH_BUFFERS);
    assert_int_equal(take_all(), NET_BENCH_BUFFERS);
    settle();
    assert_true(nic->arrive(frame, length_of(number)));
}

static void test_no_frame_comes_twice_over_restarts(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    uint32_t number = 0;

    (void)state;
    start();
    for (unsigned restart = 0; restart < RESTARTS; restart++) {
        for (unsigned i = 0; i < 5 + restart % 7; i++) {
            make_frame(frame, number);
            number += nic->arrive(frame, length_of(number));
            (void)send(number);
        }
        if (restart % 3 != 0) {
            (void)test_bench_wake(&rig.bench, 1, 1 + restart % 2);
        }
        if (restart % 4 == 0) {
            (void)take_all(); /* before the death, else after it */
        }
        assert_int_equal(net_bench_restart(&rig, driver), KAAL_OK);
        settle();
        (void)take_all();
        settle();
    }
    (void)take_all();
    while (nic->sent(frame) != 0) {
    }
    settle();
    (void)take_all();
    assert_int_equal(rig.client.pool.free, NET_BENCH_BUFFERS);
    assert_int_equal(rig.client.loans.held, 0);
}

/* The next instance's device may write where the client still reads. */
static void test_frame_held_over_a_restart_does_not_count(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    struct kaal_net_frame held;

    (void)state;
    start();
    (void)take_all();
    make_frame(frame, 1);
    assert_true(nic->arrive(frame, length_of(1)));
    settle();
    net_bench_client(&rig);
    assert_int_equal(kaal_net_receive(&rig.client, &held), KAAL_OK);
    assert_true(frame_is(held.data, held.bytes, 1));
    assert_int_equal(net_bench_restart(&rig, driver), KAAL_OK);
    settle();
    for (uint32_t number = 2; number < 2 + NET_BENCH_BUFFERS; number++) {
        make_frame(frame, number);
        assert_true(nic->arrive(frame, length_of(number)));
    }
    settle();
    net_bench_client(&rig);
    assert_false(frame_is(held.data, held.bytes, 1));
    assert_int_equal(kaal_net_release(&rig.client, &held), KAAL_ERR_PEER);
    net_bench_driver(&rig);
    assert_int_equal(take_all(), NET_BENCH_BUFFERS);
}

static void test_new_client_begins_with_nothing(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    nic->stall(true);
    assert_true(send(0));
    settle();
    make_frame(frame, 1);
    assert_true(nic->arrive(frame, length_of(1)));
    settle();
    net_bench_new_client(&rig);
    nic->stall(false); /* the old client's frame leaves now */
    settle();
    (void)take_all();
    assert_int_equal(rig.client.pool.free, NET_BENCH_BUFFERS);
    assert_int_equal(rig.client.link.up, 1);
    make_frame(frame, 2);
    assert_true(nic->arrive(frame, length_of(2)));
    settle();
    assert_int_equal(take_all(), 1);
}

/* A message as no honest client writes it. */
static void say(uint32_t kind, uint32_t handle, uint32_t offset, uint32_t bytes)
{
    struct kaal_net_message message = {.kind = kind, .buffer = {handle, offset, bytes}};

    net_bench_client(&rig);
    (void)kaal_channel_send(&rig.client.channel, &message);
    net_bench_driver(&rig);
}

static void test_frames_of_impossible_length_are_refused(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];
    uint32_t handle;

    (void)state;
    start();
    (void)take_all();
    assert_int_equal(rig.client.pool.free, NET_BENCH_BUFFERS);
    net_bench_client(&rig);
    struct kaal_buffer buffer;
    uint32_t index;
    assert_int_equal(kaal_pool_get(&rig.client.pool, &index), KAAL_OK);
    assert_int_equal(kaal_pool_lend(&rig.client.pool, index, 0, 2000, &buffer), KAAL_OK);
    handle = buffer.handle;
    net_bench_driver(&rig);
    say(KAAL_NET_SEND, handle, 0, 2000);
    settle();
    (void)take_all();
    assert_int_equal(rig.client.unsent, 1);
    assert_int_equal(nic->sent(frame), 0);
}

static void test_lies_cost_a_client_its_channel_only(void **state)
{
    static const struct kaal_buffer lies[] = {
        {0xffff, 0, 60}, {5, 0, UINT32_MAX}, {5, UINT32_MAX, 60}, {5, 2048, 1}};
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        start();
        uint32_t epoch = (uint32_t)rig.client.pool.epoch << 16;
        say(KAAL_NET_SEND, lies[i].handle | epoch, lies[i].offset, lies[i].bytes);
        assert_int_equal(test_bench_wake(&rig.bench, 1, TURNS_MAX), KAAL_OK);
        assert_int_equal(nic->sent(frame), 0);
        start();
        say(KAAL_NET_RETURN, lies[i].handle | epoch, 0, 0);
        assert_int_equal(test_bench_wake(&rig.bench, 1, TURNS_MAX), KAAL_OK);
    }
}

static void test_device_that_does_not_send_is_reset(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    (void)take_all();
    nic->stall(true);
    assert_true(send(0));
    settle();
    assert_true(rig.bench.instance.deadline_ns <= now_ns + SEND_NS); /* the kit wakes it then */
    now_ns += SEND_NS - 1000000;
    settle();
    assert_int_equal(rig.bench.instance.statistics.resets, 0);
    now_ns += 2000000;
    settle();
    assert_int_equal(rig.bench.instance.statistics.resets, 1);
    nic->stall(false);
    settle();
    assert_true(frame_is(frame, nic->sent(frame), 0));
    assert_int_equal(nic->sent(frame), 0);
    (void)take_all();
    assert_int_equal(rig.client.sent, 1);
    make_frame(frame, 1);
    assert_true(nic->arrive(frame, length_of(1)));
    settle();
    assert_int_equal(take_all(), 1);
}

static void test_device_that_interrupts_without_end_is_reset(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    for (unsigned i = 0; i <= KAAL_DRIVER_IDLE_INTERRUPTS_MAX; i++) {
        nic->link(true);
        assert_int_equal(test_bench_wake(&rig.bench, TEST_BENCH_IRQ_BADGE, TURNS_MAX), KAAL_OK);
        (void)take_all();
    }
    assert_int_equal(rig.bench.instance.statistics.resets, 1);
    make_frame(frame, 1);
    assert_true(nic->arrive(frame, length_of(1)));
    settle();
    assert_int_equal(take_all(), 1);
}

static void test_stop_silences_the_device(void **state)
{
    uint8_t frame[KAAL_NET_FRAME_MAX];

    (void)state;
    start();
    kaal_driver_stop(&rig.bench.instance);
    make_frame(frame, 0);
    assert_false(nic->arrive(frame, length_of(0)));
    assert_false(nic->interrupting());
}

/* Whatever registers and descriptors say: bounded work, no access outside, no end but an error. */
static void test_device_that_lies_is_survived(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        start();
        (void)take_all();
        for (unsigned i = 0; i < 20 && rig.bench.instance.state == KAAL_DRIVER_RUNNING; i++) {
            uint64_t before = nic->mock->accesses;
            (void)send(i);
            nic->garbage(seed * 100 + i);
            int result = kaal_driver_wake(&rig.bench.instance, i & 1 ? TEST_BENCH_IRQ_BADGE : 1);
            assert_true(nic->mock->accesses - before <= ACCESSES_MAX);
            struct kaal_net_frame frame;
            net_bench_client(&rig);
            while (kaal_net_receive(&rig.client, &frame) == KAAL_OK) {
                assert_true(frame.bytes <= KAAL_NET_BUFFER_BYTES);
                assert_int_equal(kaal_net_release(&rig.client, &frame), KAAL_OK);
            }
            assert_false(rig.client.channel.broken); /* the driver never passes the lie on */
            net_bench_driver(&rig);
            if (result != KAAL_OK && result != KAAL_ERR_STATE) {
                break; /* the component would end here */
            }
        }
    }
}

int net_conformance_run(const struct net_mock *mock, const struct kaal_driver *tested)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declaration_is_complete),
        cmocka_unit_test(test_link_and_address_are_told),
        cmocka_unit_test(test_frames_arrive_complete_in_order_and_once),
        cmocka_unit_test(test_frames_leave_complete_in_order_and_once),
        cmocka_unit_test(test_counters_are_told),
        cmocka_unit_test(test_frames_to_others_are_not_delivered),
        cmocka_unit_test(test_client_with_an_address_gets_its_frames_only),
        cmocka_unit_test(test_client_that_keeps_its_frames_gets_no_more),
        cmocka_unit_test(test_no_frame_comes_twice_over_restarts),
        cmocka_unit_test(test_frame_held_over_a_restart_does_not_count),
        cmocka_unit_test(test_new_client_begins_with_nothing),
        cmocka_unit_test(test_frames_of_impossible_length_are_refused),
        cmocka_unit_test(test_lies_cost_a_client_its_channel_only),
        cmocka_unit_test(test_device_that_does_not_send_is_reset),
        cmocka_unit_test(test_device_that_interrupts_without_end_is_reset),
        cmocka_unit_test(test_stop_silences_the_device),
        cmocka_unit_test(test_device_that_lies_is_survived),
    };

    nic = mock;
    driver = tested;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
