/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finding resources by name, and the arithmetic of the clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/clock.h>

#include "../start_internal.h"
#include "arch_start.h"

uint64_t test_ticks;
static struct kaal_startup page;

static void add(const char *name, enum kaal_resource_kind kind, uint32_t device)
{
    struct kaal_resource *resource = &page.resources[page.resource_count++];
    memset(resource, 0, sizeof(*resource));
    memcpy(resource->name, name, strlen(name));
    resource->kind = (uint32_t)kind;
    resource->device = device;
}

static int set_up(void **state)
{
    (void)state;
    memset(&page, 0, sizeof(page));
    kaal_startup_set(&page);
    return 0;
}

static void test_resources_are_found_by_name_and_kind(void **state)
{
    (void)state;
    add("regs", KAAL_RESOURCE_PORTS, 0);
    add("irq", KAAL_RESOURCE_IRQ, 0);
    add("regs", KAAL_RESOURCE_REGISTERS, 0);
    assert_ptr_equal(kaal_resource_find("regs", KAAL_RESOURCE_PORTS), &page.resources[0]);
    assert_ptr_equal(kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS), &page.resources[2]);
    assert_null(kaal_resource_find("regs", KAAL_RESOURCE_IRQ));
    assert_null(kaal_resource_find("reg", KAAL_RESOURCE_PORTS));
    assert_null(kaal_resource_find("regs2", KAAL_RESOURCE_PORTS));
}

static void test_only_the_first_device_is_searched(void **state)
{
    (void)state;
    add("regs", KAAL_RESOURCE_REGISTERS, 1);
    assert_null(kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS));
    add("regs", KAAL_RESOURCE_REGISTERS, 0);
    assert_ptr_equal(kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS), &page.resources[1]);
}

static void test_entries_beyond_the_count_do_not_exist(void **state)
{
    (void)state;
    add("regs", KAAL_RESOURCE_REGISTERS, 0);
    page.resource_count = 0;
    assert_null(kaal_resource_find("regs", KAAL_RESOURCE_REGISTERS));
}

static void test_names_may_fill_the_field(void **state)
{
    (void)state;
    add("abcdefghijklmnopqrstuvw", KAAL_RESOURCE_DMA, 0);
    assert_non_null(kaal_resource_find("abcdefghijklmnopqrstuvw", KAAL_RESOURCE_DMA));
    memset(page.resources[0].name, 'x', KAAL_NAME_BYTES); /* damaged: no NUL */
    assert_null(kaal_resource_find("abcdefghijklmnopqrstuvw", KAAL_RESOURCE_DMA));
}

static void test_memory_has_its_bus_address_only_where_it_is_shared(void **state)
{
    (void)state;
    add("channel", KAAL_RESOURCE_CHANNEL, 0);
    page.resources[0].channel.own_vaddr = 0x10000; /* no bus address, whatever its fields are */
    add("ring", KAAL_RESOURCE_DMA, KAAL_NO_DEVICE);
    page.resources[1].dma =
        (struct kaal_dma_resource){.vaddr = 0x20000, .bytes = 0x2000, .bus = 0x777000};
    assert_int_equal(kaal_bus_address((void *)0x20000, 0x2000), 0x777000);
    assert_int_equal(kaal_bus_address((void *)0x21fff, 1), 0x778fff);
    assert_int_equal(kaal_bus_address((void *)0x21fff, 2), UINT64_MAX);
    assert_int_equal(kaal_bus_address((void *)0x20001, UINT64_MAX), UINT64_MAX);
    assert_int_equal(kaal_bus_address((void *)0x1ffff, 1), UINT64_MAX);
    assert_int_equal(kaal_bus_address((void *)0x10000, 1), UINT64_MAX);
}

static void test_clock_is_exact_for_any_frequency(void **state)
{
    (void)state;
    kaal_clock_set(62500000, 1000); /* aarch64 under QEMU: 16 ns */
    test_ticks = 1001;
    assert_int_equal(kaal_now_ns(), 16);
    kaal_clock_set(2599000000u, 0);
    assert_int_equal(kaal_clock_ns(2599000000u), 1000000000);
    assert_int_equal(kaal_clock_ns(2599000000u * 86400ul), 86400000000000ul);
    assert_int_equal(kaal_clock_ns(2598999999u), 999999999);
    assert_int_equal(kaal_clock_ns(1), 0);
}

static void test_clock_does_not_overflow_in_centuries(void **state)
{
    (void)state;
    kaal_clock_set(1000000000, 0);
    uint64_t century = UINT64_C(100) * 365 * 86400 * 1000000000;
    assert_int_equal(kaal_clock_ns(century), century);
    kaal_clock_set(4000000000u, 0);
    assert_int_equal(kaal_clock_ns(century * 4), century);
}

static void test_unknown_frequency_counts_ticks_as_nanoseconds(void **state)
{
    (void)state;
    kaal_clock_set(0, 10);
    test_ticks = 25;
    assert_int_equal(kaal_now_ns(), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_resources_are_found_by_name_and_kind, set_up),
        cmocka_unit_test_setup(test_only_the_first_device_is_searched, set_up),
        cmocka_unit_test_setup(test_entries_beyond_the_count_do_not_exist, set_up),
        cmocka_unit_test_setup(test_names_may_fill_the_field, set_up),
        cmocka_unit_test_setup(test_memory_has_its_bus_address_only_where_it_is_shared, set_up),
        cmocka_unit_test_setup(test_clock_is_exact_for_any_frequency, set_up),
        cmocka_unit_test_setup(test_clock_does_not_overflow_in_centuries, set_up),
        cmocka_unit_test_setup(test_unknown_frequency_counts_ticks_as_nanoseconds, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
