/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The block class's conformance tests: data arrives, refusals, full queues, barriers, devices that
 * fail, fall silent or speak noise, and deaths of either end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/block_model.h>

#define TURNS_MAX 200u
#define SILENCE   UINT64_C(11000000000) /* longer than the framework waits */
#define BLOCK     512u

static struct block_model *model;
static const struct kaal_driver *driver;
static struct block_bench rig;

static int setup(void **state)
{
    (void)state;
    block_bench_open(&rig, driver, model);
    assert_int_equal(test_bench_start(&rig.bench, driver), KAAL_OK);
    return 0;
}

/* Lets driver and device work until neither has more to do. */
static int settle(void)
{
    int result = test_bench_wake(&rig.bench, 1, TURNS_MAX);

    for (unsigned i = 0; i < TURNS_MAX && result == KAAL_OK && model->interrupting; i++) {
        model->interrupting = false;
        result = test_bench_wake(&rig.bench, TEST_BENCH_IRQ_BADGE, TURNS_MAX);
    }
    return result;
}

static void submit(uint16_t operation, uint64_t offset, uint32_t bytes, uint32_t buffer,
                   uint16_t flags, uint32_t tag)
{
    const struct kaal_block_request request = {
        .operation = operation, .flags = flags, .bytes = bytes, .offset = offset, .buffer = buffer};

    assert_true(block_bench_submit(&rig, &request, tag));
}

static void expect_reply(uint32_t tag, int status)
{
    uint32_t got_tag;
    int got;

    assert_true(block_bench_reply(&rig, &got_tag, &got, NULL));
    assert_int_equal(got_tag, tag);
    assert_int_equal(got, status);
}

static void expect(uint16_t operation, uint64_t offset, uint32_t bytes, uint32_t buffer, int status)
{
    submit(operation, offset, bytes, buffer, 0, 7);
    assert_int_equal(settle(), KAAL_OK);
    expect_reply(7, status);
}

static uint8_t text(uint64_t index)
{
    return (uint8_t)(index * 31 + (index >> 9));
}

static void write_and_read(uint64_t offset, uint32_t bytes, uint32_t buffer)
{
    for (uint32_t i = 0; i < bytes; i++) {
        block_bench_out(&rig, buffer)[i] = text(offset + i);
        block_bench_in(&rig, buffer)[i] = 0;
    }
    expect(KAAL_BLOCK_WRITE, offset, bytes, buffer, KAAL_OK);
    expect(KAAL_BLOCK_READ, offset, bytes, buffer, KAAL_OK);
    for (uint32_t i = 0; i < bytes; i++) {
        assert_int_equal(model->disk[offset + i], text(offset + i));
        assert_int_equal(block_bench_in(&rig, buffer)[i], text(offset + i));
    }
}

static void test_data_arrives_whatever_its_place_and_length(void **state)
{
    (void)state;
    write_and_read(0, BLOCK, 0);
    write_and_read(BLOCK_MODEL_DISK_BYTES - BLOCK, BLOCK, BLOCK);
    write_and_read(4096, 4096, 4096);
    write_and_read(8192 + BLOCK, 8192, 3 * BLOCK);
    write_and_read(3 * BLOCK, 65536, 7 * BLOCK);
    assert_int_equal(model->reached_nothing, 0);
}

static void test_the_device_is_described(void **state)
{
    union kaal_block_reply reply;
    uint32_t tag;
    int status;

    (void)state;
    submit(KAAL_BLOCK_INFO, 0, 0, 0, 0, 1);
    assert_int_equal(settle(), KAAL_OK);
    assert_true(block_bench_reply(&rig, &tag, &status, &reply));
    assert_int_equal(status, KAAL_OK);
    assert_int_equal(reply.info.bytes, BLOCK_MODEL_DISK_BYTES);
    assert_int_equal(reply.info.block_bytes, BLOCK);
    assert_int_equal(reply.info.data_bytes, BLOCK_BENCH_DATA_BYTES);
}

static void test_requests_that_cannot_be_never_reach_the_device(void **state)
{
    uint64_t before = rig.bench.instance.statistics.out_messages;

    (void)state;
    expect(KAAL_BLOCK_READ, 1, BLOCK, 0, KAAL_ERR_ALIGN);
    expect(KAAL_BLOCK_READ, 0, BLOCK + 1, 0, KAAL_ERR_ALIGN);
    expect(KAAL_BLOCK_READ, 0, BLOCK, 4, KAAL_ERR_ALIGN);
    expect(KAAL_BLOCK_WRITE, BLOCK_MODEL_DISK_BYTES, BLOCK, 0, KAAL_ERR_RANGE);
    expect(KAAL_BLOCK_WRITE, BLOCK_MODEL_DISK_BYTES - BLOCK, 2 * BLOCK, 0, KAAL_ERR_RANGE);
    expect(KAAL_BLOCK_WRITE, UINT64_MAX - BLOCK + 1, BLOCK, 0, KAAL_ERR_RANGE);
    expect(KAAL_BLOCK_READ, 0, 0, 0, KAAL_ERR_INVALID);
    expect(KAAL_BLOCK_READ, 0, BLOCK, BLOCK_BENCH_DATA_BYTES, KAAL_ERR_INVALID);
    expect(KAAL_BLOCK_READ, 0, 2 * BLOCK, BLOCK_BENCH_DATA_BYTES - BLOCK, KAAL_ERR_INVALID);
    expect(KAAL_BLOCK_READ, 0, UINT32_MAX - BLOCK + 1, BLOCK, KAAL_ERR_INVALID);
    expect(99, 0, BLOCK, 0, KAAL_ERR_UNSUPPORTED);
    assert_int_equal(rig.bench.instance.statistics.out_messages, before);
    assert_int_equal(rig.bench.instance.statistics.refused, 11);
}

static void test_a_full_channel_is_answered_each_request_once(void **state)
{
    uint64_t seen = 0;
    uint32_t tag;
    int status;

    (void)state;
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        submit(i % 2 == 0 ? KAAL_BLOCK_WRITE : KAAL_BLOCK_FLUSH, i * BLOCK, BLOCK, i * BLOCK, 0, i);
    }
    assert_int_equal(settle(), KAAL_OK);
    while (block_bench_reply(&rig, &tag, &status, NULL)) {
        assert_int_equal(status, KAAL_OK);
        assert_false(seen >> tag & 1);
        seen |= UINT64_C(1) << tag;
    }
    assert_int_equal(seen, UINT64_MAX);
}

static void test_a_barrier_waits_for_those_before_and_holds_those_behind(void **state)
{
    uint64_t before = rig.bench.instance.statistics.out_messages;

    (void)state;
    model->silent = true;
    submit(KAAL_BLOCK_WRITE, 0, BLOCK, 0, 0, 1);
    submit(KAAL_BLOCK_WRITE, BLOCK, BLOCK, BLOCK, KAAL_BLOCK_BARRIER, 2);
    submit(KAAL_BLOCK_WRITE, 2 * BLOCK, BLOCK, 2 * BLOCK, 0, 3);
    assert_int_equal(settle(), KAAL_OK);
    assert_int_equal(rig.bench.instance.statistics.out_messages - before, 1);
    model->silent = false;
    model->work(model);
    assert_int_equal(settle(), KAAL_OK);
    expect_reply(1, KAAL_OK);
    expect_reply(2, KAAL_OK);
    expect_reply(3, KAAL_OK);
}

static void test_a_failed_transfer_is_an_error_and_the_next_one_works(void **state)
{
    (void)state;
    model->failing = true;
    expect(KAAL_BLOCK_WRITE, 0, BLOCK, 0, KAAL_ERR_IO);
    model->failing = false;
    write_and_read(0, 4096, 0);
}

static void test_a_silent_device_is_reset_and_its_requests_are_done_then(void **state)
{
    (void)state;
    model->silent = true;
    submit(KAAL_BLOCK_WRITE, BLOCK, BLOCK, 0, 0, 5);
    assert_int_equal(settle(), KAAL_OK);
    assert_int_not_equal(rig.bench.instance.deadline_ns, KAAL_DRIVER_NO_DEADLINE);
    block_bench_advance(SILENCE);
    model->silent = false; /* the reset mends it */
    assert_int_equal(settle(), KAAL_OK);
    assert_int_equal(rig.bench.instance.statistics.resets, 1);
    expect_reply(5, KAAL_OK);
    write_and_read(0, 4096, 0);
}

/* Either the device does not even start again, or the request is given up. */
static void test_a_device_that_stays_silent_ends_the_request_or_the_driver(void **state)
{
    int result = KAAL_OK;
    int status = KAAL_OK;
    uint32_t tag;

    (void)state;
    model->silent = true;
    submit(KAAL_BLOCK_WRITE, BLOCK, BLOCK, 0, 0, 5);
    for (unsigned i = 0; i < 20 && result == KAAL_OK && status == KAAL_OK; i++) {
        result = settle();
        (void)block_bench_reply(&rig, &tag, &status, NULL);
        block_bench_advance(SILENCE);
    }
    assert_true(result == KAAL_OK ? status == KAAL_ERR_IO : result != KAAL_ERR_STATE);
}

static void test_interrupts_without_end_reset_the_device(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2000 && rig.bench.instance.statistics.resets == 0; i++) {
        model->interrupting = true;
        (void)kaal_driver_wake(&rig.bench.instance, TEST_BENCH_IRQ_BADGE);
    }
    write_and_read(0, 4096, 0);
}

static void test_a_new_driver_refuses_what_its_predecessor_was_asked(void **state)
{
    (void)state;
    model->silent = true;
    submit(KAAL_BLOCK_WRITE, 0, BLOCK, 0, 0, 1); /* taken, not answered */
    assert_int_equal(settle(), KAAL_OK);
    submit(KAAL_BLOCK_WRITE, 0, BLOCK, 0, 0, 2); /* not taken */
    model->silent = false;
    assert_int_equal(block_bench_restart(&rig, driver), KAAL_OK);
    assert_int_equal(settle(), KAAL_OK);
    expect_reply(2, KAAL_ERR_PEER);
    write_and_read(0, 4096, 0);
}

static void test_a_new_client_waits_for_its_predecessors_transfers(void **state)
{
    uint32_t tag;
    int status;

    (void)state;
    model->silent = true;
    submit(KAAL_BLOCK_READ, 0, BLOCK, 0, 0, 1);
    assert_int_equal(settle(), KAAL_OK);
    block_bench_new_client(&rig);
    submit(KAAL_BLOCK_READ, 0, BLOCK, 0, 0, 1);
    assert_int_equal(settle(), KAAL_OK);
    assert_int_equal(rig.bench.instance.statistics.out_messages, 1);
    model->silent = false;
    model->work(model);
    assert_int_equal(settle(), KAAL_OK);
    assert_int_equal(rig.bench.instance.statistics.out_messages, 2);
    assert_true(block_bench_reply(&rig, &tag, &status, NULL)); /* only the new one's */
    assert_false(block_bench_reply(&rig, &tag, &status, NULL));
}

static void test_noise_in_the_registers_ends_in_bounded_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 200; seed++) {
        block_bench_open(&rig, driver, model);
        model->noise = seed;
        int result = test_bench_start(&rig.bench, driver);
        submit(KAAL_BLOCK_READ, 0, BLOCK, 0, 0, 1);
        for (unsigned i = 0; i < 50 && result == KAAL_OK; i++) {
            result = kaal_driver_wake(&rig.bench.instance, TEST_BENCH_IRQ_BADGE);
            result = result == KAAL_ERR_STATE ? KAAL_OK : result;
        }
        assert_true(model->mock.accesses < 10000000);
    }
}

int block_conformance_run(struct block_model *played, const struct kaal_driver *tested)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_data_arrives_whatever_its_place_and_length, setup),
        cmocka_unit_test_setup(test_the_device_is_described, setup),
        cmocka_unit_test_setup(test_requests_that_cannot_be_never_reach_the_device, setup),
        cmocka_unit_test_setup(test_a_full_channel_is_answered_each_request_once, setup),
        cmocka_unit_test_setup(test_a_barrier_waits_for_those_before_and_holds_those_behind, setup),
        cmocka_unit_test_setup(test_a_failed_transfer_is_an_error_and_the_next_one_works, setup),
        cmocka_unit_test_setup(test_a_silent_device_is_reset_and_its_requests_are_done_then, setup),
        cmocka_unit_test_setup(test_a_device_that_stays_silent_ends_the_request_or_the_driver,
                               setup),
        cmocka_unit_test_setup(test_interrupts_without_end_reset_the_device, setup),
        cmocka_unit_test_setup(test_a_new_driver_refuses_what_its_predecessor_was_asked, setup),
        cmocka_unit_test_setup(test_a_new_client_waits_for_its_predecessors_transfers, setup),
        cmocka_unit_test_setup(test_noise_in_the_registers_ends_in_bounded_time, setup),
    };

    model = played;
    driver = tested;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
