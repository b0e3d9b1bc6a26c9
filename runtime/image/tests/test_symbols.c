/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looking up addresses in good and in damaged symbol tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/symbols.h>

static struct {
    struct kaal_symbols header;
    struct kaal_symbol symbols[3];
    char strings[16];
} table;

static const char *name;
static uint64_t offset;

static int make_good(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    table.header = (struct kaal_symbols){
        .magic = KAAL_SYMBOLS_MAGIC, .count = 3, .string_bytes = sizeof table.strings};
    table.symbols[0] = (struct kaal_symbol){.address = 0x1000, .bytes = 16, .name_offset = 0};
    table.symbols[1] = (struct kaal_symbol){.address = 0x1010, .bytes = 0, .name_offset = 6};
    table.symbols[2] = (struct kaal_symbol){.address = 0x9000, .bytes = 8, .name_offset = 10};
    memcpy(table.strings, "first\0mid\0last", 15);
    return 0;
}

static int find(uint64_t address)
{
    return kaal_symbols_find(&table, sizeof table, address, &name, &offset);
}

static void test_addresses_inside_functions_are_found(void **state)
{
    (void)state;
    assert_int_equal(find(0x1000), KAAL_OK);
    assert_string_equal(name, "first");
    assert_int_equal(offset, 0);
    assert_int_equal(find(0x100f), KAAL_OK);
    assert_int_equal(offset, 15);
    assert_int_equal(find(0x1234), KAAL_OK);
    assert_string_equal(name, "mid");
    assert_int_equal(find(0x9007), KAAL_OK);
    assert_string_equal(name, "last");
}

static void test_addresses_outside_functions_are_not_found(void **state)
{
    (void)state;
    assert_int_equal(find(0xfff), KAAL_ERR_NOT_FOUND);
    assert_int_equal(find(0x9008), KAAL_ERR_NOT_FOUND);
    assert_int_equal(find(UINT64_MAX), KAAL_ERR_NOT_FOUND);
    assert_int_equal(find(0x1010 + 4096), KAAL_ERR_NOT_FOUND);
}

static void test_names_give_addresses(void **state)
{
    (void)state;
    uint64_t address;
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "mid", &address), KAAL_OK);
    assert_int_equal(address, 0x1010);
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "last", &address), KAAL_OK);
    assert_int_equal(address, 0x9000);
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "las", &address),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "lastly", &address),
                     KAAL_ERR_NOT_FOUND);
    table.symbols[0].name_offset = sizeof table.strings;
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "last", &address), KAAL_ERR_FORMAT);
    table.header.magic++;
    assert_int_equal(kaal_symbols_address(&table, sizeof table, "last", &address), KAAL_ERR_FORMAT);
}

static void test_malformed_tables_find_nothing(void **state)
{
    (void)state;
    table.header.magic++;
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    table.header.count = UINT32_MAX;
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    table.header.string_bytes = UINT32_MAX;
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    table.header.string_bytes = 0;
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    memset(table.strings, 'x', sizeof table.strings);
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    table.symbols[0].name_offset = sizeof table.strings;
    assert_int_equal(find(0x1000), KAAL_ERR_FORMAT);
    make_good(NULL);
    for (uint64_t bytes = 0; bytes < sizeof table; bytes++) {
        assert_int_equal(kaal_symbols_find(&table, bytes, 0x1000, &name, &offset), KAAL_ERR_FORMAT);
    }
}

static void test_unsorted_table_is_survived(void **state)
{
    (void)state;
    table.symbols[1].address = UINT64_MAX;
    for (uint64_t address = 0; address < 0xa000; address += 0x10) {
        (void)find(address);
    }
    assert_int_equal(find(0x1000), KAAL_OK);
}

static void test_empty_table_finds_nothing(void **state)
{
    (void)state;
    table.header.count = 0;
    table.header.string_bytes = 0;
    assert_int_equal(find(0x1000), KAAL_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_addresses_inside_functions_are_found, make_good),
        cmocka_unit_test_setup(test_addresses_outside_functions_are_not_found, make_good),
        cmocka_unit_test_setup(test_names_give_addresses, make_good),
        cmocka_unit_test_setup(test_malformed_tables_find_nothing, make_good),
        cmocka_unit_test_setup(test_unsorted_table_is_survived, make_good),
        cmocka_unit_test_setup(test_empty_table_finds_nothing, make_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
