/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Arenas and address spaces: charging, quotas, DMA, mapping, and release of everything. */
#include "fixture.h"

#define WINDOW      UINT64_C(0x8000000000)
#define WINDOW_SIZE UINT64_C(0x10000000)

static struct kaal_arena arena;
static struct kaal_usage usage;

static void start(void)
{
    fixture_init(true);
    usage = (struct kaal_usage){0};
    kaal_arena_init(&arena, &fixture.untyped, &usage);
}

static void assert_nothing_charged(void)
{
    assert_int_equal(usage.bytes, 0);
    assert_int_equal(usage.slots, 0);
    assert_int_equal(usage.frames, 0);
    assert_int_equal(arena.chunk_count, 0);
}

static void test_objects_are_charged_and_released(void)
{
    start();
    struct fixture_counts before = fixture_count();
    uint64_t slots = fixture_free_slots_after_merging();
    uint32_t records = fixture.untyped.free_record_count;
    seL4_CPtr frames;
    seL4_CPtr tcb;
    seL4_CPtr loose;
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 100, &frames));
    assert_kaal(kaal_arena_allocate(&arena, seL4_TCBObject, 0, 1, &tcb));
    assert_kaal(kaal_arena_slots(&arena, 3, &loose));
    assert_int_equal(usage.bytes, 100 * 4096 + BIT64(seL4_TCBBits));
    assert_int_equal(usage.slots, 104);
    assert_int_equal(usage.frames, 100);
    /* A copy outside of any untyped: it must be deleted, not only revoked. */
    assert_int_equal(seL4_CNode_Copy(fixture.cspace.root, loose + 1, fixture.cspace.depth,
                                     fixture.cspace.root, seL4_CapInitThreadTCB,
                                     fixture.cspace.depth, seL4_AllRights),
                     seL4_NoError);
    kaal_arena_release(&arena);
    assert_nothing_charged();
    assert_int_equal(seL4_DebugCapIdentify(frames), 0);
    assert_int_equal(seL4_DebugCapIdentify(frames + 99), 0);
    assert_int_equal(seL4_DebugCapIdentify(tcb), 0);
    assert_int_equal(seL4_DebugCapIdentify(loose + 1), 0);
    assert_int_equal(fixture_free_slots_after_merging(), slots);
    assert_int_equal(fixture.untyped.free_record_count, records);
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

/* The arena knows where the kernel puts objects: every kind and order of sizes fits as foreseen. */
static void test_mixed_sizes_fill_chunks_as_the_kernel_does(void)
{
    start();
    assert_kaal(kaal_arena_reserve(&arena, 1 << 18));
    const seL4_Word types[] = {seL4_EndpointObject,    seL4_TCBObject,      kaal_frame_type(12),
                               seL4_ReplyObject,       seL4_CapTableObject, seL4_SchedContextObject,
                               seL4_NotificationObject};
    const seL4_Word bits[] = {0, 0, 12, 0, 6, 8, 0};
    seL4_CPtr first;
    for (unsigned i = 0; i < 300; i++) {
        unsigned kind = i * 5 % ARRAY_COUNT(types);
        assert_kaal(kaal_arena_allocate(&arena, types[kind], bits[kind], 1 + i % 3, &first));
    }
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_restarting_the_same_component_changes_no_count(void)
{
    start();
    uint64_t slots = 0;
    struct fixture_counts first = {0};
    for (unsigned round = 0; round < 100; round++) {
        seL4_CPtr out;
        assert_kaal(kaal_arena_reserve(&arena, 200 << 10));
        assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 30, &out));
        assert_kaal(kaal_arena_allocate(&arena, seL4_CapTableObject, 8, 1, &out));
        assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 60, &out));
        kaal_arena_release(&arena);
        struct fixture_counts now = fixture_count();
        if (round == 0) {
            first = now;
            slots = fixture.cspace.free_count;
        }
        fixture_assert_equal(&first, &now);
        assert_int_equal(fixture.cspace.free_count, slots);
    }
}

static void test_memory_quota_refuses_and_charges_nothing(void)
{
    start();
    seL4_CPtr first;
    usage.bytes_max = 10 * 4096;
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 8, &first));
    uint64_t slots = fixture.cspace.free_count;
    assert_kaal_error(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 3, &first),
                      KAAL_ERR_QUOTA_MEMORY);
    assert_int_equal(usage.bytes, 8 * 4096);
    assert_int_equal(fixture.cspace.free_count, slots);
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 2, &first));
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_slot_quota_refuses(void)
{
    start();
    seL4_CPtr first;
    usage.slots_max = 4;
    assert_kaal(kaal_arena_slots(&arena, 4, &first));
    assert_kaal_error(kaal_arena_slots(&arena, 1, &first), KAAL_ERR_QUOTA_SLOTS);
    assert_kaal_error(kaal_arena_allocate(&arena, seL4_EndpointObject, 0, 1, &first),
                      KAAL_ERR_QUOTA_SLOTS);
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_exhausted_memory_leaves_nothing_taken(void)
{
    start();
    struct fixture_counts before = fixture_count();
    seL4_CPtr first;
    int error;
    do {
        error = kaal_arena_allocate(&arena, kaal_frame_type(21), 21, 1, &first);
    } while (error == KAAL_OK);
    assert_int_equal(error, KAAL_ERR_NO_MEMORY);
    uint64_t charged = usage.bytes;
    assert_kaal_error(kaal_arena_allocate(&arena, kaal_frame_type(21), 21, 1, &first),
                      KAAL_ERR_NO_MEMORY);
    assert_int_equal(usage.bytes, charged);
    kaal_arena_release(&arena);
    assert_nothing_charged();
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
}

static void test_cspace_grows_when_an_arena_needs_slots(void)
{
    start();
    uint32_t nodes = fixture.cspace.node_count;
    uint64_t needed = fixture.cspace.free_count + 1000;
    for (uint64_t taken = 0; taken < needed; taken += 250) {
        seL4_CPtr first;
        assert_kaal(kaal_arena_slots(&arena, 250, &first));
    }
    assert_true(fixture.cspace.node_count > nodes);
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_bad_requests_are_refused(void)
{
    start();
    seL4_CPtr first;
    assert_kaal_error(kaal_arena_allocate(&arena, 99, 0, 1, &first), KAAL_ERR_INVALID);
    assert_kaal_error(kaal_arena_allocate(&arena, seL4_CapTableObject, 0, 1, &first),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_arena_allocate(&arena, seL4_EndpointObject, 0, 0, &first),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_arena_allocate(&arena, seL4_EndpointObject, 0, 257, &first),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_arena_reserve(&arena, 0), KAAL_ERR_INVALID);
    assert_nothing_charged();
}

static void test_dma_memory_is_contiguous_and_aligned(void)
{
    start();
    for (uint64_t alignment = 1; alignment <= 1 << 18; alignment <<= 1) {
        seL4_CPtr first;
        uint32_t count;
        uint64_t paddr;
        assert_kaal(
            kaal_arena_allocate_dma(&arena, 3 * 4096 + 1, alignment, &first, &count, &paddr));
        assert_int_equal(count, 4);
        assert_int_equal(paddr % alignment, 0);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(seL4_ARM_Page_GetAddress(first + i).paddr, paddr + i * 4096);
        }
    }
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_dma_alignment_that_is_no_power_of_two_is_refused(void)
{
    start();
    seL4_CPtr first;
    uint32_t count;
    uint64_t paddr;
    const uint64_t bad[] = {0, 3, 4097, 12288, UINT64_C(1) << 31};
    for (unsigned i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_kaal_error(kaal_arena_allocate_dma(&arena, 4096, bad[i], &first, &count, &paddr),
                          KAAL_ERR_ALIGN);
    }
    assert_kaal_error(kaal_arena_allocate_dma(&arena, 0, 4096, &first, &count, &paddr),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_arena_allocate_dma(&arena, 1 << 21, 4096, &first, &count, &paddr),
                      KAAL_ERR_INVALID);
    assert_nothing_charged();
}

static void test_dma_exhaustion_recovers(void)
{
    start();
    struct fixture_counts before = fixture_count();
    seL4_CPtr first;
    uint32_t count;
    uint64_t paddr;
    int error;
    do {
        error = kaal_arena_allocate_dma(&arena, 1 << 20, 1 << 20, &first, &count, &paddr);
    } while (error == KAAL_OK);
    assert_int_equal(error, KAAL_ERR_NO_MEMORY);
    kaal_arena_release(&arena);
    assert_nothing_charged();
    struct fixture_counts after = fixture_count();
    fixture_assert_equal(&before, &after);
    assert_kaal(kaal_arena_allocate_dma(&arena, 1 << 20, 1 << 20, &first, &count, &paddr));
}

static void test_mapped_frames_are_readable_and_vanish(void)
{
    start();
    struct kaal_vspace vspace;
    seL4_CPtr frames;
    uint64_t vaddr;
    assert_kaal(kaal_vspace_init(&vspace, seL4_CapInitThreadVSpace, &arena, WINDOW, WINDOW_SIZE));
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 3, &frames));
    assert_kaal(kaal_vspace_range_take(&vspace, 3 * 4096, 4096, &vaddr));
    assert_null(kernel_host_translate(vaddr, false));
    assert_kaal(kaal_vspace_map(&vspace, frames, 3, vaddr, 12, KAAL_MAP_READ | KAAL_MAP_WRITE));
    for (uint64_t page = 0; page < 3; page++) {
        assert_non_null(kernel_host_translate(vaddr + page * 4096, true));
    }
    assert_null(kernel_host_translate(vaddr + 3 * 4096, false)); /* the guard page */
    kaal_vspace_unmap(frames, 1);
    assert_null(kernel_host_translate(vaddr, false));
    assert_kaal(kaal_vspace_map(&vspace, frames, 1, vaddr, 12, KAAL_MAP_READ));
    assert_non_null(kernel_host_translate(vaddr, false));
    assert_null(kernel_host_translate(vaddr, true));
    kaal_vspace_deinit(&vspace);
    kaal_arena_release(&arena);
    assert_null(kernel_host_translate(vaddr, false));
    assert_nothing_charged();
}

static void test_page_tables_are_made_once(void)
{
    start();
    struct kaal_vspace vspace;
    assert_kaal(kaal_vspace_create(&vspace, &arena, WINDOW, WINDOW_SIZE));
    uint64_t before = usage.bytes;
    seL4_CPtr frames;
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 2, &frames));
    assert_kaal(kaal_vspace_map(&vspace, frames, 1, WINDOW, 12, KAAL_MAP_READ));
    assert_int_equal(usage.bytes, before + 2 * 4096 + 3 * 4096);
    assert_kaal(kaal_vspace_map(&vspace, frames + 1, 1, WINDOW + 4096, 12, KAAL_MAP_READ));
    assert_int_equal(usage.bytes, before + 2 * 4096 + 3 * 4096);
    kaal_vspace_deinit(&vspace);
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_large_frames_need_fewer_tables(void)
{
    start();
    struct kaal_vspace vspace;
    assert_kaal(kaal_vspace_create(&vspace, &arena, WINDOW, WINDOW_SIZE));
    uint64_t before = usage.bytes;
    seL4_CPtr frame;
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(21), 21, 1, &frame));
    assert_kaal(kaal_vspace_map(&vspace, frame, 1, WINDOW, 21, KAAL_MAP_READ));
    assert_int_equal(usage.bytes, before + (1 << 21) + 2 * 4096);
    assert_kaal_error(kaal_vspace_map(&vspace, frame, 1, WINDOW + 4096, 21, KAAL_MAP_READ),
                      KAAL_ERR_ALIGN);
    kaal_vspace_deinit(&vspace);
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_bad_mappings_are_refused_and_undone(void)
{
    start();
    struct kaal_vspace vspace;
    seL4_CPtr frames;
    assert_kaal(kaal_vspace_init(&vspace, seL4_CapInitThreadVSpace, &arena, WINDOW, WINDOW_SIZE));
    assert_kaal(kaal_arena_allocate(&arena, kaal_frame_type(12), 12, 2, &frames));
    assert_kaal_error(kaal_vspace_map(&vspace, frames, 1, WINDOW + 1, 12, KAAL_MAP_READ),
                      KAAL_ERR_ALIGN);
    assert_kaal_error(kaal_vspace_map(&vspace, frames, 1, BIT64(47), 12, KAAL_MAP_READ),
                      KAAL_ERR_RANGE);
    assert_kaal_error(kaal_vspace_map(&vspace, frames, 1, WINDOW, 13, KAAL_MAP_READ),
                      KAAL_ERR_INVALID);
    assert_kaal_error(kaal_vspace_map(&vspace, frames, 1, WINDOW, 12, KAAL_MAP_WRITE),
                      KAAL_ERR_INVALID);
    /* The second slot holds no frame: the first must not stay mapped. */
    assert_int_equal(seL4_CNode_Delete(fixture.cspace.root, frames + 1, fixture.cspace.depth),
                     seL4_NoError);
    assert_int_not_equal(kaal_vspace_map(&vspace, frames, 2, WINDOW, 12, KAAL_MAP_READ), KAAL_OK);
    assert_null(kernel_host_translate(WINDOW, false));
    kaal_vspace_deinit(&vspace);
    kaal_arena_release(&arena);
    assert_nothing_charged();
}

static void test_address_ranges_are_disjoint_and_come_back(void)
{
    start();
    struct kaal_vspace vspace;
    uint64_t taken[32];
    uint64_t bytes[32];
    assert_kaal(kaal_vspace_init(&vspace, seL4_CapInitThreadVSpace, &arena, WINDOW, WINDOW_SIZE));
    uint32_t records = fixture.untyped.free_record_count;
    for (unsigned i = 0; i < ARRAY_COUNT(taken); i++) {
        bytes[i] = 4096 * (1 + i * 5 % 7);
        assert_kaal(
            kaal_vspace_range_take(&vspace, bytes[i], i % 4 == 0 ? 1 << 16 : 4096, &taken[i]));
        for (unsigned j = 0; j < i; j++) {
            assert_true(taken[i] + bytes[i] < taken[j] + 1 || taken[j] + bytes[j] < taken[i] + 1);
        }
    }
    for (unsigned i = 0; i < ARRAY_COUNT(taken); i++) {
        unsigned k = i * 11 % ARRAY_COUNT(taken);
        assert_kaal(kaal_vspace_range_put(&vspace, taken[k], bytes[k]));
        assert_kaal_error(kaal_vspace_range_put(&vspace, taken[k], bytes[k]), KAAL_ERR_DOUBLE_FREE);
    }
    assert_int_equal(fixture.untyped.free_record_count, records); /* one hole again */
    uint64_t whole;
    assert_kaal(kaal_vspace_range_take(&vspace, WINDOW_SIZE - 4096, 4096, &whole));
    assert_kaal_error(kaal_vspace_range_take(&vspace, 1, 4096, &whole), KAAL_ERR_NO_SPACE);
    assert_kaal_error(kaal_vspace_range_take(&vspace, 1, 5000, &whole), KAAL_ERR_ALIGN);
    assert_kaal_error(kaal_vspace_range_take(&vspace, 0, 4096, &whole), KAAL_ERR_INVALID);
    kaal_vspace_deinit(&vspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_objects_are_charged_and_released),
        HARNESS_TEST(test_mixed_sizes_fill_chunks_as_the_kernel_does),
        HARNESS_TEST(test_restarting_the_same_component_changes_no_count),
        HARNESS_TEST(test_memory_quota_refuses_and_charges_nothing),
        HARNESS_TEST(test_slot_quota_refuses),
        HARNESS_TEST(test_exhausted_memory_leaves_nothing_taken),
        HARNESS_TEST(test_cspace_grows_when_an_arena_needs_slots),
        HARNESS_TEST(test_bad_requests_are_refused),
        HARNESS_TEST(test_dma_memory_is_contiguous_and_aligned),
        HARNESS_TEST(test_dma_alignment_that_is_no_power_of_two_is_refused),
        HARNESS_TEST(test_dma_exhaustion_recovers),
        HARNESS_TEST(test_mapped_frames_are_readable_and_vanish),
        HARNESS_TEST(test_page_tables_are_made_once),
        HARNESS_TEST(test_large_frames_need_fewer_tables),
        HARNESS_TEST(test_bad_mappings_are_refused_and_undone),
        HARNESS_TEST(test_address_ranges_are_disjoint_and_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
