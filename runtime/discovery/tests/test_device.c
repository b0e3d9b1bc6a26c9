/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registry: limits, and matching of selectors and declarations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker.h>
#include <kaal/device.h>

static struct kaal_device_registry registry;

void kaal_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, expression);
    abort();
}

static struct kaal_device *add(void)
{
    memset(&registry, 0, sizeof(registry));
    return kaal_registry_add(&registry);
}

static struct kaal_device *add_platform(const char *ids, uint32_t ids_bytes)
{
    struct kaal_device *device = add();
    device->ids = ids;
    device->ids_bytes = ids_bytes;
    return device;
}

static struct kaal_device_selector by_id(uint32_t kind, const char *id)
{
    struct kaal_device_selector selector = {.kind = kind};
    strncpy(selector.id, id, sizeof(selector.id) - 1);
    return selector;
}

static bool selects(const struct kaal_device *device, struct kaal_device_selector selector)
{
    return kaal_device_selected(device, &selector, NULL);
}

static void test_full_registry_counts_what_it_drops(void **state)
{
    (void)state;
    memset(&registry, 0, sizeof(registry));
    for (unsigned i = 0; i < KAAL_DEVICES_MAX; i++) {
        assert_non_null(kaal_registry_add(&registry));
    }
    assert_null(kaal_registry_add(&registry));
    assert_null(kaal_registry_add(&registry));
    assert_int_equal(registry.dropped, 2);
}

static void test_ranges_and_interrupts_are_bounded(void **state)
{
    (void)state;
    struct kaal_device *device = add();
    assert_int_equal(device->record.irq, UINT32_MAX);
    for (uint32_t i = 0; i < 20; i++) {
        const struct kaal_interrupt irq = {.source = 100 + i};
        kaal_device_set_range(device, i, i, 1);
        kaal_device_add_irq(device, &irq);
    }
    assert_int_equal(device->record.range_count, KAAL_DEVICE_RANGES_MAX);
    assert_int_equal(device->irq_count, KAAL_DEVICE_IRQS_MAX);
    assert_int_equal(device->record.irq, 100);
}

static void test_ids_match_exactly(void **state)
{
    (void)state;
    static const char ids[] = "arm,pl011\0arm,primecell";
    struct kaal_device *device = add_platform(ids, sizeof(ids));
    assert_true(kaal_device_has_id(device, "arm,pl011"));
    assert_true(kaal_device_has_id(device, "arm,primecell"));
    assert_false(kaal_device_has_id(device, "arm,pl01"));
    assert_false(kaal_device_has_id(device, "arm,pl0111"));
    assert_false(kaal_device_has_id(device, ""));
    assert_false(kaal_device_has_id(device, "primecell"));
    device->ids_bytes = 5; /* cut inside the first id */
    assert_false(kaal_device_has_id(device, "arm,p"));
    assert_false(kaal_device_has_id(device, "arm,pl011"));
    device->ids_bytes = 0;
    assert_false(kaal_device_has_id(device, "arm,pl011"));
}

static void test_selectors_match_their_kind_only(void **state)
{
    (void)state;
    static const char ids[] = "PNP0501";
    struct kaal_device *serial = add_platform(ids, sizeof(ids));
    serial->serial = 1;
    assert_true(selects(serial, kaal_serial(1)));
    assert_false(selects(serial, kaal_serial(0)));
    assert_true(selects(serial, by_id(KAAL_SELECT_PNP, "PNP0501")));
    assert_false(selects(serial, by_id(KAAL_SELECT_PNP, "PNP0500")));
    assert_false(selects(serial, kaal_pci(0, 0)));
    assert_false(selects(serial, (struct kaal_device_selector){.kind = KAAL_SELECT_PCI_CLASS}));
    assert_false(selects(serial, (struct kaal_device_selector){.kind = KAAL_SELECT_AUTO}));
    assert_false(selects(serial, (struct kaal_device_selector){.kind = 0}));
    assert_false(selects(serial, (struct kaal_device_selector){.kind = UINT32_MAX}));
    serial->serial = UINT32_MAX;
    assert_false(selects(serial, kaal_serial(0)));

    struct kaal_device *net = add();
    net->record.bus = KAAL_BUS_PCI;
    net->record.pci_id = 0x8086100E;
    net->record.pci_class = 0x020000;
    assert_true(selects(net, kaal_pci(0x8086, 0x100E)));
    assert_false(selects(net, kaal_pci(0x8086, 0x100F)));
    assert_true(selects(
        net, (struct kaal_device_selector){.kind = KAAL_SELECT_PCI_CLASS, .value = 0x020000}));
}

static void test_unterminated_id_matches_nothing(void **state)
{
    (void)state;
    static const char ids[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct kaal_device *device = add_platform(ids, sizeof(ids));
    struct kaal_device_selector selector = {.kind = KAAL_SELECT_COMPATIBLE};
    memset(selector.id, 'a', sizeof(selector.id));
    assert_false(kaal_device_selected(device, &selector, NULL));
}

static void test_declaration_is_matched_by_any_entry(void **state)
{
    (void)state;
    static const char ids[] = "test,uart";
    struct kaal_device *device = add_platform(ids, sizeof(ids));
    struct kaal_driver_declaration declaration = {
        .match_count = 2,
        .matches = {{.kind = KAAL_SELECT_PNP, .id = "PNP0501"},
                    {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,uart"}},
    };
    const struct kaal_device_selector automatic = {.kind = KAAL_SELECT_AUTO};
    uint32_t match = 7;
    assert_true(kaal_device_declared(device, &declaration, &match));
    assert_int_equal(match, 1);
    assert_true(kaal_device_selected(device, &automatic, &declaration));
    assert_false(kaal_device_selected(device, &automatic, NULL));
    declaration.match_count = 1;
    assert_false(kaal_device_declared(device, &declaration, NULL));
    declaration.match_count = UINT32_MAX; /* never past the array */
    assert_true(kaal_device_declared(device, &declaration, NULL));
    declaration.matches[1].id[0] = 'x';
    assert_false(kaal_device_declared(device, &declaration, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_registry_counts_what_it_drops),
        cmocka_unit_test(test_ranges_and_interrupts_are_bounded),
        cmocka_unit_test(test_ids_match_exactly),
        cmocka_unit_test(test_selectors_match_their_kind_only),
        cmocka_unit_test(test_unterminated_id_matches_nothing),
        cmocka_unit_test(test_declaration_is_matched_by_any_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
