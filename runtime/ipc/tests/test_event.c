/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The event loop: every source's handler is called, also when a blocking call took the wake-up; the
 * deadline; byte streams on top.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/channel.h>
#include <kaal/event.h>

#include "rig.h"

#define CAPACITY 16u

static struct kaal_channel a;
static struct kaal_channel b;
static unsigned channel_calls;
static unsigned other_calls;
static unsigned timer_calls;

static void count_call(void *argument)
{
    (*(unsigned *)argument)++;
}

static int set_up(void **state)
{
    (void)state;
    rig_make(1, CAPACITY);
    assert_int_equal(kaal_channel_open(&a, &rig.a), KAAL_OK);
    assert_int_equal(kaal_channel_open(&b, &rig.b), KAAL_OK);
    rig.notification_a = 0;
    kaal_event_deadline(KAAL_NO_DEADLINE);
    rig.notification_a = UINT64_C(1) << RIG_TIMER_BIT; /* no deadline is left armed */
    (void)kaal_event_poll();
    channel_calls = other_calls = timer_calls = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free();
    return 0;
}

static int add_handlers(void **state)
{
    (void)state;
    assert_int_equal(kaal_event_add(RIG_CHANNEL_BIT, count_call, &channel_calls), KAAL_OK);
    assert_int_equal(kaal_event_add(RIG_OTHER_BIT, count_call, &other_calls), KAAL_OK);
    assert_int_equal(kaal_event_add(RIG_TIMER_BIT, count_call, &timer_calls), KAAL_OK);
    assert_int_equal(kaal_event_add(63, count_call, &timer_calls), KAAL_ERR_RANGE);
    return 0;
}

static void test_bits_reach_their_own_handlers(void **state)
{
    (void)state;
    rig.notification_a = UINT64_C(1) << RIG_OTHER_BIT;
    assert_true(kaal_event_poll());
    assert_int_equal(other_calls, 1);
    assert_int_equal(channel_calls, 0);
    rig.notification_a = UINT64_C(1) << RIG_OTHER_BIT | UINT64_C(1) << RIG_CHANNEL_BIT;
    assert_true(kaal_event_poll());
    assert_int_equal(other_calls, 2);
    assert_int_equal(channel_calls, 1);
    assert_false(kaal_event_poll());
}

static void interrupt_then_byte(struct rig *r)
{
    if (r->waits == 1) {
        r->notification_a |= UINT64_C(1) << RIG_OTHER_BIT; /* wakes A, but not for the channel */
    } else {
        assert_int_equal(kaal_stream_write(&b, "x", 1), 1);
    }
}

static void test_blocking_call_keeps_other_sources_wake_ups(void **state)
{
    (void)state;
    char byte;
    rig.while_blocked = interrupt_then_byte;
    rig.waits = 0;
    assert_int_equal(kaal_channel_recv_blocking(&a, &byte, KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(byte, 'x');
    assert_int_equal(rig.waits, 2);
    assert_int_equal(other_calls, 0);
    assert_true(kaal_event_poll());
    assert_int_equal(other_calls, 1);
    assert_int_equal(channel_calls, 1);
}

static void test_loop_deadline_calls_the_timer_handler_once(void **state)
{
    (void)state;
    kaal_event_deadline(1000);
    assert_int_equal(kaal_event_sleep(KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(rig.now_ns, 1000);
    assert_true(kaal_event_poll());
    assert_int_equal(timer_calls, 1);
    assert_false(kaal_event_poll());
}

static void test_blocking_deadline_does_not_take_the_loops(void **state)
{
    (void)state;
    char byte;
    kaal_event_deadline(9000);
    assert_int_equal(kaal_channel_recv_blocking(&a, &byte, 2000), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.now_ns, 2000);
    assert_int_equal(timer_calls, 0);
    assert_int_equal(kaal_event_sleep(KAAL_NO_DEADLINE), KAAL_OK);
    assert_int_equal(rig.now_ns, 9000);
    assert_true(kaal_event_poll());
    assert_int_equal(timer_calls, 1);
}

static void test_posted_bits_count_as_delivered(void **state)
{
    (void)state;
    kaal_event_post(UINT64_C(1) << RIG_OTHER_BIT | UINT64_C(1) << 63);
    assert_true(kaal_event_poll());
    assert_int_equal(other_calls, 1);
}

static jmp_buf out_of_the_loop;
static unsigned sleeps;

static bool work_twice(void *argument)
{
    (void)argument;
    return ++sleeps <= 2;
}

static void stop_loop(struct rig *r)
{
    (void)r;
    longjmp(out_of_the_loop, 1);
}

static void test_loop_asks_for_work_before_it_sleeps(void **state)
{
    (void)state;
    rig.while_blocked = stop_loop;
    rig.notification_a = UINT64_C(1) << RIG_OTHER_BIT;
    sleeps = 0;
    kaal_event_before_sleep(work_twice, NULL);
    if (setjmp(out_of_the_loop) == 0) {
        kaal_event_run();
    }
    kaal_event_before_sleep(NULL, NULL);
    assert_int_equal(sleeps, 3);
    assert_int_equal(other_calls, 1); /* served although there was other work */
}

static void test_stream_moves_runs_across_the_end_of_the_ring(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(kaal_stream_write(&a, "0123456789", 10), 10);
    assert_int_equal(kaal_stream_read(&b, out, 4), 4);
    assert_memory_equal(out, "0123", 4);
    assert_int_equal(kaal_stream_write(&a, "abcdefghijklmnop", 16), 10);
    assert_int_equal(kaal_stream_read(&b, out, sizeof(out)), 16);
    assert_memory_equal(out, "456789abcdefghij", 16);
    assert_int_equal(kaal_stream_read(&b, out, sizeof(out)), 0);
}

static void test_stream_reports_a_liar(void **state)
{
    (void)state;
    char out[4];
    rig.region_b->produced = CAPACITY + 1;
    assert_int_equal(kaal_stream_read(&a, out, sizeof(out)), KAAL_ERR_PEER);
    assert_int_equal(kaal_stream_write(&a, out, sizeof(out)), KAAL_ERR_PEER);
}

static char received[1000];
static uint32_t received_count;

static void drain_at_b(struct rig *r)
{
    (void)r;
    int got = kaal_stream_read(&b, received + received_count, 9);
    assert_true(got > 0);
    received_count += (uint32_t)got;
}

static void test_long_write_waits_for_room_as_often_as_needed(void **state)
{
    (void)state;
    char text[1000];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i % 26);
    }
    received_count = 0;
    rig.while_blocked = drain_at_b;
    uint32_t written;
    assert_int_equal(kaal_stream_write_blocking(&a, text, sizeof(text), KAAL_NO_DEADLINE, &written),
                     KAAL_OK);
    assert_int_equal(written, sizeof(text));
    while (received_count < sizeof(text)) {
        drain_at_b(&rig);
    }
    assert_memory_equal(received, text, sizeof(text));
    /* With nobody reading, the deadline ends it and says how much was taken. */
    rig.while_blocked = NULL;
    assert_int_equal(kaal_stream_write_blocking(&a, text, 100, 50, &written), KAAL_ERR_TIMEOUT);
    assert_int_equal(written, CAPACITY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bits_reach_their_own_handlers),
        TEST(test_blocking_call_keeps_other_sources_wake_ups),
        TEST(test_loop_deadline_calls_the_timer_handler_once),
        TEST(test_blocking_deadline_does_not_take_the_loops),
        TEST(test_posted_bits_count_as_delivered),
        TEST(test_loop_asks_for_work_before_it_sleeps),
        TEST(test_stream_moves_runs_across_the_end_of_the_ring),
        TEST(test_stream_reports_a_liar),
        TEST(test_long_write_waits_for_room_as_often_as_needed),
    };
    return cmocka_run_group_tests(tests, add_handlers, NULL);
}
