/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Driver declarations: a good one opens, each damage is refused with its phrase.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/driver_declaration.h>

static struct kaal_driver_declaration declaration;

static int make_good(void **state)
{
    (void)state;
    declaration = (struct kaal_driver_declaration){
        .magic = KAAL_DRIVER_MAGIC,
        .version = KAAL_DRIVER_VERSION,
        .device_class = KAAL_CLASS_SERIAL,
        .name = "ns16550",
        .match_count = 2,
        .resource_count = 3,
        .matches = {{.kind = KAAL_SELECT_PNP, .id = "PNP0501"},
                    {.kind = KAAL_SELECT_PCI, .value = 0x8086100e}},
        .resources = {{.name = "regs", .kind = KAAL_RESOURCE_PORTS, .bytes = 8},
                      {.name = "irq", .kind = KAAL_RESOURCE_IRQ},
                      {.name = "ring", .kind = KAAL_RESOURCE_DMA, .bytes = 4096}},
    };
    return 0;
}

static void expect(int error, const char *text)
{
    const struct kaal_driver_declaration *opened = NULL;
    const char *problem = NULL;
    assert_int_equal(
        kaal_driver_declaration_open(&declaration, sizeof declaration, &opened, &problem), error);
    assert_string_equal(problem, text);
    assert_null(opened);
    make_good(NULL);
}

static void test_good_declaration_opens(void **state)
{
    (void)state;
    const struct kaal_driver_declaration *opened;
    const char *problem;
    assert_int_equal(
        kaal_driver_declaration_open(&declaration, sizeof declaration, &opened, &problem), KAAL_OK);
    assert_ptr_equal(opened, &declaration);
}

static void test_header_damage_is_named(void **state)
{
    (void)state;
    declaration.magic++;
    expect(KAAL_ERR_FORMAT, "driver declaration: the magic number is wrong");
    declaration.version = 2;
    expect(KAAL_ERR_VERSION, "driver declaration: the layout version is unknown");
    declaration.device_class = 9;
    expect(KAAL_ERR_FORMAT, "driver declaration: the device class is unknown");
    declaration.name[0] = 'N';
    expect(KAAL_ERR_FORMAT, "driver declaration: the driver's name is not [a-z0-9_-]");
    declaration.match_count = 9;
    expect(KAAL_ERR_RANGE, "driver declaration: too many matches or resources");
    declaration.resource_count = UINT32_MAX;
    expect(KAAL_ERR_RANGE, "driver declaration: too many matches or resources");
}

static void test_match_damage_is_named(void **state)
{
    (void)state;
    declaration.matches[0].kind = KAAL_SELECT_AUTO;
    expect(KAAL_ERR_FORMAT, "driver declaration: a match's kind is unknown");
    declaration.matches[0].id[0] = '\0';
    memset(declaration.matches[0].id, 0, KAAL_DEVICE_ID_BYTES);
    expect(KAAL_ERR_FORMAT, "driver declaration: a match's id is empty");
    memset(declaration.matches[0].id, 'x', KAAL_DEVICE_ID_BYTES);
    expect(KAAL_ERR_FORMAT, "driver declaration: a match's id is not terminated");
    declaration.matches[1].id[0] = 'x';
    expect(KAAL_ERR_FORMAT, "driver declaration: a PCI or virtio match has a text id");
}

static void test_resource_damage_is_named(void **state)
{
    (void)state;
    declaration.resources[0].name[0] = '\0';
    memset(declaration.resources[0].name, 0, KAAL_NAME_BYTES);
    expect(KAAL_ERR_FORMAT, "driver declaration: a resource's name is not [a-z0-9_-]");
    declaration.resources[1].kind = KAAL_RESOURCE_CHANNEL;
    expect(KAAL_ERR_FORMAT, "driver declaration: a resource's kind is unknown");
    declaration.resources[2].bytes = 0;
    expect(KAAL_ERR_RANGE, "driver declaration: DMA memory of no or of too large a size");
    declaration.resources[2].bytes = UINT64_MAX;
    expect(KAAL_ERR_RANGE, "driver declaration: DMA memory of no or of too large a size");
    memcpy(declaration.resources[2].name, declaration.resources[1].name, KAAL_NAME_BYTES);
    expect(KAAL_ERR_FORMAT, "driver declaration: two resources have the same name");
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    const struct kaal_driver_declaration *opened;
    const char *problem;
    for (uint64_t bytes = 0; bytes < sizeof declaration; bytes++) {
        assert_int_equal(kaal_driver_declaration_open(&declaration, bytes, &opened, &problem),
                         KAAL_ERR_TRUNCATED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_declaration_opens, make_good),
        cmocka_unit_test_setup(test_header_damage_is_named, make_good),
        cmocka_unit_test_setup(test_match_damage_is_named, make_good),
        cmocka_unit_test_setup(test_resource_damage_is_named, make_good),
        cmocka_unit_test_setup(test_every_truncation_is_refused, make_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
