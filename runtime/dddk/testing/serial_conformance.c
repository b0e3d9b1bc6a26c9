/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The serial class's conformance tests: nothing lost, nothing doubled, in order, with a full
 * channel, a stalled line, restarts at any point, and registers that read as noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/serial_conformance.h>

#define CAPACITY    64u
#define TEXT_BYTES  10000u
#define TURNS_MAX   100u
#define FUZZ_ROUNDS 2000u

static const struct serial_mock *uart;
static const struct kaal_driver *driver;
static struct test_bench bench;

static void open_bench(void)
{
    uart->reset();
    test_bench_open(&bench, driver, uart->mock, "serial", 1, CAPACITY);
}

static uint8_t text_byte(size_t index)
{
    return (uint8_t)('!' + index % 90);
}

/* Lets the driver work as long as something woke it: the interrupt line or the client's doorbell.
 */
static void settle(void)
{
    uint64_t rang = 0;

    for (unsigned i = 0; i < TURNS_MAX; i++) {
        uint64_t badges = uart->interrupting() ? TEST_BENCH_IRQ_BADGE : 0;
        bool woken = badges != 0 || bench.client_rang != rang;

        rang = bench.client_rang;
        if (woken) {
            assert_int_equal(test_bench_wake(&bench, badges | UINT64_C(1) << 5, TURNS_MAX),
                             KAAL_OK);
        }
    }
    assert_false(uart->interrupting()); /* served, or masked: never a storm */
}

/* Reads what came, starting at text_byte(index); returns the next index. */
static size_t check_received(size_t index)
{
    uint8_t bytes[CAPACITY];
    int count = kaal_stream_read(&bench.client, bytes, sizeof(bytes));

    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        assert_int_equal(bytes[i], text_byte(index));
        index++;
    }
    return index;
}

static size_t check_sent(size_t index)
{
    uint8_t bytes[256];
    size_t count = uart->sent(bytes, sizeof(bytes));

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(bytes[i], text_byte(index));
        index++;
    }
    return index;
}

static void test_declaration_is_complete(void **state)
{
    (void)state;
    assert_int_equal(driver->declaration->magic, KAAL_DRIVER_MAGIC);
    assert_int_equal(driver->declaration->device_class, KAAL_CLASS_SERIAL);
    assert_true(driver->declaration->match_count > 0);
    assert_true(driver->declaration->resource_count >= 2);
}

static void test_bytes_typed_before_start_arrive(void **state)
{
    size_t typed = 0;

    (void)state;
    open_bench();
    while (uart->type(text_byte(typed))) {
        typed++;
    }
    assert_true(typed > 0);
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    assert_int_equal(check_received(0), typed);
}

/* From `typed` bytes that wait in the device already. */
static void check_input(size_t typed)
{
    size_t received = 0;

    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    while (received < TEXT_BYTES) {
        while (typed < TEXT_BYTES && uart->type(text_byte(typed))) {
            typed++;
        }
        settle();
        (void)kaal_channel_prepare_receive(&bench.client);
        received = check_received(received);
    }
    assert_int_equal(received, typed);
}

static void test_input_arrives_complete_and_in_order(void **state)
{
    (void)state;
    open_bench();
    check_input(0);
}

static void test_input_after_bytes_typed_before_start_is_complete(void **state)
{
    (void)state;
    open_bench();
    assert_true(uart->type(text_byte(0)));
    check_input(1);
}

static void test_full_channel_holds_input_in_the_device(void **state)
{
    size_t typed = 0;
    size_t held;

    (void)state;
    open_bench();
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    for (unsigned i = 0; i < 2 * CAPACITY; i++) {
        while (uart->type(text_byte(typed))) {
            typed++;
        }
        settle();
    }
    assert_int_equal(kaal_channel_room(&bench.client), CAPACITY);
    held = typed - CAPACITY;
    assert_true(held > 0);
    assert_int_equal(check_received(0), CAPACITY);
    settle(); /* reading made room and rang the driver */
    assert_int_equal(check_received(CAPACITY), typed);
}

static void check_output(void)
{
    size_t written = 0;
    size_t sent = 0;

    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    while (sent < TEXT_BYTES) {
        uint8_t byte = text_byte(written);

        while (written < TEXT_BYTES && kaal_stream_write(&bench.client, &byte, 1) == 1) {
            byte = text_byte(++written);
        }
        settle();
        sent = check_sent(sent);
    }
}

static void test_output_leaves_complete_and_in_order(void **state)
{
    (void)state;
    open_bench();
    check_output();
}

static void test_output_after_bytes_typed_before_start_is_complete(void **state)
{
    (void)state;
    open_bench();
    assert_true(uart->type('x'));
    check_output();
}

static void test_stalled_line_keeps_output_in_the_channel(void **state)
{
    uint8_t bytes[CAPACITY];

    (void)state;
    open_bench();
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    uart->stall(true);
    for (size_t i = 0; i < CAPACITY; i++) {
        bytes[i] = text_byte(i);
    }
    assert_int_equal(kaal_stream_write(&bench.client, bytes, CAPACITY), CAPACITY);
    settle();
    assert_int_equal(check_sent(0), 0);
    assert_true(kaal_channel_room(&bench.client) < (int)CAPACITY); /* not all was consumed */
    uart->stall(false);
    assert_true(uart->interrupting()); /* room in the device wakes the driver */
    settle();
    assert_int_equal(check_sent(0), CAPACITY);
}

/* Kills the driver after every burst: the next instance goes on with the next byte. */
static void test_restarts_lose_and_double_nothing(void **state)
{
    size_t typed = 0;
    size_t received = 0;
    size_t written = 0;
    size_t sent = 0;

    (void)state;
    open_bench();
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    while (received < TEXT_BYTES || sent < TEXT_BYTES) {
        uint8_t byte = text_byte(written);

        while (typed < TEXT_BYTES && uart->type(text_byte(typed))) {
            typed++;
        }
        for (unsigned i = 0; i < 40 && written < TEXT_BYTES; i++) {
            if (kaal_stream_write(&bench.client, &byte, 1) == 1) {
                byte = text_byte(++written);
            }
        }
        assert_int_equal(kaal_driver_wake(&bench.instance, 0) == KAAL_ERR_PEER, 0);
        test_bench_kill(&bench);
        assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
        if (kaal_channel_peer_changed(&bench.client)) {
            assert_int_equal(kaal_channel_reconnect(&bench.client), KAAL_OK);
        }
        received = check_received(received);
        sent = check_sent(sent);
    }
    assert_int_equal(received, TEXT_BYTES);
    assert_int_equal(sent, TEXT_BYTES);
}

static void test_each_interrupt_is_acknowledged(void **state)
{
    uint64_t before;

    (void)state;
    open_bench();
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(bench.acknowledgements, 1); /* left over from an earlier instance */
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    before = bench.acknowledgements;
    assert_true(uart->type('x'));
    assert_true(uart->interrupting());
    assert_int_equal(test_bench_wake(&bench, TEST_BENCH_IRQ_BADGE, TURNS_MAX), KAAL_OK);
    assert_int_equal(bench.acknowledgements, before + 1);
    assert_int_equal(bench.instance.statistics.interrupts, 1);
}

static void test_stop_silences_the_device(void **state)
{
    (void)state;
    open_bench();
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK);
    kaal_driver_stop(&bench.instance);
    assert_int_equal(bench.instance.state, KAAL_DRIVER_OFF);
    (void)uart->type('x');
    assert_false(uart->interrupting());
}

static void test_client_that_lies_stops_nobody_else(void **state)
{
    struct kaal_channel_region *region;

    (void)state;
    open_bench();
    region = bench.client_region;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    atomic_store(&region->produced, 1000000u);
    atomic_store(&region->consumed, 500000u);
    assert_int_equal(test_bench_wake(&bench, 0, TURNS_MAX), KAAL_OK); /* sleeps, does not spin */
    assert_int_equal(check_sent(0), 0);
}

/* The fuzz entry of the class: whatever the registers say, the work per wake-up is bounded. */
static void test_random_registers_never_hang_the_driver(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        open_bench();
        if (test_bench_start(&bench, driver) != KAAL_OK) {
            continue;
        }
        uart->garbage(seed);
        for (unsigned i = 0; i < FUZZ_ROUNDS / 20; i++) {
            uint64_t before = uart->mock->accesses;
            uint8_t bytes[CAPACITY] = {0};

            (void)kaal_stream_write(&bench.client, bytes, (uint32_t)(i % CAPACITY));
            (void)kaal_driver_wake(&bench.instance, i & 1 ? TEST_BENCH_IRQ_BADGE : 0);
            assert_true(uart->mock->accesses - before <= 10 * CAPACITY);
            (void)kaal_stream_read(&bench.client, bytes, (uint32_t)(i % CAPACITY));
        }
    }
}

int serial_conformance_run(const struct serial_mock *mock, const struct kaal_driver *tested)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declaration_is_complete),
        cmocka_unit_test(test_bytes_typed_before_start_arrive),
        cmocka_unit_test(test_input_arrives_complete_and_in_order),
        cmocka_unit_test(test_input_after_bytes_typed_before_start_is_complete),
        cmocka_unit_test(test_output_after_bytes_typed_before_start_is_complete),
        cmocka_unit_test(test_full_channel_holds_input_in_the_device),
        cmocka_unit_test(test_output_leaves_complete_and_in_order),
        cmocka_unit_test(test_stalled_line_keeps_output_in_the_channel),
        cmocka_unit_test(test_restarts_lose_and_double_nothing),
        cmocka_unit_test(test_each_interrupt_is_acknowledged),
        cmocka_unit_test(test_stop_silences_the_device),
        cmocka_unit_test(test_client_that_lies_stops_nobody_else),
        cmocka_unit_test(test_random_registers_never_hang_the_driver),
    };

    uart = mock;
    driver = tested;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
