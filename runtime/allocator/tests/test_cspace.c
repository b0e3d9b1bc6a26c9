/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The slot allocator, on the CNode that the kernel made and on the tree of two levels. */
#include "fixture.h"

#include <stdlib.h>

static void assert_empty(seL4_CPtr slot)
{
    assert_int_equal(seL4_DebugCapIdentify(slot), 0);
}

static void test_slots_are_distinct_and_empty(void)
{
    fixture_init(false);
    seL4_CPtr slots[64];
    for (unsigned i = 0; i < ARRAY_COUNT(slots); i++) {
        assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slots[i]));
        assert_empty(slots[i]);
        for (unsigned j = 0; j < i; j++) {
            assert_int_not_equal(slots[i], slots[j]);
        }
    }
}

static void test_freed_slot_is_used_again(void)
{
    fixture_init(false);
    seL4_CPtr first;
    seL4_CPtr second;
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &first));
    assert_kaal(kaal_cspace_free(&fixture.cspace, first));
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &second));
    assert_int_equal(first, second);
}

static void test_double_free_is_refused(void)
{
    fixture_init(false);
    seL4_CPtr slot;
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    uint64_t free_before = fixture.cspace.free_count;
    assert_kaal(kaal_cspace_free(&fixture.cspace, slot));
    assert_kaal_error(kaal_cspace_free(&fixture.cspace, slot), KAAL_ERR_DOUBLE_FREE);
    assert_kaal_error(kaal_cspace_delete(&fixture.cspace, slot), KAAL_ERR_DOUBLE_FREE);
    assert_int_equal(fixture.cspace.free_count, free_before + 1);
}

static void test_foreign_slots_are_refused(void)
{
    fixture_init(false);
    assert_kaal_error(kaal_cspace_free(&fixture.cspace, seL4_CapInitThreadTCB), KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_cspace_free(&fixture.cspace, harness_bootinfo->untyped.start),
                      KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_cspace_free(&fixture.cspace, harness_bootinfo->empty.end),
                      KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_cspace_free(&fixture.cspace, UINT64_MAX), KAAL_ERR_FOREIGN);
    assert_kaal_error(kaal_cspace_delete(&fixture.cspace, seL4_CapInitThreadVSpace),
                      KAAL_ERR_FOREIGN);
}

static void test_runs_are_consecutive_and_freed_whole(void)
{
    fixture_init(false);
    seL4_CPtr first;
    seL4_CPtr hole;
    assert_kaal(kaal_cspace_allocate_run(&fixture.cspace, 256, &first));
    assert_kaal(kaal_cspace_free(&fixture.cspace, first + 100));
    assert_kaal_error(kaal_cspace_free_run(&fixture.cspace, first, 256), KAAL_ERR_DOUBLE_FREE);
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &hole));
    assert_int_equal(hole, first + 100);
    assert_kaal(kaal_cspace_free_run(&fixture.cspace, first, 256));
    assert_kaal_error(kaal_cspace_allocate_run(&fixture.cspace, 0, &first), KAAL_ERR_INVALID);
    assert_kaal_error(kaal_cspace_allocate_run(&fixture.cspace, 257, &first), KAAL_ERR_INVALID);
}

static void test_run_skips_used_slots(void)
{
    fixture_init(false);
    seL4_CPtr runs[3];
    for (unsigned i = 0; i < ARRAY_COUNT(runs); i++) {
        assert_kaal(kaal_cspace_allocate_run(&fixture.cspace, 70, &runs[i]));
    }
    assert_kaal(kaal_cspace_free_run(&fixture.cspace, runs[1], 70));
    seL4_CPtr longer;
    assert_kaal(kaal_cspace_allocate_run(&fixture.cspace, 71, &longer));
    assert_true(longer >= runs[2] + 70);
    seL4_CPtr same;
    assert_kaal(kaal_cspace_allocate_run(&fixture.cspace, 70, &same));
    assert_int_equal(same, runs[1]);
}

/* Against a search bit by bit, in a CSpace with random holes. */
static void test_runs_are_the_first_that_fit(void)
{
    fixture_init(true);
    struct kaal_cspace *cspace = &fixture.cspace;
    seL4_CPtr slots[2000];
    srand(5);
    for (unsigned i = 0; i < ARRAY_COUNT(slots); i++) {
        assert_kaal(kaal_cspace_allocate(cspace, &slots[i]));
    }
    for (unsigned i = 0; i < ARRAY_COUNT(slots); i++) {
        if (rand() % 3 != 0) {
            assert_kaal(kaal_cspace_free(cspace, slots[i]));
        }
    }
    for (uint32_t count = 2; count <= 200; count++) {
        uint32_t run = 0;
        seL4_CPtr expected = 0;
        for (seL4_CPtr slot = 0; run < count; slot++) {
            const struct kaal_cspace_group *group = &cspace->groups[slot >> cspace->group_bits];
            uint64_t index = slot & (BIT64(cspace->group_bits) - 1);
            bool starts = index == 0; /* runs stay in a group */
            bool is_free = (group->free[index / 64] >> (index % 64) & 1) != 0;
            run = is_free ? (starts ? 1 : run + 1) : 0;
            expected = slot + 1 - count;
        }
        seL4_CPtr first;
        assert_kaal(kaal_cspace_allocate_run(cspace, count, &first));
        assert_int_equal(first, expected);
        assert_kaal(kaal_cspace_free_run(cspace, first, count));
    }
}

static void test_exhaustion_is_an_error_and_recovers(void)
{
    fixture_init(false);
    uint64_t total = fixture.cspace.free_count;
    seL4_CPtr slot;
    for (uint64_t i = 0; i < total; i++) {
        assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    }
    seL4_CPtr none;
    assert_int_equal(fixture.cspace.free_count, 0);
    assert_kaal_error(kaal_cspace_allocate(&fixture.cspace, &none), KAAL_ERR_NO_SLOT);
    assert_kaal_error(kaal_cspace_allocate_run(&fixture.cspace, 2, &none), KAAL_ERR_NO_SLOT);
    assert_kaal(kaal_cspace_free(&fixture.cspace, slot));
    assert_kaal(kaal_cspace_allocate(&fixture.cspace, &none));
    assert_int_equal(none, slot);
}

static void test_expanding_keeps_old_pointers_and_adds_slots(void)
{
    fixture_init(false);
    uint64_t before = fixture.cspace.total_count;
    seL4_Word tag = seL4_DebugCapIdentify(seL4_CapInitThreadVSpace);
    assert_kaal(kaal_cspace_expand(&fixture.cspace, &fixture.untyped));
    assert_int_equal(fixture.cspace.total_count,
                     before + BIT64(harness_bootinfo->initThreadCNodeSizeBits));
    assert_int_equal(seL4_DebugCapIdentify(seL4_CapInitThreadVSpace), tag);
    assert_int_equal(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255),
                     seL4_NoError);
    /* The old CNode capability still names the old slots. */
    assert_int_equal(
        seL4_CNode_Delete(seL4_CapInitThreadCNode, harness_bootinfo->empty.end - 1, seL4_WordBits),
        seL4_NoError);
}

/* Objects work in slots of every CNode of the tree, CNodes included. */
static void test_slots_of_the_second_node_hold_usable_capabilities(void)
{
    fixture_init(true);
    seL4_CPtr node = BIT64(fixture.cspace.node_bits);
    seL4_CPtr slot;
    do {
        assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
    } while (slot < node);
    struct kaal_untyped *memory;
    assert_kaal(kaal_untyped_allocate(&fixture.untyped, 12, &memory));
    assert_kaal(kaal_cspace_retype(&fixture.cspace, memory->cap, seL4_CapTableObject, 4, slot, 1));
    assert_int_equal(seL4_CNode_Mint(slot, 3, 4, fixture.cspace.root, seL4_CapInitThreadTCB,
                                     fixture.cspace.depth, seL4_AllRights, 0),
                     seL4_NoError);
    assert_int_equal(seL4_CNode_Delete(slot, 3, 4), seL4_NoError);
    assert_kaal(kaal_cspace_delete(&fixture.cspace, slot));
    assert_empty(slot);
}

static void test_cspace_grows_until_its_limit(void)
{
    fixture_init(false);
    unsigned grown = 0;
    int error;
    do {
        error = kaal_cspace_expand(&fixture.cspace, &fixture.untyped);
        grown += error == KAAL_OK;
    } while (error == KAAL_OK);
    /* Either all entries of the root are in use, or the memory is. */
    assert_true(grown >= 8);
    assert_true(error == KAAL_ERR_NO_SPACE || error == KAAL_ERR_NO_MEMORY);
    assert_int_equal(fixture.cspace.node_count, grown + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_slots_are_distinct_and_empty),
        HARNESS_TEST(test_freed_slot_is_used_again),
        HARNESS_TEST(test_double_free_is_refused),
        HARNESS_TEST(test_foreign_slots_are_refused),
        HARNESS_TEST(test_runs_are_consecutive_and_freed_whole),
        HARNESS_TEST(test_run_skips_used_slots),
        HARNESS_TEST(test_runs_are_the_first_that_fit),
        HARNESS_TEST(test_exhaustion_is_an_error_and_recovers),
        HARNESS_TEST(test_expanding_keeps_old_pointers_and_adds_slots),
        HARNESS_TEST(test_slots_of_the_second_node_hold_usable_capabilities),
        HARNESS_TEST(test_cspace_grows_until_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
