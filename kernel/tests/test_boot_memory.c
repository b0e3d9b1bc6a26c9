/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a boot loader may tell of memory, and what becomes of it. */
#include <kernel/boot_memory.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MIB(n) ((paddr_t)(n) << 20)

static int begin(void **state)
{
    (void)state;
    boot_memory_init();
    return 0;
}

static void add_ram(paddr_t start, paddr_t end)
{
    boot_memory_add_ram((struct boot_region){start, end});
}

static void reserve(paddr_t start, paddr_t end)
{
    boot_memory_reserve((struct boot_region){start, end});
}

static bool take(paddr_t start, paddr_t end)
{
    return boot_memory_take((struct boot_region){start, end});
}

static void expect_region(const struct boot_regions *set, word_t i, paddr_t start, paddr_t end)
{
    assert_true(i < set->count);
    assert_int_equal(set->region[i].start, start);
    assert_int_equal(set->region[i].end, end);
}

static void test_ram_in_any_order_becomes_sorted_and_joined(void **state)
{
    (void)state;
    add_ram(MIB(8), MIB(9));
    add_ram(MIB(1), MIB(2));
    add_ram(MIB(2), MIB(3));
    add_ram(MIB(8) + MIB(1) / 2, MIB(10));
    add_ram(MIB(20), MIB(20));
    assert_int_equal(boot_free_memory.count, 2);
    expect_region(&boot_free_memory, 0, MIB(1), MIB(3));
    expect_region(&boot_free_memory, 1, MIB(8), MIB(10));
    expect_region(&boot_device_memory, 0, 0, MIB(1));
    expect_region(&boot_device_memory, 1, MIB(3), MIB(8));
}

static void test_only_whole_pages_are_ram(void **state)
{
    (void)state;
    add_ram(MIB(1) + 1, MIB(2) - 1);
    add_ram(MIB(4) + 1, MIB(4) + 4095);
    assert_int_equal(boot_free_memory.count, 1);
    expect_region(&boot_free_memory, 0, MIB(1) + 4096, MIB(2) - 4096);
}

static void test_reserved_memory_is_neither_free_nor_device(void **state)
{
    (void)state;
    add_ram(MIB(1), MIB(4));
    reserve(MIB(2), MIB(3));
    reserve(MIB(6), MIB(7));
    assert_int_equal(boot_free_memory.count, 2);
    expect_region(&boot_free_memory, 0, MIB(1), MIB(2));
    expect_region(&boot_free_memory, 1, MIB(3), MIB(4));
    expect_region(&boot_device_memory, 1, MIB(4), MIB(6));
}

static void test_taking_needs_one_free_region(void **state)
{
    (void)state;
    add_ram(MIB(1), MIB(4));
    assert_true(take(MIB(2), MIB(3)));
    assert_false(take(MIB(2), MIB(3)));
    assert_false(take(MIB(1), MIB(3)));
    assert_false(take(MIB(3), MIB(5)));
    assert_false(take(MIB(3), MIB(3)));
    assert_false(take(MIB(4), MIB(3)));
    add_ram(MIB(2), MIB(3));
    assert_true(take(MIB(1), MIB(4)));
    assert_int_equal(boot_free_memory.count, 0);
}

static void test_lowest_and_highest_memory_that_fits(void **state)
{
    (void)state;
    add_ram(MIB(1), MIB(2));
    add_ram(MIB(4), MIB(8));
    add_ram(MIB(16), MIB(16) + 8192);
    assert_int_equal(boot_memory_take_lowest(MIB(2)), MIB(4));
    assert_int_equal(boot_memory_take_lowest(8192), MIB(1));
    assert_int_equal(boot_memory_take_highest(MIB(1) / 2, 20), MIB(7));
    assert_int_equal(boot_memory_take_highest(4096, 12), MIB(16) + 4096);
    assert_int_equal(boot_memory_take_highest(MIB(3), 12), BOOT_NO_MEMORY);
    assert_int_equal(boot_memory_take_lowest(UINT64_MAX), BOOT_NO_MEMORY);
}

static void test_too_many_regions_lose_memory_not_order(void **state)
{
    (void)state;
    for (word_t i = 2 * BOOT_REGIONS_MAX; i > 0; i--) {
        add_ram(MIB(2 * i), MIB(2 * i + 1));
    }
    assert_int_equal(boot_free_memory.count, BOOT_REGIONS_MAX);
    reserve(MIB(4 * BOOT_REGIONS_MAX) + 4096, MIB(4 * BOOT_REGIONS_MAX) + 8192);
    for (word_t i = 1; i < boot_free_memory.count; i++) {
        assert_true(boot_free_memory.region[i - 1].end < boot_free_memory.region[i].start);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_ram_in_any_order_becomes_sorted_and_joined, begin),
        cmocka_unit_test_setup(test_only_whole_pages_are_ram, begin),
        cmocka_unit_test_setup(test_reserved_memory_is_neither_free_nor_device, begin),
        cmocka_unit_test_setup(test_taking_needs_one_free_region, begin),
        cmocka_unit_test_setup(test_lowest_and_highest_memory_that_fits, begin),
        cmocka_unit_test_setup(test_too_many_regions_lose_memory_not_order, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
