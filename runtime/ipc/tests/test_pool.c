/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Buffer pools: one holder at a time, lies about buffers, and restarts of either end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/pool.h>

#include "rig.h"

#define BUFFERS      8u
#define BUFFER_BYTES 64u

/* The pool lies in A's half of the channel; the messages that carry it are passed by the test. */
static struct kaal_channel owner_carrier;
static struct kaal_channel borrower_carrier;
static struct kaal_pool pool;
static struct kaal_loans loans;
static struct kaal_pool_slot pool_slots[BUFFERS];
static struct kaal_pool_slot loan_slots[BUFFERS];

static int set_up(void **state)
{
    (void)state;
    rig_make(BUFFER_BYTES, BUFFERS);
    assert_int_equal(kaal_channel_open(&owner_carrier, &rig.a), KAAL_OK);
    assert_int_equal(kaal_channel_open(&borrower_carrier, &rig.b), KAAL_OK);
    rig_open_as_a();
    assert_int_equal(kaal_pool_open(&pool, &rig.a, pool_slots, BUFFERS, &owner_carrier), KAAL_OK);
    rig_open_as_b();
    assert_int_equal(kaal_loans_open(&loans, &rig.b, loan_slots, BUFFERS, &borrower_carrier),
                     KAAL_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_free();
    return 0;
}

static struct kaal_buffer lend(const char *text)
{
    uint32_t index;
    struct kaal_buffer buffer;
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
    strcpy(kaal_pool_address(&pool, index), text);
    assert_int_equal(kaal_pool_lend(&pool, index, 0, (uint32_t)strlen(text) + 1, &buffer), KAAL_OK);
    return buffer;
}

static void test_buffer_goes_there_and_back(void **state)
{
    (void)state;
    struct kaal_buffer buffer = lend("bulk data");
    const void *data;
    uint32_t index;
    assert_int_equal(kaal_loans_accept(&loans, &buffer, &data), KAAL_OK);
    assert_string_equal(data, "bulk data");
    assert_int_equal(loans.held, 1);
    assert_int_equal(kaal_loans_release(&loans, buffer.handle), KAAL_OK);
    assert_int_equal(kaal_pool_return(&pool, buffer.handle, &index), KAAL_OK);
    kaal_pool_put(&pool, index);
    assert_int_equal(pool.free, BUFFERS);
    assert_int_equal(pool.lent + loans.held, 0);
}

static void test_every_buffer_is_given_once(void **state)
{
    (void)state;
    uint32_t seen = 0;
    uint32_t index;
    for (uint32_t i = 0; i < BUFFERS; i++) {
        assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
        assert_int_equal(seen >> index & 1, 0);
        seen |= 1u << index;
    }
    assert_int_equal(seen, (1u << BUFFERS) - 1);
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_ERR_EMPTY);
    kaal_pool_put(&pool, 3);
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
    assert_int_equal(index, 3);
}

static void test_parts_stay_inside(void **state)
{
    (void)state;
    struct kaal_buffer buffer;
    uint32_t index;
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
    assert_int_equal(kaal_pool_lend(&pool, index, BUFFER_BYTES + 1, 0, &buffer), KAAL_ERR_RANGE);
    assert_int_equal(kaal_pool_lend(&pool, index, 60, 5, &buffer), KAAL_ERR_RANGE);
    assert_int_equal(kaal_pool_lend(&pool, index, 1, UINT32_MAX, &buffer), KAAL_ERR_RANGE);
    assert_int_equal(kaal_pool_lend(&pool, index, 60, 4, &buffer), KAAL_OK);
}

/* What an owner might say; each must cost it the carrier. */
static void test_borrower_finds_each_lie(void **state)
{
    (void)state;
    const void *data = NULL;
    struct kaal_buffer good = lend("x");
    assert_int_equal(kaal_loans_accept(&loans, &good, &data), KAAL_OK);
    struct kaal_buffer lies[] = {
        good,                                              /* twice */
        {.handle = (good.handle & 0xffff0000u) | BUFFERS}, /* no such buffer */
        {.handle = good.handle | 0xffffu},                 /* nor such a one */
        {.handle = (good.handle & 0xffff0000u) | 2, .offset = BUFFER_BYTES + 1},
        {.handle = (good.handle & 0xffff0000u) | 2, .bytes = BUFFER_BYTES + 1},
        {.handle = (good.handle & 0xffff0000u) | 2, .offset = 1, .bytes = UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        data = NULL;
        assert_int_equal(kaal_loans_accept(&loans, &lies[i], &data), KAAL_ERR_PEER);
        assert_null(data);
        assert_true(borrower_carrier.broken);
        assert_int_equal(kaal_channel_reconnect(&borrower_carrier), KAAL_OK);
        assert_int_equal(loans.held, 1);
    }
}

static void test_owner_finds_each_lie(void **state)
{
    (void)state;
    struct kaal_buffer lent = lend("x");
    uint32_t ours;
    uint32_t index = 99;
    assert_int_equal(kaal_pool_get(&pool, &ours), KAAL_OK);
    uint32_t epoch = lent.handle & 0xffff0000u;
    uint32_t free_one = (ours + 1) % BUFFERS;
    uint32_t lies[] = {epoch | ours, epoch | free_one, epoch | BUFFERS, epoch | 0xffffu};
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        assert_int_equal(kaal_pool_return(&pool, lies[i], &index), KAAL_ERR_PEER);
        assert_int_equal(index, 99);
        assert_true(owner_carrier.broken);
        assert_int_equal(kaal_channel_reconnect(&owner_carrier), KAAL_OK);
    }
    assert_int_equal(kaal_pool_return(&pool, lent.handle, &index), KAAL_OK);
    assert_int_equal(kaal_pool_return(&pool, lent.handle, &index), KAAL_ERR_PEER); /* twice */
}

static void test_borrowers_restart_brings_everything_back(void **state)
{
    (void)state;
    struct kaal_buffer old = lend("old");
    uint32_t index;
    rig_replace_b();
    /* A message of the old peer that the owner reads before it knows. */
    assert_int_equal(kaal_pool_return(&pool, old.handle ^ 0x10000u, &index), KAAL_ERR_PEER);
    assert_false(owner_carrier.broken);
    assert_int_equal(kaal_channel_reconnect(&owner_carrier), KAAL_OK);
    rig_open_as_a();
    kaal_pool_renew(&pool);
    assert_int_equal(pool.free, BUFFERS);
    assert_int_equal(kaal_pool_return(&pool, old.handle, &index), KAAL_ERR_STATE);
    assert_false(owner_carrier.broken);
    /* Both agree on the new epoch. */
    rig_open_as_b();
    assert_int_equal(kaal_channel_open(&borrower_carrier, &rig.b), KAAL_OK);
    assert_int_equal(kaal_loans_open(&loans, &rig.b, loan_slots, BUFFERS, &borrower_carrier),
                     KAAL_OK);
    struct kaal_buffer fresh = lend("new");
    const void *data;
    assert_int_equal(kaal_loans_accept(&loans, &old, &data), KAAL_ERR_STATE);
    assert_int_equal(kaal_loans_accept(&loans, &fresh, &data), KAAL_OK);
    assert_string_equal(data, "new");
}

static void test_owners_restart_takes_everything_away(void **state)
{
    (void)state;
    struct kaal_buffer old = lend("old");
    const void *data;
    assert_int_equal(kaal_loans_accept(&loans, &old, &data), KAAL_OK);
    rig_replace_a();
    rig_open_as_a();
    assert_int_equal(kaal_channel_open(&owner_carrier, &rig.a), KAAL_OK);
    assert_int_equal(kaal_pool_open(&pool, &rig.a, pool_slots, BUFFERS, &owner_carrier), KAAL_OK);
    struct kaal_buffer fresh = lend("new");
    /* The borrower reads the new owner's first loan before it knows of it: reconnect, try again. */
    assert_int_equal(kaal_loans_accept(&loans, &fresh, &data), KAAL_ERR_PEER);
    assert_false(borrower_carrier.broken);
    assert_int_equal(kaal_channel_reconnect(&borrower_carrier), KAAL_OK);
    rig_open_as_b();
    kaal_loans_renew(&loans);
    assert_int_equal(kaal_loans_release(&loans, old.handle), KAAL_ERR_STATE);
    assert_int_equal(kaal_loans_accept(&loans, &fresh, &data), KAAL_OK);
    assert_string_equal(data, "new");
}

static void test_bus_addresses_follow_the_parts(void **state)
{
    (void)state;
    static uint8_t bytes[4 * 512];
    struct kaal_pool_memory memory = {
        .vaddr = bytes, .bus = 0x80000000u, .buffer_bytes = 512, .count = 4};
    struct kaal_buffer buffer;
    const void *data;
    uint32_t index;
    assert_int_equal(kaal_pool_bus(&pool, 0), KAAL_POOL_NO_BUS);
    rig_open_as_a();
    assert_int_equal(kaal_pool_init(&pool, &memory, pool_slots, BUFFERS, &owner_carrier), KAAL_OK);
    assert_int_equal(kaal_loans_init(&loans, &memory, loan_slots, BUFFERS, &borrower_carrier),
                     KAAL_OK);
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
    assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
    assert_int_equal(kaal_pool_bus(&pool, index), 0x80000000u + 512);
    assert_int_equal(kaal_pool_lend(&pool, index, 100, 10, &buffer), KAAL_OK);
    assert_int_equal(kaal_loans_accept(&loans, &buffer, &data), KAAL_OK);
    assert_ptr_equal(data, bytes + 612);
    assert_int_equal(kaal_loans_bus(&loans, &buffer), 0x80000000u + 612);
}

static void test_memory_that_is_no_pool_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[64];
    struct kaal_pool_memory memory = {.vaddr = bytes, .buffer_bytes = 8, .count = 9};
    assert_int_equal(kaal_pool_open(&pool, NULL, pool_slots, BUFFERS, &owner_carrier),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_loans_open(&loans, NULL, loan_slots, BUFFERS, &borrower_carrier),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_pool_init(&pool, &memory, pool_slots, BUFFERS, &owner_carrier),
                     KAAL_ERR_INVALID);
    memory.count = 0;
    assert_int_equal(kaal_loans_init(&loans, &memory, loan_slots, BUFFERS, &borrower_carrier),
                     KAAL_ERR_INVALID);
    struct kaal_resource bad = rig.a;
    bad.channel.region_bytes = 16;
    assert_int_equal(kaal_pool_open(&pool, &bad, pool_slots, BUFFERS, &owner_carrier),
                     KAAL_ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_buffer_goes_there_and_back),
        TEST(test_every_buffer_is_given_once),
        TEST(test_parts_stay_inside),
        TEST(test_borrower_finds_each_lie),
        TEST(test_owner_finds_each_lie),
        TEST(test_borrowers_restart_brings_everything_back),
        TEST(test_owners_restart_takes_everything_away),
        TEST(test_bus_addresses_follow_the_parts),
        TEST(test_memory_that_is_no_pool_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
