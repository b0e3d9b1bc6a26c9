/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The wait over several channels: who is ready, in turns; deadlines; dead and lying peers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/wait.h>

#include "rig.h"

#define CAPACITY 4u
#define CHANNELS 3u

KAAL_CHANNEL(word_channel, uint64_t, CAPACITY);

/* Channel i of the component under test: its end, and the end that plays the peer. */
static struct word_channel ours[CHANNELS];
static struct word_channel theirs[CHANNELS];
static struct rig rigs[CHANNELS];
static struct kaal_wait waits[CHANNELS];
static unsigned speaker;

static int set_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CHANNELS; i++) {
        rig_make(sizeof(uint64_t), CAPACITY);
        rigs[i] = rig;
        assert_int_equal(word_channel_open(&ours[i], &rigs[i].a), KAAL_OK);
        assert_int_equal(word_channel_open(&theirs[i], &rigs[i].b), KAAL_OK);
        waits[i] = (struct kaal_wait){.channel = &ours[i].channel, .receive = true};
    }
    rig.notification_a = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CHANNELS; i++) {
        rig.region_a = rigs[i].region_a;
        rig.region_b = rigs[i].region_b;
        rig.a = rigs[i].a;
        rig.b = rigs[i].b;
        rig_free();
    }
    return 0;
}

static void speak(struct rig *r)
{
    (void)r;
    uint64_t word = speaker;
    assert_int_equal(word_channel_send(&theirs[speaker], &word), KAAL_OK);
}

static void test_sleeps_until_any_channel_has_a_message(void **state)
{
    (void)state;
    for (speaker = 0; speaker < CHANNELS; speaker++) {
        uint32_t index = 0;
        uint64_t word;
        rig.waits = 0;
        rig.while_blocked = speak;
        assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_OK);
        assert_int_equal(index, speaker);
        assert_int_equal(rig.waits, 1);
        assert_int_equal(word_channel_try_recv(&ours[index], &word), KAAL_OK);
        assert_int_equal(word, speaker);
    }
}

static void test_ready_channels_take_turns(void **state)
{
    (void)state;
    unsigned served[CHANNELS] = {0};
    uint32_t index = 0;
    for (unsigned round = 0; round < 4 * CHANNELS; round++) {
        for (speaker = 0; speaker < CHANNELS; speaker++) {
            if (word_channel_room(&theirs[speaker]) > 0) {
                speak(NULL);
            }
        }
        uint64_t word;
        assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_OK);
        assert_int_equal(word_channel_try_recv(&ours[index], &word), KAAL_OK);
        served[index]++;
    }
    for (unsigned i = 0; i < CHANNELS; i++) {
        assert_int_equal(served[i], 4);
    }
}

static void test_deadline_ends_the_wait(void **state)
{
    (void)state;
    uint32_t index = 0;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, 7000, &index), KAAL_ERR_TIMEOUT);
    assert_int_equal(rig.now_ns, 7000);
}

static void listen_two(struct rig *r)
{
    (void)r;
    uint64_t words[2];
    assert_int_equal(word_channel_try_recv_batch(&theirs[1], words, 2), 2);
}

static void test_waits_for_room(void **state)
{
    (void)state;
    uint32_t index = 0;
    uint64_t word = 1;
    while (word_channel_send(&ours[1], &word) == KAAL_OK) {
    }
    waits[0].channel = NULL; /* skipped */
    waits[1] = (struct kaal_wait){.channel = &ours[1].channel, .room = 2};
    rig.while_blocked = listen_two;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_OK);
    assert_int_equal(index, 1);
    assert_int_equal(word_channel_room(&ours[1]), 2);
}

static void replace(struct rig *r)
{
    rigs[2].a.channel.generation++;
    r->notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

static void test_replaced_peer_is_reported(void **state)
{
    (void)state;
    uint32_t index = 0;
    rig.while_blocked = replace;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_ERR_PEER);
    assert_int_equal(index, 2);
    assert_int_equal(kaal_channel_reconnect(&ours[2].channel), KAAL_OK);
    rig.while_blocked = NULL;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, 100, &index), KAAL_ERR_TIMEOUT);
}

static void lie(struct rig *r)
{
    rigs[1].region_b->produced = 99;
    r->notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

static void test_liar_is_reported_once_and_does_not_disturb_the_others(void **state)
{
    (void)state;
    uint32_t index = 0;
    rig.while_blocked = lie;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_ERR_PEER);
    assert_int_equal(index, 1);
    speaker = 2;
    rig.while_blocked = speak;
    rig.waits = 0;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_OK);
    assert_int_equal(index, 2);
    assert_int_equal(rig.waits, 1);
}

static void bury(struct rig *r)
{
    uint64_t word = 5;
    assert_int_equal(word_channel_send(&theirs[1], &word), KAAL_OK);
    rigs[1].a.channel.peer_state = KAAL_PEER_GONE;
    r->notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

static void test_peer_gone_for_ever_is_reported_once_after_what_it_sent(void **state)
{
    (void)state;
    uint32_t index = 0;
    uint64_t word;
    rig.while_blocked = bury;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_OK);
    assert_int_equal(index, 1);
    assert_int_equal(word_channel_try_recv(&ours[index], &word), KAAL_OK);
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, KAAL_NO_DEADLINE, &index), KAAL_ERR_PEER);
    assert_int_equal(index, 1);
    rig.while_blocked = NULL;
    assert_int_equal(kaal_channel_wait(waits, CHANNELS, 100, &index), KAAL_ERR_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sleeps_until_any_channel_has_a_message),
        TEST(test_ready_channels_take_turns),
        TEST(test_deadline_ends_the_wait),
        TEST(test_waits_for_room),
        TEST(test_replaced_peer_is_reported),
        TEST(test_liar_is_reported_once_and_does_not_disturb_the_others),
        TEST(test_peer_gone_for_ever_is_reported_once_after_what_it_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
