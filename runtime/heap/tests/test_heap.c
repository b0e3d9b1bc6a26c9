/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The heap: sizes, alignment, contents, refusals, and that everything comes back. */
#include "fake_broker.h"

#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/heap.h>

#define PAGE      4096u
#define LIVE_MAX  500
#define STEPS     60000
#define CHECKED   (KAAL_HEAP_CHECKS ? 16u : 0u)
#define CELL_MOST 2016u

static struct kaal_heap_figures figures(void)
{
    struct kaal_heap_figures now;
    kaal_heap_figures(&now);
    return now;
}

static void test_objects_are_aligned_and_large_enough(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes < 3 * PAGE; bytes++) {
        unsigned char *object = kaal_heap_allocate(bytes);
        assert_non_null(object);
        assert_int_equal((uintptr_t)object % KAAL_HEAP_ALIGNMENT, 0);
        assert_true(kaal_heap_usable(object) >= bytes);
        if (!KAAL_HEAP_CHECKS && bytes >= 64 && bytes <= CELL_MOST) {
            assert_true(kaal_heap_usable(object) < bytes + bytes / 2); /* the next class */
        }
        memset(object, 0xee, bytes);
        kaal_heap_free(object);
    }
    assert_int_equal(figures().object_count, 0);
}

static void test_every_class_serves_its_own_size(void **state)
{
    (void)state;
    static const size_t classes[] = {16,  32,  48,  64,  80,  96,  112, 128,  160,  192, 224,
                                     256, 320, 384, 448, 512, 640, 768, 1024, 1344, 2016};
    size_t before = 0;
    for (size_t i = 0; i < ARRAY_COUNT(classes) && !KAAL_HEAP_CHECKS; i++) {
        for (size_t bytes = before + 1; bytes <= classes[i]; bytes++) {
            void *object = kaal_heap_allocate(bytes);
            assert_int_equal(kaal_heap_usable(object), classes[i]);
            kaal_heap_free(object);
        }
        before = classes[i];
    }
}

static void test_alignment_is_what_was_asked_for(void **state)
{
    (void)state;
    for (size_t alignment = 1; alignment <= 1u << 20; alignment *= 2) {
        for (size_t bytes = 0; bytes < 20000; bytes = bytes * 3 + 1) {
            unsigned char *objects[3];
            for (unsigned i = 0; i < 3; i++) {
                objects[i] = kaal_heap_allocate_aligned(alignment, bytes);
                assert_non_null(objects[i]);
                assert_int_equal((uintptr_t)objects[i] % alignment, 0);
                memset(objects[i], (int)i, bytes);
            }
            for (unsigned i = 0; i < 3; i++) {
                assert_true(bytes == 0 || objects[i][bytes - 1] == i);
                kaal_heap_free(objects[i]);
            }
        }
    }
    assert_null(kaal_heap_allocate_aligned(0, 8));
    assert_null(kaal_heap_allocate_aligned(48, 8));
    assert_null(kaal_heap_allocate_aligned((size_t)1 << 31, 8));
    assert_int_equal(figures().object_count, 0);
}

static void test_zeroed_objects_are_zero_and_sizes_do_not_wrap(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        unsigned char *object = kaal_heap_allocate_zeroed(25, 40);
        for (size_t i = 0; i < 1000; i++) {
            assert_int_equal(object[i], 0);
        }
        memset(object, 0xff, 1000);
        kaal_heap_free(object);
    }
    assert_null(kaal_heap_allocate_zeroed(SIZE_MAX / 2, 3));
    assert_null(kaal_heap_allocate(SIZE_MAX));
    assert_null(kaal_heap_allocate(SIZE_MAX - 100));
    assert_null(kaal_heap_allocate_aligned(PAGE, SIZE_MAX - 100));
}

static void test_resizing_keeps_the_contents(void **state)
{
    (void)state;
    unsigned char *object = kaal_heap_resize(NULL, 1);
    object[0] = 0;
    for (size_t bytes = 2; bytes < 40000; bytes += bytes / 3 + 1) {
        size_t before = kaal_heap_usable(object);
        object = kaal_heap_resize(object, bytes);
        assert_non_null(object);
        for (size_t i = 0; i < before && i < bytes; i += 97) {
            assert_int_equal(object[i], (unsigned char)(i * 7));
        }
        for (size_t i = 0; i < kaal_heap_usable(object); i++) {
            object[i] = (unsigned char)(i * 7);
        }
    }
    for (size_t bytes = kaal_heap_usable(object); bytes > 16; bytes /= 2) {
        object = kaal_heap_resize(object, bytes);
        for (size_t i = 0; i < bytes; i += 31) {
            assert_int_equal(object[i], (unsigned char)(i * 7));
        }
    }
    assert_null(kaal_heap_resize(object, SIZE_MAX));
    kaal_heap_free(object);
    assert_int_equal(figures().object_count, 0);
}

static void test_a_large_object_grows_where_it_is(void **state)
{
    (void)state;
    void *object = kaal_heap_allocate(5 * PAGE);
    void *grown = kaal_heap_resize(object, 9 * PAGE);
    assert_ptr_equal(grown, object);
    void *shrunk = kaal_heap_resize(grown, 2 * PAGE);
    assert_ptr_equal(shrunk, object);
    void *neighbour = kaal_heap_allocate(5 * PAGE);
    void *moved = kaal_heap_resize(shrunk, 30 * PAGE);
    assert_non_null(moved);
    kaal_heap_free(neighbour);
    kaal_heap_free(moved);
}

static void test_refusal_is_null_and_costs_nothing(void **state)
{
    (void)state;
    void *keep = kaal_heap_allocate(100);
    struct kaal_heap_figures before = figures();
    fake_broker_quota = fake_broker_bytes;
    assert_null(kaal_heap_allocate(16 << 20));
    struct kaal_heap_figures after = figures();
    assert_memory_equal(&before, &after, sizeof(before));
    void *object = kaal_heap_allocate(2000); /* still in what the heap has */
    assert_non_null(object);
    assert_null(kaal_heap_resize(object, 16 << 20));
    memset(object, 1, 2000);
    kaal_heap_free(object);
    /* Near the quota the heap asks for no more than it needs. */
    fake_broker_quota = fake_broker_bytes + 4001 * PAGE;
    void *large = kaal_heap_allocate(4000 * PAGE);
    assert_non_null(large);
    kaal_heap_free(large);
    fake_broker_quota = UINT64_MAX;
    kaal_heap_free(keep);
}

static void test_empty_regions_go_back_to_the_broker(void **state)
{
    (void)state;
    static void *objects[200];
    uint64_t bytes = fake_broker_bytes;
    unsigned count = 0;
    for (uint32_t calls = fake_broker_calls; fake_broker_calls < calls + 5; count++) {
        assert_true(count < ARRAY_COUNT(objects));
        objects[count] = kaal_heap_allocate(300 * PAGE);
        assert_non_null(objects[count]);
    }
    assert_true(fake_broker_bytes >= bytes + 1500 * PAGE);
    while (count > 0) {
        kaal_heap_free(objects[--count]);
    }
    assert_true(fake_broker_bytes <= bytes + 301 * PAGE); /* one is kept */
    /* And that one is used again, without asking. */
    uint32_t calls_before = fake_broker_calls;
    for (unsigned i = 0; i < 100; i++) {
        kaal_heap_free(kaal_heap_allocate(100 * PAGE));
    }
    assert_int_equal(fake_broker_calls, calls_before);
}

static void test_own_memory_is_used_and_kept(void **state)
{
    (void)state;
    unsigned char *memory = aligned_alloc(PAGE, 8 * PAGE);
    uint32_t before = figures().region_count;
    assert_int_equal(kaal_heap_add(memory + 1, PAGE), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_heap_add(memory, PAGE - 1), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_heap_add(memory, 0), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_heap_add(memory, 8 * PAGE), KAAL_OK);
    assert_int_equal(figures().region_count, before + 1);
    fake_broker_quota = fake_broker_bytes;
    void *objects[64];
    unsigned count = 0;
    while (count < 64 && (objects[count] = kaal_heap_allocate(PAGE)) != NULL) {
        count++;
    }
    assert_true(count >= 4);
    while (count > 0) {
        kaal_heap_free(objects[--count]);
    }
    fake_broker_quota = UINT64_MAX;
    assert_true(figures().region_count >= 1); /* it is never given to the broker */
}

static void test_what_is_no_object_is_refused(void **state)
{
    (void)state;
    static _Alignas(PAGE) unsigned char elsewhere[2 * PAGE];
    kaal_heap_free(NULL);
    assert_panics(kaal_heap_free(elsewhere + 64), "no object");
    void *large = kaal_heap_allocate(3 * PAGE);
    kaal_heap_free(large);
    assert_panics(kaal_heap_free(large), "");
}

struct live {
    unsigned char *object;
    size_t bytes;
    unsigned char fill;
};

static void check(const struct live *live)
{
    for (size_t i = 0; i < live->bytes; i++) {
        assert_int_equal(live->object[i], live->fill);
    }
}

/* Random sequences against a model: contents stay, and in the end everything is free. */
static void test_random_sequences_keep_contents_and_lose_nothing(void **state)
{
    (void)state;
    static struct live live[LIVE_MAX];
    uint32_t count = 0;
    uint64_t objects_before = figures().object_count;
    srand(20261128);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned what = (unsigned)rand() % 10;
        size_t bytes = (size_t)rand() % (what == 0 ? 60000 : what < 4 ? 3000 : 200);
        if (count < LIVE_MAX && what < 6) {
            struct live *at = &live[count];
            at->object = what == 5 ? kaal_heap_allocate_aligned((size_t)1 << (rand() % 14), bytes)
                                   : kaal_heap_allocate(bytes);
            assert_non_null(at->object);
            at->bytes = bytes;
            at->fill = (unsigned char)rand();
            memset(at->object, at->fill, bytes);
            count++;
        } else if (count > 0 && what == 6) {
            struct live *at = &live[(uint32_t)rand() % count];
            at->object = kaal_heap_resize(at->object, bytes);
            assert_non_null(at->object);
            at->bytes = at->bytes < bytes ? at->bytes : bytes;
            check(at);
        } else if (count > 0) {
            uint32_t index = (uint32_t)rand() % count;
            check(&live[index]);
            kaal_heap_free(live[index].object);
            live[index] = live[--count];
        }
        assert_int_equal(figures().object_count, objects_before + count);
    }
    while (count > 0) {
        check(&live[--count]);
        kaal_heap_free(live[count].object);
    }
    struct kaal_heap_figures end = figures();
    assert_int_equal(end.object_count, objects_before);
    /* What is not free are the pages that classes keep, one each. */
    assert_true(end.region_bytes - end.free_bytes <= 21 * PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_are_aligned_and_large_enough),
        cmocka_unit_test(test_every_class_serves_its_own_size),
        cmocka_unit_test(test_alignment_is_what_was_asked_for),
        cmocka_unit_test(test_zeroed_objects_are_zero_and_sizes_do_not_wrap),
        cmocka_unit_test(test_resizing_keeps_the_contents),
        cmocka_unit_test(test_a_large_object_grows_where_it_is),
        cmocka_unit_test(test_refusal_is_null_and_costs_nothing),
        cmocka_unit_test(test_empty_regions_go_back_to_the_broker),
        cmocka_unit_test(test_random_sequences_keep_contents_and_lose_nothing),
        cmocka_unit_test(test_own_memory_is_used_and_kept),
        cmocka_unit_test(test_what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
