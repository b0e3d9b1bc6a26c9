/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pools of DMA memory: alignment, boundaries, merging, misuse, and random sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/dma_pool.h>

#define BYTES    UINT64_C(0x40000)
#define BUS      UINT64_C(0x3fff3000) /* aligned to a page only */
#define PIECES   128u
#define LIVE_MAX 60u

static struct kaal_dma_pool pool;
static struct kaal_dma_piece pieces[PIECES];
static _Alignas(4096) unsigned char memory[BYTES];

static void start(uint32_t piece_count)
{
    const struct kaal_dma_resource block = {.vaddr = (uintptr_t)memory, .bytes = BYTES, .bus = BUS};
    assert_int_equal(kaal_dma_pool_init(&pool, &block, pieces, piece_count), KAAL_OK);
}

static struct kaal_dma_buffer take(uint64_t bytes, uint64_t alignment, uint64_t boundary)
{
    struct kaal_dma_buffer buffer;
    assert_int_equal(kaal_dma_allocate(&pool, bytes, alignment, boundary, &buffer), KAAL_OK);
    assert_int_equal(buffer.bus % alignment, 0);
    assert_true(buffer.bytes >= bytes);
    assert_ptr_equal(buffer.address, memory + (buffer.bus - BUS));
    if (boundary != 0) {
        assert_int_equal(buffer.bus / boundary, (buffer.bus + buffer.bytes - 1) / boundary);
    }
    return buffer;
}

static void give(const struct kaal_dma_buffer *buffer)
{
    assert_int_equal(kaal_dma_free(&pool, buffer), KAAL_OK);
}

static void test_buffers_are_aligned_for_the_device(void **state)
{
    (void)state;
    for (uint64_t alignment = 1; alignment <= 0x10000; alignment *= 2) {
        start(PIECES);
        struct kaal_dma_buffer first = take(100, alignment, 0);
        struct kaal_dma_buffer second = take(100, alignment, 0);
        assert_true(second.bus >= first.bus + first.bytes);
    }
}

static void test_no_buffer_crosses_its_boundary(void **state)
{
    (void)state;
    for (uint64_t boundary = 128; boundary <= 0x10000; boundary *= 2) {
        start(PIECES);
        for (unsigned i = 0; i < 20 && boundary * 20 <= BYTES; i++) {
            (void)take(boundary / 2 + 64, 64, boundary);
        }
    }
}

static void test_impossible_wishes_are_refused(void **state)
{
    (void)state;
    struct kaal_dma_buffer buffer;
    start(PIECES);
    assert_int_equal(kaal_dma_allocate(&pool, 0, 64, 0, &buffer), KAAL_ERR_INVALID);
    assert_int_equal(kaal_dma_allocate(&pool, 129, 64, 128, &buffer), KAAL_ERR_INVALID);
    assert_int_equal(kaal_dma_allocate(&pool, UINT64_MAX, 64, 0, &buffer), KAAL_ERR_INVALID);
    assert_int_equal(kaal_dma_allocate(&pool, 64, 0, 0, &buffer), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_dma_allocate(&pool, 64, 96, 0, &buffer), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_dma_allocate(&pool, 64, 64, 96, &buffer), KAAL_ERR_ALIGN);
    assert_int_equal(kaal_dma_allocate(&pool, BYTES + 64, 64, 0, &buffer), KAAL_ERR_NO_MEMORY);
    assert_int_equal(kaal_dma_allocate(&pool, 64, BIT64(63), 0, &buffer), KAAL_ERR_NO_MEMORY);
    assert_int_equal(pool.free_bytes, BYTES);
    struct kaal_dma_resource odd = {.vaddr = 64, .bus = 32, .bytes = 64};
    assert_int_equal(kaal_dma_pool_init(&pool, &odd, pieces, 1), KAAL_ERR_ALIGN);
    odd.bus = 64;
    assert_int_equal(kaal_dma_pool_init(&pool, &odd, pieces, 0), KAAL_ERR_INVALID);
    odd.bytes = 0;
    assert_int_equal(kaal_dma_pool_init(&pool, &odd, pieces, 1), KAAL_ERR_INVALID);
}

static void test_freed_buffers_merge_in_any_order(void **state)
{
    (void)state;
    static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (unsigned order = 0; order < ARRAY_COUNT(orders); order++) {
        start(PIECES);
        struct kaal_dma_buffer buffers[3];
        for (unsigned i = 0; i < 3; i++) {
            buffers[i] = take(BYTES / 4, 64, 0);
        }
        for (unsigned i = 0; i < 3; i++) {
            give(&buffers[orders[order][i]]);
        }
        assert_int_equal(kaal_dma_largest(&pool), BYTES);
        assert_int_equal(pool.free_bytes, BYTES);
    }
}

static void test_double_and_foreign_frees_are_errors(void **state)
{
    (void)state;
    start(PIECES);
    struct kaal_dma_buffer first = take(256, 64, 0);
    struct kaal_dma_buffer second = take(256, 64, 0);
    struct kaal_dma_buffer part = first;
    part.bytes = 64;
    assert_int_equal(kaal_dma_free(&pool, &part), KAAL_ERR_FOREIGN);
    part = first;
    part.bus += 64;
    part.address = (char *)part.address + 64;
    assert_int_equal(kaal_dma_free(&pool, &part), KAAL_ERR_FOREIGN);
    part = first;
    part.address = &part;
    assert_int_equal(kaal_dma_free(&pool, &part), KAAL_ERR_FOREIGN);
    struct kaal_dma_buffer outside = {.address = memory + BYTES, .bus = BUS + BYTES, .bytes = 64};
    assert_int_equal(kaal_dma_free(&pool, &outside), KAAL_ERR_FOREIGN);
    outside.bus = BUS - 64;
    assert_int_equal(kaal_dma_free(&pool, &outside), KAAL_ERR_FOREIGN);
    give(&first);
    assert_int_equal(kaal_dma_free(&pool, &first), KAAL_ERR_DOUBLE_FREE);
    give(&second);
    assert_int_equal(kaal_dma_free(&pool, &second), KAAL_ERR_DOUBLE_FREE);
    assert_int_equal(pool.free_bytes, BYTES);
}

static void test_without_records_nothing_changes(void **state)
{
    (void)state;
    struct kaal_dma_buffer buffer;
    start(1);
    assert_int_equal(kaal_dma_allocate(&pool, 64, 64, 0, &buffer), KAAL_ERR_NO_SPACE);
    struct kaal_dma_buffer all = take(BYTES, 64, 0); /* needs no record */
    give(&all);
    start(2);
    (void)take(64, 64, 0);
    assert_int_equal(kaal_dma_allocate(&pool, 64, 64, 0, &buffer), KAAL_ERR_NO_SPACE);
    assert_int_equal(pool.free_bytes, BYTES - 64);
}

static void test_random_sequences_lose_nothing(void **state)
{
    (void)state;
    struct kaal_dma_buffer live[LIVE_MAX];
    uint32_t count = 0;
    uint64_t used = 0;
    start(PIECES);
    srand(4);
    for (unsigned step = 0; step < 20000; step++) {
        if (count < LIVE_MAX && rand() % 2 == 0) {
            uint64_t bytes = 1 + (uint64_t)rand() % 9000;
            uint64_t alignment = BIT64(rand() % 14);
            uint64_t boundary = rand() % 2 == 0 ? 0 : BIT64(14 + rand() % 3);
            struct kaal_dma_buffer buffer;
            int error = kaal_dma_allocate(&pool, bytes, alignment, boundary, &buffer);
            assert_true(error == KAAL_OK || error == KAAL_ERR_NO_MEMORY);
            if (error == KAAL_OK) {
                memset(buffer.address, (int)count, buffer.bytes);
                for (uint32_t i = 0; i < count; i++) {
                    assert_true(buffer.bus + buffer.bytes <= live[i].bus ||
                                live[i].bus + live[i].bytes <= buffer.bus);
                }
                live[count++] = buffer;
                used += buffer.bytes;
            }
        } else if (count > 0) {
            uint32_t index = (uint32_t)rand() % count;
            used -= live[index].bytes;
            give(&live[index]);
            live[index] = live[--count];
        }
        assert_int_equal(pool.free_bytes, BYTES - used);
    }
    while (count > 0) {
        give(&live[--count]);
    }
    assert_int_equal(kaal_dma_largest(&pool), BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffers_are_aligned_for_the_device),
        cmocka_unit_test(test_no_buffer_crosses_its_boundary),
        cmocka_unit_test(test_impossible_wishes_are_refused),
        cmocka_unit_test(test_freed_buffers_merge_in_any_order),
        cmocka_unit_test(test_double_and_foreign_frees_are_errors),
        cmocka_unit_test(test_without_records_nothing_changes),
        cmocka_unit_test(test_random_sequences_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
