/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The untyped manager: sizes, alignment, exhaustion, re-use, merging, device memory. */
#include "fixture.h"

#include <string.h>

#define LIVE_MAX 600

static struct kaal_untyped *take(uint32_t bits)
{
    struct kaal_untyped *untyped;
    assert_kaal(kaal_untyped_allocate(&fixture.untyped, bits, &untyped));
    return untyped;
}

static void give(struct kaal_untyped *untyped)
{
    assert_kaal(kaal_untyped_free(&fixture.untyped, untyped));
}

static void test_totals_match_bootinfo(void)
{
    fixture_init(false);
    uint64_t ram = 0;
    uint64_t device = 0;
    uint64_t largest = 0;
    for (uint64_t i = 0; i < harness_bootinfo->untyped.end - harness_bootinfo->untyped.start; i++) {
        uint64_t bytes = BIT64(harness_bootinfo->untypedList[i].sizeBits);
        if (harness_bootinfo->untypedList[i].isDevice) {
            device += bytes;
        } else {
            ram += bytes;
            largest = bytes > largest ? bytes : largest;
        }
    }
    struct kaal_untyped_totals totals;
    kaal_untyped_totals(&fixture.untyped, &totals);
    assert_int_equal(totals.total_bytes, ram);
    assert_int_equal(totals.free_bytes, ram);
    assert_int_equal(totals.largest_bytes, largest);
    assert_int_equal(totals.device_total_bytes, device);
    assert_int_equal(totals.device_free_bytes, device);
}

static void test_blocks_are_aligned_to_their_size(void)
{
    fixture_init(true);
    for (uint32_t bits = KAAL_UNTYPED_BITS_MIN; bits <= 20; bits++) {
        const struct kaal_untyped *untyped = take(bits);
        assert_int_equal(untyped->bits, bits);
        assert_int_equal(untyped->paddr % BIT64(bits), 0);
        assert_false(untyped->device);
    }
}

/* The recorded address is the one the kernel uses. */
static void test_recorded_address_is_the_kernels(void)
{
    fixture_init(true);
    for (unsigned i = 0; i < 20; i++) {
        const struct kaal_untyped *untyped = take(12);
        seL4_CPtr slot;
        assert_kaal(kaal_cspace_allocate(&fixture.cspace, &slot));
        assert_kaal(
            kaal_cspace_retype(&fixture.cspace, untyped->cap, kaal_frame_type(12), 12, slot, 1));
        seL4_ARM_Page_GetAddress_t address = seL4_ARM_Page_GetAddress(slot);
        assert_int_equal(address.error, seL4_NoError);
        assert_int_equal(address.paddr, untyped->paddr);
    }
}

static void test_blocks_never_overlap(void)
{
    fixture_init(true);
    static struct kaal_untyped *live[LIVE_MAX];
    for (unsigned i = 0; i < LIVE_MAX; i++) {
        live[i] = take(5 + i % 9);
        for (unsigned j = 0; j < i; j++) {
            bool apart = live[i]->paddr + BIT64(live[i]->bits) <= live[j]->paddr ||
                         live[j]->paddr + BIT64(live[j]->bits) <= live[i]->paddr;
            assert_true(apart);
        }
    }
}

static void test_smallest_fitting_block_is_split(void)
{
    fixture_init(false);
    uint32_t smallest = KAAL_UNTYPED_BITS_MAX;
    for (uint64_t i = 0; i < harness_bootinfo->untyped.end - harness_bootinfo->untyped.start; i++) {
        const seL4_UntypedDesc *entry = &harness_bootinfo->untypedList[i];
        if (!entry->isDevice && entry->sizeBits >= 12 && entry->sizeBits < smallest) {
            smallest = entry->sizeBits;
        }
    }
    const struct kaal_untyped *root = take(12);
    while (root->parent != NULL) {
        root = root->parent;
    }
    assert_int_equal(root->bits, smallest);
}

static void test_freed_block_is_used_again_at_its_size(void)
{
    fixture_init(true);
    struct kaal_untyped *first = take(13);
    uint64_t slots = fixture.cspace.free_count;
    for (unsigned i = 0; i < 50; i++) {
        give(first);
        struct kaal_untyped *again = take(13);
        assert_ptr_equal(again, first);
        assert_int_equal(fixture.cspace.free_count, slots); /* nothing was split or merged */
    }
}

static void test_freeing_destroys_the_objects_inside(void)
{
    fixture_init(true);
    struct kaal_untyped *memory = take(12);
    seL4_CPtr slots;
    assert_kaal(kaal_cspace_allocate_run(&fixture.cspace, 2, &slots));
    assert_kaal(kaal_cspace_retype(&fixture.cspace, memory->cap, seL4_EndpointObject, 0, slots, 2));
    assert_int_not_equal(seL4_DebugCapIdentify(slots), 0);
    give(memory);
    assert_int_equal(seL4_DebugCapIdentify(slots), 0);
    assert_int_equal(seL4_DebugCapIdentify(slots + 1), 0);
    assert_ptr_equal(take(12), memory);
    assert_kaal(
        kaal_cspace_retype(&fixture.cspace, memory->cap, kaal_frame_type(12), 12, slots, 1));
}

static void test_double_free_and_null_are_refused(void)
{
    fixture_init(true);
    struct kaal_untyped *memory = take(16);
    struct fixture_counts before = fixture_count();
    give(memory);
    assert_kaal_error(kaal_untyped_free(&fixture.untyped, memory), KAAL_ERR_DOUBLE_FREE);
    assert_kaal_error(kaal_untyped_free(&fixture.untyped, NULL), KAAL_ERR_FOREIGN);
    assert_int_equal(fixture_count().free_bytes, before.free_bytes + BIT64(16));
    /* A half that was merged away is no untyped any more either. */
    struct kaal_untyped *half = take(12);
    give(half);
    (void)fixture_free_slots_after_merging();
    assert_kaal_error(kaal_untyped_free(&fixture.untyped, half), KAAL_ERR_DOUBLE_FREE);
}

static void test_impossible_sizes_are_refused(void)
{
    fixture_init(true);
    struct kaal_untyped *untyped;
    assert_kaal_error(kaal_untyped_allocate(&fixture.untyped, 3, &untyped), KAAL_ERR_INVALID);
    assert_kaal_error(kaal_untyped_allocate(&fixture.untyped, 48, &untyped), KAAL_ERR_INVALID);
    assert_kaal_error(kaal_untyped_allocate(&fixture.untyped, 40, &untyped), KAAL_ERR_NO_MEMORY);
}

static void test_exhaustion_gives_every_byte_and_gets_it_back(void)
{
    fixture_init(true);
    struct fixture_counts before = fixture_count();
    static struct kaal_untyped *live[LIVE_MAX];
    unsigned count = 0;
    int error;
    /* Large blocks first, then everything that is left in smaller ones. */
    for (uint32_t bits = 24; bits >= 16; bits--) {
        while ((error = kaal_untyped_allocate(&fixture.untyped, bits, &live[count])) == KAAL_OK) {
            count++;
            assert_true(count < LIVE_MAX);
        }
        assert_int_equal(error, KAAL_ERR_NO_MEMORY);
    }
    struct kaal_untyped_totals totals;
    kaal_untyped_totals(&fixture.untyped, &totals);
    assert_true(totals.largest_bytes < BIT64(16));
    while (count > 0) {
        give(live[--count]);
    }
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

static void test_halves_merge_only_when_nothing_else_fits(void)
{
    fixture_init(true);
    struct fixture_counts before = fixture_count();
    uint32_t largest = 63 - (uint32_t)__builtin_clzll(before.largest_bytes);
    /* Cut the largest block into small ones and give them back: still in pieces. */
    static struct kaal_untyped *live[LIVE_MAX];
    unsigned count = 0;
    while (count < LIVE_MAX &&
           kaal_untyped_allocate(&fixture.untyped, largest - 4, &live[count]) == KAAL_OK) {
        count++;
    }
    while (count > 0) {
        give(live[--count]);
    }
    struct fixture_counts pieces = fixture_count();
    fixture_assert_equal(&before, &pieces); /* largest counts what merging would give */
    assert_int_equal(fixture.untyped.free_mask >> largest & 1, 0);
    /* A request for the whole merges them. */
    struct kaal_untyped *whole = take(largest);
    assert_int_equal(whole->bits, largest);
    give(whole);
}

static void test_merging_leaves_allocated_neighbours_alone(void)
{
    fixture_init(true);
    struct fixture_counts before = fixture_count();
    uint32_t largest = 63 - (uint32_t)__builtin_clzll(before.largest_bytes);
    struct kaal_untyped *a = take(largest - 1);
    struct kaal_untyped *b = take(largest - 1);
    if (a->parent != b->parent) {
        give(b);
        b = NULL;
    }
    struct kaal_untyped *small = take(12);
    if (b != NULL) {
        give(b);
    }
    struct kaal_untyped *whole;
    int error = kaal_untyped_allocate(&fixture.untyped, largest, &whole);
    if (error == KAAL_OK) { /* another block of the largest size exists */
        bool apart =
            whole->paddr + BIT64(largest) <= a->paddr || a->paddr + BIT64(a->bits) <= whole->paddr;
        assert_true(apart);
        give(whole);
    } else {
        assert_int_equal(error, KAAL_ERR_NO_MEMORY);
    }
    assert_int_equal(small->state, KAAL_UNTYPED_ALLOCATED);
    assert_int_equal(a->state, KAAL_UNTYPED_ALLOCATED);
    give(a);
    give(small);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

static void test_stricter_alignment_is_kept(void)
{
    fixture_init(true);
    for (uint32_t alignment = 12; alignment <= 20; alignment++) {
        struct kaal_untyped *untyped;
        assert_kaal(kaal_untyped_allocate_aligned(&fixture.untyped, 12, alignment, &untyped));
        assert_int_equal(untyped->bits, 12);
        assert_int_equal(untyped->paddr % BIT64(alignment), 0);
    }
}

static const seL4_UntypedDesc *large_device_untyped(void)
{
    for (uint64_t i = 0; i < harness_bootinfo->untyped.end - harness_bootinfo->untyped.start; i++) {
        const seL4_UntypedDesc *entry = &harness_bootinfo->untypedList[i];
        if (entry->isDevice && entry->sizeBits >= 20) {
            return entry;
        }
    }
    fail();
    return NULL;
}

static void test_device_memory_is_cut_exactly_and_given_back(void)
{
    fixture_init(true);
    const seL4_UntypedDesc *entry = large_device_untyped();
    struct fixture_counts before = fixture_count();
    uint64_t slots = fixture.cspace.free_count;
    uint32_t records = fixture.untyped.free_record_count;
    uint64_t paddr = entry->paddr + BIT64(entry->sizeBits) - 3 * 4096;
    struct kaal_untyped *page;
    assert_kaal(kaal_untyped_allocate_at(&fixture.untyped, paddr, 12, &page));
    assert_int_equal(page->paddr, paddr);
    assert_int_equal(page->bits, 12);
    assert_true(page->device);
    assert_int_equal(fixture_count().device_free_bytes, before.device_free_bytes - 4096);
    assert_int_equal(fixture_count().free_bytes, before.free_bytes);
    struct kaal_untyped *again;
    assert_kaal_error(kaal_untyped_allocate_at(&fixture.untyped, paddr, 12, &again), KAAL_ERR_BUSY);
    assert_kaal_error(
        kaal_untyped_allocate_at(&fixture.untyped, entry->paddr, entry->sizeBits, &again),
        KAAL_ERR_BUSY);
    /* The neighbour is free. */
    assert_kaal(kaal_untyped_allocate_at(&fixture.untyped, paddr + 4096, 12, &again));
    give(again);
    give(page);
    /* Device memory merges at once: not a slot or record stays behind. */
    assert_int_equal(fixture.cspace.free_count, slots);
    assert_int_equal(fixture.untyped.free_record_count, records);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

static void test_addresses_that_nobody_has_are_refused(void)
{
    fixture_init(true);
    struct kaal_untyped *untyped;
    const seL4_UntypedDesc *entry = large_device_untyped();
    assert_kaal_error(kaal_untyped_allocate_at(&fixture.untyped, entry->paddr + 16, 12, &untyped),
                      KAAL_ERR_ALIGN);
    assert_kaal_error(kaal_untyped_allocate_at(&fixture.untyped, BIT64(46), 12, &untyped),
                      KAAL_ERR_NOT_FOUND);
    assert_kaal_error(kaal_untyped_allocate_at(&fixture.untyped, entry->paddr, 2, &untyped),
                      KAAL_ERR_INVALID);
}

static void test_without_records_an_allocation_changes_nothing(void)
{
    fixture_init(true);
    while (fixture.untyped.free_record_count > 1) {
        (void)kaal_record_take(&fixture.untyped);
    }
    struct fixture_counts before = fixture_count();
    struct kaal_untyped *untyped;
    int error = kaal_untyped_allocate(&fixture.untyped, 4, &untyped);
    assert_int_equal(error, KAAL_ERR_NO_SPACE);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

/* Random allocations and frees; a failure can be repeated with the printed seed. */
static void test_random_sequences_lose_nothing(void)
{
    fixture_init(true);
    struct fixture_counts before = fixture_count();
    uint64_t slots = fixture_free_slots_after_merging();
    static struct kaal_untyped *live[128];
    uint64_t allocated = 0;
    uint32_t seed = 12345;
    memset(live, 0, sizeof(live));
    for (unsigned step = 0; step < 4000; step++) {
        seed = seed * 1664525 + 1013904223;
        struct kaal_untyped **entry = &live[seed >> 16 & 127];
        if (*entry != NULL) {
            allocated -= BIT64((*entry)->bits);
            give(*entry);
            *entry = NULL;
        } else if (kaal_untyped_allocate(&fixture.untyped, 4 + (seed >> 8) % 15, entry) ==
                   KAAL_OK) {
            allocated += BIT64((*entry)->bits);
        }
        assert_int_equal(fixture_count().free_bytes, before.free_bytes - allocated);
    }
    for (unsigned i = 0; i < ARRAY_COUNT(live); i++) {
        if (live[i] != NULL) {
            give(live[i]);
        }
    }
    assert_int_equal(fixture_free_slots_after_merging(), slots);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_totals_match_bootinfo),
        HARNESS_TEST(test_blocks_are_aligned_to_their_size),
        HARNESS_TEST(test_recorded_address_is_the_kernels),
        HARNESS_TEST(test_blocks_never_overlap),
        HARNESS_TEST(test_smallest_fitting_block_is_split),
        HARNESS_TEST(test_freed_block_is_used_again_at_its_size),
        HARNESS_TEST(test_freeing_destroys_the_objects_inside),
        HARNESS_TEST(test_double_free_and_null_are_refused),
        HARNESS_TEST(test_impossible_sizes_are_refused),
        HARNESS_TEST(test_exhaustion_gives_every_byte_and_gets_it_back),
        HARNESS_TEST(test_halves_merge_only_when_nothing_else_fits),
        HARNESS_TEST(test_merging_leaves_allocated_neighbours_alone),
        HARNESS_TEST(test_stricter_alignment_is_kept),
        HARNESS_TEST(test_device_memory_is_cut_exactly_and_given_back),
        HARNESS_TEST(test_addresses_that_nobody_has_are_refused),
        HARNESS_TEST(test_without_records_an_allocation_changes_nothing),
        HARNESS_TEST(test_random_sequences_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
