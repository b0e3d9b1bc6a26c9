/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cmos driver against a mock of the part in each of its formats, with updates that last, never
 * end, or come between two cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/class/rtc.h>
#include <kaal/testing/rtc_conformance.h>

static struct {
    struct kaal_mock mock;
    uint8_t index, mode, mode_set;
    uint64_t seconds;
    uint8_t being_set[10];
    unsigned updating;   /* reads of A that say so */
    unsigned step_after; /* cells read until the clock steps, 0 = never */
    bool always_steps;
    uint64_t noise; /* 0 = none */
} part;

static uint8_t coded(uint32_t value, bool hour)
{
    uint32_t shown = hour && !(part.mode & 2) ? (value + 11) % 12 + 1 : value;
    uint32_t raw = part.mode & 4 ? shown : shown / 10 * 16 + shown % 10;

    return (uint8_t)(raw | (hour && !(part.mode & 2) && value >= 12 ? 0x80 : 0));
}

static uint8_t read_cell(void)
{
    struct kaal_rtc_date date = kaal_rtc_date(part.seconds);

    switch (part.index) {
    case 0:
        return coded(date.second, false);
    case 2:
        return coded(date.minute, false);
    case 4:
        return coded(date.hour, true);
    case 7:
        return coded(date.day, false);
    case 8:
        return coded(date.month, false);
    case 9:
        return coded(date.year % 100, false);
    case 10:
        part.updating -= part.updating > 0 && part.updating != UINT32_MAX;
        return part.updating > 0 ? 0xa6 : 0x26;
    case 11:
        return part.mode;
    default:
        fail_msg("no cell %u", part.index);
        return 0;
    }
}

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    uint8_t value;

    (void)mock;
    assert_int_equal(width, 1);
    assert_int_equal(offset, 1);
    if (part.noise != 0) {
        part.noise = part.noise * 6364136223846793005u + 1442695040888963407u;
        return part.noise >> 56;
    }
    value = read_cell();
    if (part.index < 10 && (part.always_steps || (part.step_after && --part.step_after == 0))) {
        part.seconds++;
    }
    return value;
}

static void take_new_time(void)
{
    const uint8_t *c = part.being_set;
    struct kaal_rtc_date date = {
        .year = c[9] / 16u * 10 + c[9] % 16,
        .month = c[8] / 16u * 10 + c[8] % 16,
        .day = c[7] / 16u * 10 + c[7] % 16,
        .hour = c[4] / 16u * 10 + c[4] % 16,
        .minute = c[2] / 16u * 10 + c[2] % 16,
        .second = c[0] / 16u * 10 + c[0] % 16,
    };

    assert_int_equal(part.mode & 0x76, 2); /* decimal, 24 hours, no interrupts */
    date.year += date.year < 70 ? 2000 : 1900;
    assert_int_equal(kaal_rtc_seconds(&date, &part.seconds), KAAL_OK);
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    assert_int_equal(width, 1);
    if (offset == 0) {
        assert_true(value < 14);
        part.index = (uint8_t)value;
    } else if (part.index == 11) {
        bool ends = (part.mode & 0x80) && !(value & 0x80);
        part.mode = (uint8_t)value;
        if (ends && !part.noise && part.being_set[7] != 0) {
            take_new_time();
        }
    } else if (part.index < 10) {
        assert_true(part.mode & 0x80); /* no update may come between the cells */
        part.being_set[part.index] = (uint8_t)value;
    } else {
        fail_msg("cell %u is not to be written", part.index);
    }
}

static void reset(void)
{
    uint8_t mode_set = part.mode_set;

    memset(&part, 0, sizeof(part));
    part.mock = (struct kaal_mock){.read = mock_read, .write = mock_write};
    part.mode = part.mode_set = mode_set;
    part.seconds = 1000000000;
}

static void set_time(uint64_t seconds)
{
    part.seconds = seconds;
}

static uint64_t time_shown(void)
{
    return part.seconds;
}

static void garbage(uint64_t seed)
{
    part.noise = seed;
}

static void test_update_in_progress_is_waited_for(void **state)
{
    uint64_t seconds = 0;

    (void)state;
    rtc_conformance_open();
    part.updating = 1000;
    assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_OK);
    assert_int_equal(seconds, part.seconds);
}

static void test_update_without_end_is_an_error(void **state)
{
    uint64_t seconds = 0;

    (void)state;
    rtc_conformance_open();
    part.updating = UINT32_MAX;
    assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_ERR_TIMEOUT);
}

static void test_step_between_two_cells_is_noticed(void **state)
{
    (void)state;
    for (unsigned after = 1; after <= 12; after++) {
        uint64_t seconds = 0;
        rtc_conformance_open();
        part.seconds = 1709251199; /* every cell but the year changes */
        part.step_after = after;
        assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_OK);
        assert_true(seconds == 1709251199 || seconds == 1709251200);
    }
}

static void test_clock_that_never_stands_still_is_an_error(void **state)
{
    uint64_t seconds = 0;

    (void)state;
    rtc_conformance_open();
    part.always_steps = true;
    assert_int_equal(rtc_conformance_call(KAAL_RTC_READ, &seconds), KAAL_ERR_IO);
}

static void test_setting_that_a_dead_driver_began_is_ended(void **state)
{
    (void)state;
    part.mode_set = 0x82 | 0x70;
    rtc_conformance_open();
    assert_int_equal(part.mode, 2);
    part.mode_set = 0;
}

int main(void)
{
    const struct rtc_mock mock = {.mock = &part.mock,
                                  .reset = reset,
                                  .set_time = set_time,
                                  .time = time_shown,
                                  .garbage = garbage,
                                  .last = 3155759999}; /* 2069-12-31 23:59:59 */
    const struct CMUnitTest own[] = {
        cmocka_unit_test(test_update_in_progress_is_waited_for),
        cmocka_unit_test(test_update_without_end_is_an_error),
        cmocka_unit_test(test_step_between_two_cells_is_noticed),
        cmocka_unit_test(test_clock_that_never_stands_still_is_an_error),
        cmocka_unit_test(test_setting_that_a_dead_driver_began_is_ended),
    };
    int failed = 0;

    for (unsigned mode = 0; mode < 4; mode++) { /* decimal or binary, 12 or 24 hours */
        part.mode_set = (uint8_t)(mode << 1);
        failed += rtc_conformance_run(&mock, &kaal_driver_of_this_component);
    }
    return failed + cmocka_run_group_tests(own, NULL, NULL);
}
