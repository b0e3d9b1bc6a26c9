/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rtc class's conformance tests: dates come out as the clock has them and go in as the client
 * says, over restarts, with a client that lies, and with registers that read as noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kaal/class/rtc.h>
#include <kaal/testing/rtc_conformance.h>

#define CAPACITY     4u
#define TURNS_MAX    10u
#define ACCESSES_MAX 1000000u /* of one wake-up: some milliseconds of polling, no hang */

static const struct rtc_mock *device;
static const struct kaal_driver *driver;
static struct test_bench bench;
static struct kaal_rtc_client client;

/* Ends of months and years, leap years and a year that is none. */
static const uint64_t moments[] = {951782399,  951868799,  951868800,  1078012799, 1078099200,
                                   1709251199, 1709251200, 1735689599, 1735689600, 1956527999,
                                   1956528000, 2208988799, UINT64_MAX};

void rtc_conformance_open(void)
{
    device->reset();
    test_bench_open(&bench, driver, device->mock, "rtc", kaal_rtc_MESSAGE_BYTES, CAPACITY);
    bench.startup.generation = 1;
    assert_int_equal(kaal_rtc_client_open(&client, &bench.client_resource), KAAL_OK);
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
}

int rtc_conformance_call(uint32_t operation, uint64_t *seconds)
{
    struct kaal_rtc_request request = {.operation = operation, .seconds = *seconds};
    struct kaal_completion completion;
    uint32_t tag;

    assert_int_equal(kaal_rtc_submit(&client, &request, KAAL_NO_DEADLINE, &tag), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 1, TURNS_MAX), KAAL_OK);
    assert_int_equal(kaal_rtc_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.tag, tag);
    if (completion.reply != NULL) {
        *seconds = ((const struct kaal_rtc_reply *)completion.reply)->seconds;
    }
    return completion.status;
}

static void test_declaration_is_complete(void **state)
{
    (void)state;
    assert_int_equal(driver->declaration->magic, KAAL_DRIVER_MAGIC);
    assert_int_equal(driver->declaration->device_class, KAAL_CLASS_RTC);
    assert_true(driver->declaration->match_count > 0);
}

static void test_dates_are_read(void **state)
{
    (void)state;
    for (unsigned i = 0; moments[i] != UINT64_MAX; i++) {
        uint64_t seconds = 0;
        rtc_conformance_open();
        device->set_time(moments[i]);
        assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_OK);
        assert_int_equal(seconds, moments[i]);
    }
}

static void test_dates_are_set(void **state)
{
    (void)state;
    for (unsigned i = 0; moments[i] != UINT64_MAX; i++) {
        uint64_t seconds = moments[i];
        rtc_conformance_open();
        assert_int_equal(rtc_conformance_call(KAAL_RTC_SET, &seconds), KAAL_OK);
        assert_int_equal(device->time(), moments[i]);
        assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_OK);
        assert_int_equal(seconds, moments[i]);
    }
}

static void test_what_the_clock_cannot_show_is_refused(void **state)
{
    uint64_t seconds = device->last;

    (void)state;
    rtc_conformance_open();
    assert_int_equal(rtc_conformance_call(KAAL_RTC_SET, &seconds), KAAL_OK);
    seconds = device->last + 1;
    assert_int_equal(rtc_conformance_call(KAAL_RTC_SET, &seconds), KAAL_ERR_RANGE);
    assert_int_equal(device->time(), device->last);
}

static void test_unknown_request_is_refused(void **state)
{
    uint64_t seconds = 0;

    (void)state;
    rtc_conformance_open();
    assert_int_equal(rtc_conformance_call(77, &seconds), KAAL_ERR_UNSUPPORTED);
}

static void test_killed_driver_is_replaced(void **state)
{
    struct kaal_rtc_request request = {.operation = KAAL_RTC_READ};
    struct kaal_completion completion;
    uint64_t seconds = 0;
    uint32_t tag;

    (void)state;
    rtc_conformance_open();
    device->set_time(moments[0]);
    assert_int_equal(kaal_rtc_submit(&client, &request, KAAL_NO_DEADLINE, &tag), KAAL_OK);
    test_bench_kill(&bench);
    bench.startup.generation++;
    assert_int_equal(test_bench_start(&bench, driver), KAAL_OK);
    assert_int_equal(kaal_rtc_collect(&client, &completion), KAAL_OK);
    assert_int_equal(completion.status, KAAL_ERR_PEER);
    assert_int_equal(kaal_client_reconnect(&client.client), KAAL_OK);
    assert_int_equal(test_bench_wake(&bench, 1, TURNS_MAX), KAAL_OK);
    assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_OK);
    assert_int_equal(seconds, moments[0]);
}

static void test_client_that_lies_costs_itself_the_channel(void **state)
{
    struct kaal_channel_region *region;

    (void)state;
    rtc_conformance_open();
    region = bench.client_region;
    atomic_store(&region->produced, 1000000u);
    assert_int_equal(test_bench_wake(&bench, 1, TURNS_MAX), KAAL_OK); /* sleeps, does not spin */
}

/* Questions to an instance that is no more, none of whose refusals is read: neither they nor more
 * questions have room in the end. */
static void test_client_that_reads_nothing_lets_the_driver_sleep(void **state)
{
    unsigned sent = 0;

    (void)state;
    rtc_conformance_open();
    struct kaal_rtc_message message = {
        .header = {.client = client.client.generation, .status = KAAL_CALL_REQUEST}};
    while (kaal_channel_send(&client.client.channel, &message) == KAAL_OK) {
        message.header.tag = ++sent;
        assert_int_equal(test_bench_wake(&bench, 1, TURNS_MAX), KAAL_OK);
    }
    assert_int_equal(sent, 2 * CAPACITY);
}

static void test_random_registers_never_hang_the_driver(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t seconds = 0;
        uint64_t before;
        rtc_conformance_open();
        device->garbage(seed);
        before = device->mock->accesses;
        (void)rtc_conformance_call(seed % 2, &seconds);
        assert_true(device->mock->accesses - before <= ACCESSES_MAX);
    }
}

int rtc_conformance_run(const struct rtc_mock *mock, const struct kaal_driver *tested)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declaration_is_complete),
        cmocka_unit_test(test_dates_are_read),
        cmocka_unit_test(test_dates_are_set),
        cmocka_unit_test(test_what_the_clock_cannot_show_is_refused),
        cmocka_unit_test(test_unknown_request_is_refused),
        cmocka_unit_test(test_killed_driver_is_replaced),
        cmocka_unit_test(test_client_that_lies_costs_itself_the_channel),
        cmocka_unit_test(test_client_that_reads_nothing_lets_the_driver_sleep),
        cmocka_unit_test(test_random_registers_never_hang_the_driver),
    };

    device = mock;
    driver = tested;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
