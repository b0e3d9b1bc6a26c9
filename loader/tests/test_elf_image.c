/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The loader's ELF checks, on the host under sanitizers: a good file is accepted and copied
 * exactly, each kind of damage is refused by name, and random damage is never followed outside the
 * file or the destination.
 */
#include "elf_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_BYTES  0x3000
#define SPAN_BYTES  0x4000
#define BASE        0x400000ull
#define HEADERS     64
#define HEADER_SIZE 56

static _Alignas(8) uint8_t file[FILE_BYTES];
static struct elf_image image;
static struct elf_error error;

static void store(size_t offset, size_t bytes, uint64_t value)
{
    memcpy(file + offset, &value, bytes);
}

static void store_segment(int index, uint64_t type, uint64_t offset, uint64_t virt,
                          uint64_t file_bytes, uint64_t memory_bytes)
{
    size_t at = HEADERS + (size_t)index * HEADER_SIZE;
    store(at, 4, type);
    store(at + 4, 4, 5);
    store(at + 8, 8, offset);
    store(at + 16, 8, virt);
    store(at + 24, 8, virt);
    store(at + 32, 8, file_bytes);
    store(at + 40, 8, memory_bytes);
    store(at + 48, 8, 4096);
}

/* Two segments, the higher one first, with a gap between them and a tail beyond the file bytes. */
static int make_good_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(file); i++) {
        file[i] = (uint8_t)(i * 7 + i / 256);
    }
    memset(file, 0, 0x1000);
    memcpy(file, "\177ELF\2\1\1", 7);
    store(16, 2, 2);
    store(18, 2, 183);
    store(20, 4, 1);
    store(24, 8, BASE + 0x10);
    store(32, 8, HEADERS);
    store(52, 2, 64);
    store(54, 2, HEADER_SIZE);
    store(56, 2, 3);
    store_segment(0, 1, 0x2000, BASE + 0x2004, 0x100, 0x1234);
    store_segment(1, 1, 0x1000, BASE, 0x321, 0x321);
    store_segment(2, 0x6474e551, 0, 0, 0, 0);
    return 0;
}

static void expect_refused(const char *what, uint64_t where)
{
    assert_int_equal(elf_image_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image, &error), -1);
    assert_string_equal(error.what, what);
    assert_int_equal(error.where, where);
}

static void test_good_file_is_copied_with_gaps_zeroed(void **state)
{
    (void)state;
    uint8_t destination[SPAN_BYTES];
    memset(destination, 0xff, sizeof(destination));
    assert_int_equal(elf_image_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image, &error), 0);
    assert_int_equal(image.virt_start, BASE);
    assert_int_equal(image.virt_end, BASE + 0x2004 + 0x1234);
    assert_int_equal(image.entry, BASE + 0x10);
    assert_true(image.phys_parallel);
    elf_image_copy(&image, destination, SPAN_BYTES);
    for (size_t i = 0; i < SPAN_BYTES; i++) {
        uint8_t wanted = 0;
        if (i < 0x321) {
            wanted = file[0x1000 + i];
        } else if (i >= 0x2004 && i < 0x2104) {
            wanted = file[0x2000 + i - 0x2004];
        }
        assert_int_equal(destination[i], wanted);
    }
}

static void test_foreign_formats_are_refused_by_name(void **state)
{
    (void)state;
    assert_int_equal(elf_image_check(file, 63, ELF_MACHINE_AARCH64, &image, &error), -1);
    assert_string_equal(error.what, "shorter than an ELF header");
    file[0] = 'M';
    expect_refused("not an ELF file", ELF_ERROR_FILE);
    make_good_file(NULL);
    file[4] = 1;
    expect_refused("not a 64-bit little-endian ELF file", ELF_ERROR_FILE);
    make_good_file(NULL);
    store(18, 2, 62);
    expect_refused("not for this architecture", ELF_ERROR_FILE);
    make_good_file(NULL);
    store(16, 2, 3);
    expect_refused("not a static executable", ELF_ERROR_FILE);
}

static void test_bad_tables_are_refused_by_name(void **state)
{
    (void)state;
    store(32, 8, FILE_BYTES - 8);
    expect_refused("program headers outside the file", ELF_ERROR_FILE);
    store(32, 8, UINT64_MAX - 7);
    expect_refused("program headers outside the file", ELF_ERROR_FILE);
    store(32, 8, HEADERS + 4);
    expect_refused("program headers not aligned", ELF_ERROR_FILE);
    make_good_file(NULL);
    store(56, 2, 0);
    expect_refused("no program headers, or more than 64", ELF_ERROR_FILE);
    make_good_file(NULL);
    store(54, 2, 32);
    expect_refused("program headers of an unknown size", ELF_ERROR_FILE);
}

static void test_bad_segments_are_refused_by_number(void **state)
{
    (void)state;
    store_segment(1, 1, 0x1000, BASE, FILE_BYTES, FILE_BYTES);
    expect_refused("segment outside the file", 1);
    store_segment(1, 1, UINT64_MAX - 4, BASE, 0x10, 0x10);
    expect_refused("segment outside the file", 1);
    store_segment(1, 1, 0x1000, BASE, 0x321, 0x320);
    expect_refused("segment smaller in memory than in the file", 1);
    store_segment(1, 1, 0x1000, UINT64_MAX - 0x100, 0x50, 0x1000);
    expect_refused("segment wraps around the address space", 1);
    store_segment(1, 1, 0x1000, BASE, 0x321, 0x2005);
    expect_refused("segment overlaps an earlier one", 1);
    store_segment(1, 1, 0x1000, BASE + 8, 0x321, 0x321);
    expect_refused("lowest address is not page aligned", ELF_ERROR_FILE);
    make_good_file(NULL);
    store(24, 8, BASE + 0x1000);
    expect_refused("entry point is not in a loaded segment", ELF_ERROR_FILE);
    store(HEADERS, 4, 0);
    store(HEADERS + HEADER_SIZE, 4, 0);
    expect_refused("nothing to load", ELF_ERROR_FILE);
}

static void test_physical_addresses_out_of_step_are_reported(void **state)
{
    (void)state;
    store(HEADERS + 24, 8, 0x1000);
    assert_int_equal(elf_image_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image, &error), 0);
    assert_false(image.phys_parallel);
}

/* Whatever is accepted must be copied within its span; the sanitizers watch both buffers. */
static void test_random_damage_stays_inside_the_file(void **state)
{
    uint64_t random = 20161u;
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        make_good_file(state);
        for (int change = 0; change < 3; change++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            size_t offset = (random >> 33) % (HEADERS + 3 * HEADER_SIZE);
            file[offset] = (uint8_t)(random >> 20);
        }
        if (elf_image_check(file, sizeof(file), ELF_MACHINE_AARCH64, &image, &error) == 0 &&
            image.virt_end - image.virt_start <= 1 << 20) {
            uint64_t span = (image.virt_end - image.virt_start + 15) & ~15ull;
            uint8_t *destination = malloc(span);
            assert_non_null(destination);
            elf_image_copy(&image, destination, span);
            free(destination);
            accepted++;
        }
    }
    assert_in_range(accepted, 100, 19900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_file_is_copied_with_gaps_zeroed, make_good_file),
        cmocka_unit_test_setup(test_foreign_formats_are_refused_by_name, make_good_file),
        cmocka_unit_test_setup(test_bad_tables_are_refused_by_name, make_good_file),
        cmocka_unit_test_setup(test_bad_segments_are_refused_by_number, make_good_file),
        cmocka_unit_test_setup(test_physical_addresses_out_of_step_are_reported, make_good_file),
        cmocka_unit_test_setup(test_random_damage_stays_inside_the_file, make_good_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
