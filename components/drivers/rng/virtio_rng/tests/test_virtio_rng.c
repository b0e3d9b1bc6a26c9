/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio_rng driver and the rng class against a mock device: bytes arrive once and in order,
 * and a device that is silent, lies, or interrupts without end is reset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/bench.h>

#include "virtio_mock.h"

#define CAPACITY  512u
#define TYPE_RNG  4u
#define TURNS_MAX 50u
#define SILENCE   UINT64_C(6000000000) /* longer than the framework waits */

static struct virtio_mock device;
static struct test_bench bench;
static uint64_t now_ns;
static uint8_t next_byte; /* what the device gives: a counter, so that loss and repetition show */
static bool silent, interrupting;
static uint32_t lie_bytes, lie_head; /* added to what it says */

uint64_t kaal_now_ns(void)
{
    now_ns += 1000000;
    return now_ns;
}

static void *reach(uint64_t bus, uint64_t bytes)
{
    return test_bench_memory(&bench, bus, bytes);
}

static void notified(uint32_t queue)
{
    struct virtio_mock_chain chain;

    while (!silent && virtio_mock_take(&device, queue, &chain)) {
        assert_true(chain.count == 1 && chain.parts[0].writable);
        for (uint32_t i = 0; i < chain.parts[0].bytes; i++) {
            chain.parts[0].memory[i] = next_byte++;
        }
        virtio_mock_finish(&device, queue, (uint16_t)(chain.head + lie_head),
                           chain.parts[0].bytes + lie_bytes);
        interrupting = true;
    }
}

static int setup(void **state)
{
    (void)state;
    silent = interrupting = false;
    lie_bytes = lie_head = 0;
    next_byte = 0;
    virtio_mock_reset(&device, TYPE_RNG, 0, reach, notified);
    device.mock.absent = 0x3e; /* bar1 to bar5 */
    test_bench_open(&bench, &kaal_driver_of_this_component, &device.mock, "rng", 1, CAPACITY);
    assert_int_equal(test_bench_start(&bench, &kaal_driver_of_this_component), KAAL_OK);
    return 0;
}

static int settle(void)
{
    int result = test_bench_wake(&bench, 1, TURNS_MAX);

    for (unsigned i = 0; i < TURNS_MAX && result == KAAL_OK && interrupting; i++) {
        interrupting = false;
        result = test_bench_wake(&bench, TEST_BENCH_IRQ_BADGE, TURNS_MAX);
    }
    return result;
}

/* Takes everything that is there; returns how much. */
static int take(uint8_t *bytes)
{
    return kaal_stream_read(&bench.client, bytes, CAPACITY);
}

static void test_bytes_arrive_once_and_in_order(void **state)
{
    uint8_t bytes[CAPACITY];
    uint8_t expected = 0;
    uint32_t total = 0;

    (void)state;
    while (total < 20 * CAPACITY) {
        assert_int_equal(settle(), KAAL_OK);
        int count = take(bytes);
        assert_true(count > 0);
        for (int i = 0; i < count; i++) {
            assert_int_equal(bytes[i], expected++);
        }
        total += (uint32_t)count;
    }
    assert_int_equal(bench.instance.statistics.resets, 0);
}

static void test_what_a_client_got_is_wiped(void **state)
{
    uint8_t bytes[CAPACITY];
    uint32_t left = 0;

    (void)state;
    next_byte = 1;
    assert_int_equal(settle(), KAAL_OK);
    assert_int_equal(take(bytes), CAPACITY);
    silent = true;
    assert_int_equal(settle(), KAAL_OK); /* what was left over goes to the client, too */
    (void)take(bytes);
    for (uint32_t value = 1; value < 200; value++) {
        /* the rings are zero or small numbers; a run of ascending bytes would be the buffer */
        uint8_t run[3] = {(uint8_t)value, (uint8_t)(value + 1), (uint8_t)(value + 2)};
        left += memmem(bench.dma, bench.dma_bytes, run, sizeof(run)) != NULL;
    }
    assert_int_equal(left, 0);
}

static void expect_reset_and_recovery(void)
{
    uint8_t bytes[CAPACITY];

    for (unsigned i = 0; i < 20 && bench.instance.statistics.resets == 0; i++) {
        (void)kaal_driver_wake(&bench.instance, TEST_BENCH_IRQ_BADGE);
        (void)take(bytes);
    }
    assert_int_equal(bench.instance.statistics.resets, 1);
    lie_bytes = lie_head = 0;
    silent = false;
    (void)take(bytes);
    assert_int_equal(settle(), KAAL_OK);
    assert_true(take(bytes) > 0);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_RUNNING);
}

static void test_more_bytes_than_asked_for_reset_the_device(void **state)
{
    (void)state;
    lie_bytes = 1;
    expect_reset_and_recovery();
}

static void test_an_answer_to_no_request_resets_the_device(void **state)
{
    (void)state;
    lie_head = 1;
    expect_reset_and_recovery();
}

static void test_a_silent_device_is_reset(void **state)
{
    (void)state;
    silent = true;
    assert_int_equal(settle(), KAAL_OK);
    now_ns += SILENCE;
    expect_reset_and_recovery();
}

static void test_a_device_that_never_resets_is_given_up(void **state)
{
    int result = KAAL_OK;

    (void)state;
    silent = true;
    device.never_resets = true;
    for (unsigned i = 0; i < 20 && result == KAAL_OK; i++) {
        result = settle();
        now_ns += SILENCE;
    }
    assert_int_equal(result, KAAL_ERR_TIMEOUT);
}

static void test_noise_in_the_registers_ends_in_bounded_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 100; seed++) {
        test_bench_open(&bench, &kaal_driver_of_this_component, &device.mock, "rng", 1, CAPACITY);
        device.noise = seed;
        (void)!test_bench_start(&bench, &kaal_driver_of_this_component);
        assert_true(device.mock.accesses < 1000000);
    }
    device.noise = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_bytes_arrive_once_and_in_order, setup),
        cmocka_unit_test_setup(test_what_a_client_got_is_wiped, setup),
        cmocka_unit_test_setup(test_more_bytes_than_asked_for_reset_the_device, setup),
        cmocka_unit_test_setup(test_an_answer_to_no_request_resets_the_device, setup),
        cmocka_unit_test_setup(test_a_silent_device_is_reset, setup),
        cmocka_unit_test_setup(test_a_device_that_never_resets_is_given_up, setup),
        cmocka_unit_test_setup(test_noise_in_the_registers_ends_in_bounded_time, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
