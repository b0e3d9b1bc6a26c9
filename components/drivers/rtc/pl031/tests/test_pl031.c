/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The pl031 driver against a mock of the part: chapter 3 of its manual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/testing/rtc_conformance.h>

static struct {
    struct kaal_mock mock;
    uint32_t counter, mask;
    bool started, absent;
    uint64_t noise; /* 0 = none */
} part;

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    (void)mock;
    assert_int_equal(width, 4);
    if (part.noise != 0) {
        part.noise = part.noise * 6364136223846793005u + 1442695040888963407u;
        return part.noise >> 32;
    }
    switch (offset) {
    case 0x00:
    case 0x08:
        return part.counter;
    case 0x0c:
        return part.started;
    case 0x10:
        return part.mask;
    case 0xfe0:
        return part.absent ? 0 : 0x31;
    case 0xfe4:
        return 0x10;
    default:
        fail_msg("no register at %x", (unsigned)offset);
        return 0;
    }
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    assert_int_equal(width, 4);
    switch (offset) {
    case 0x08:
        part.counter = (uint32_t)value;
        break;
    case 0x0c:
        part.started = value & 1;
        break;
    case 0x10:
        part.mask = (uint32_t)value;
        break;
    default:
        fail_msg("no register to write at %x", (unsigned)offset);
    }
}

static void reset(void)
{
    memset(&part, 0, sizeof(part));
    part.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
    part.mask = 1;
}

static void set_time(uint64_t seconds)
{
    part.counter = (uint32_t)seconds;
}

static uint64_t time_shown(void)
{
    return part.counter;
}

static void garbage(uint64_t seed)
{
    part.noise = seed;
}

static void test_start_starts_the_counter_without_interrupts(void **state)
{
    (void)state;
    rtc_conformance_open();
    assert_true(part.started);
    assert_int_equal(part.mask, 0);
}

static void test_absent_device_is_not_found(void **state)
{
    static struct test_bench bench;

    (void)state;
    reset();
    part.absent = true;
    test_bench_open(&bench, &kaal_driver_of_this_component, &part.mock, "rtc", 32, 4);
    assert_int_equal(test_bench_start(&bench, &kaal_driver_of_this_component), KAAL_ERR_NOT_FOUND);
}

int main(void)
{
    const struct rtc_mock mock = {.mock = &part.mock,
                                  .reset = reset,
                                  .set_time = set_time,
                                  .time = time_shown,
                                  .garbage = garbage,
                                  .last = UINT32_MAX};
    const struct CMUnitTest own[] = {
        cmocka_unit_test(test_start_starts_the_counter_without_interrupts),
        cmocka_unit_test(test_absent_device_is_not_found)};

    return rtc_conformance_run(&mock, &kaal_driver_of_this_component) +
           cmocka_run_group_tests(own, NULL, NULL);
}
