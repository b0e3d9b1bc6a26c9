/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The marks of debug builds: every misuse ends in a message that names it. */
#include "fake_broker.h"

#include <string.h>

#include <kaal/heap.h>

/* Sizes of cells and of runs of pages. */
static const size_t sizes[] = {1, 16, 40, 100, 1000, 2000, 4096, 20000};
#define SIZE_COUNT (sizeof(sizes) / sizeof(sizes[0]))

static void test_double_free_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        void *object = kaal_heap_allocate(sizes[i]);
        void *neighbour = kaal_heap_allocate(sizes[i]);
        kaal_heap_free(object);
        assert_panics(kaal_heap_free(object), sizes[i] < 2048 ? "freed twice" : "second time");
        kaal_heap_free(neighbour);
    }
}

static void test_a_byte_over_the_end_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        for (size_t over = 0; over < 3; over++) {
            unsigned char *object = kaal_heap_allocate(sizes[i]);
            object[sizes[i] + over] ^= 0x20;
            assert_panics(kaal_heap_free(object), "over its end");
        }
    }
}

static void test_a_byte_over_an_aligned_object_is_found(void **state)
{
    (void)state;
    for (size_t alignment = 32; alignment <= 65536; alignment *= 2) {
        unsigned char *object = kaal_heap_allocate_aligned(alignment, 77);
        memset(object, 0, 77);
        object[77] = 0;
        assert_panics(kaal_heap_free(object), "over its end");
    }
}

static void test_a_write_after_free_is_found(void **state)
{
    (void)state;
    unsigned char *object = kaal_heap_allocate(200);
    kaal_heap_free(object);
    object[100] = 1;
    assert_panics((void)kaal_heap_allocate(200), "freed object was written");
}

static void test_a_pointer_into_an_object_is_refused(void **state)
{
    (void)state;
    unsigned char *object = kaal_heap_allocate_zeroed(1, 200);
    assert_panics(kaal_heap_free(object + 16), "no object");
    kaal_heap_free(object);
}

static void test_resizing_a_freed_object_is_refused(void **state)
{
    (void)state;
    unsigned char *object = kaal_heap_allocate(300);
    kaal_heap_free(object);
    assert_panics((void)kaal_heap_resize(object, 310), "used after");
}

static void test_usable_bytes_are_those_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        void *object = kaal_heap_allocate(sizes[i]);
        assert_int_equal(kaal_heap_usable(object), sizes[i]);
        object = kaal_heap_resize(object, sizes[i] + 3);
        assert_int_equal(kaal_heap_usable(object), sizes[i] + 3);
        kaal_heap_free(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_double_free_is_found),
        cmocka_unit_test(test_a_byte_over_the_end_is_found),
        cmocka_unit_test(test_a_byte_over_an_aligned_object_is_found),
        cmocka_unit_test(test_a_write_after_free_is_found),
        cmocka_unit_test(test_a_pointer_into_an_object_is_refused),
        cmocka_unit_test(test_resizing_a_freed_object_is_refused),
        cmocka_unit_test(test_usable_bytes_are_those_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
