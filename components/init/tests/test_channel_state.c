/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a channel's state is judged to be from two headers, honest and scribbled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../channel_state.h"
#include "../channels.h"
#include "../memory.h"

#define CAPACITY 16u

/* Reading real regions is for tests/system. */
bool channels_at(uint32_t index, struct channel_line *line)
{
    (void)index;
    (void)line;
    return false;
}

void *memory_scratch_begin(seL4_CPtr frame)
{
    (void)frame;
    return NULL;
}

void memory_scratch_end(seL4_CPtr frame)
{
    (void)frame;
}

static struct kaal_channel_region regions[2];

static struct kaal_channel_record judged(void)
{
    const struct kaal_channel_region *const headers[2] = {&regions[0], &regions[1]};
    struct kaal_channel_record record = {.capacity = CAPACITY};
    channel_state_judge(headers, &record);
    return record;
}

static void set(unsigned end, uint32_t produced, uint32_t consumed)
{
    atomic_store(&regions[end].produced, produced);
    atomic_store(&regions[end].consumed, consumed);
    atomic_store(&regions[end].wake_data, consumed - 1);            /* passed */
    atomic_store(&regions[end].wake_room, produced - CAPACITY - 1); /* passed */
}

static void test_indices_give_the_fill_of_each_direction(void **state)
{
    (void)state;
    set(0, 3, UINT32_MAX - 1);
    set(1, 1, UINT32_MAX - 3); /* has taken all but 7; 3 of its own lie unread */
    struct kaal_channel_record record = judged();
    assert_int_equal(record.fill[0], 7);
    assert_int_equal(record.fill[1], 3);
    assert_int_equal(record.waits[0], KAAL_CHANNEL_AWAKE);
    assert_int_equal(record.waits[1], KAAL_CHANNEL_AWAKE);
}

static void test_who_asked_for_data_waits_until_there_is_some(void **state)
{
    (void)state;
    set(0, 5, 9);
    set(1, 9, 5);
    atomic_store(&regions[0].wake_data, 9);
    assert_int_equal(judged().waits[0], KAAL_CHANNEL_WAITS_DATA);
    assert_int_equal(judged().waits[1], KAAL_CHANNEL_AWAKE);
    atomic_store(&regions[1].produced, 10);
    assert_int_equal(judged().waits[0], KAAL_CHANNEL_AWAKE);
}

static void test_who_asked_for_room_waits_while_the_ring_is_full(void **state)
{
    (void)state;
    set(0, CAPACITY, 1);
    set(1, 2, 0);
    atomic_store(&regions[0].wake_room, 0); /* wake when 1 is taken */
    assert_int_equal(judged().waits[0], KAAL_CHANNEL_WAITS_ROOM);
    atomic_store(&regions[1].consumed, 1);
    assert_int_equal(judged().waits[0], KAAL_CHANNEL_AWAKE);
}

static void test_impossible_indices_are_called_so(void **state)
{
    (void)state;
    set(0, CAPACITY + 1, 0);
    set(1, UINT32_MAX, 0);
    struct kaal_channel_record record = judged();
    assert_int_equal(record.fill[0], KAAL_ERR_PEER);
    assert_int_equal(record.fill[1], KAAL_ERR_PEER);
    assert_int_equal(record.produced[1], UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_indices_give_the_fill_of_each_direction),
        cmocka_unit_test(test_who_asked_for_data_waits_until_there_is_some),
        cmocka_unit_test(test_who_asked_for_room_waits_while_the_ring_is_full),
        cmocka_unit_test(test_impossible_indices_are_called_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
