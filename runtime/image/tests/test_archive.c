/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The archive's reader: a good archive is found to be good, and each single damage is refused with
 * its own phrase. Tests damage a copy, mend the checksum, and open it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/archive.h>
#include <kaal/crc32.h>

#define ARCHIVE_BYTES (3 * KAAL_ARCHIVE_ALIGNMENT)

/* Two entries: the system description, and an image of 5,000 bytes in the last two pages. */
struct test_archive {
    union {
        struct kaal_archive header;
        uint8_t bytes[ARCHIVE_BYTES];
    };
};

static struct test_archive archive;

static struct kaal_archive_entry *entry(unsigned index)
{
    return (struct kaal_archive_entry *)(void *)(archive.bytes + sizeof archive.header) + index;
}

static void mend_checksum(void)
{
    archive.header.checksum =
        kaal_crc32(archive.bytes + sizeof archive.header, ARCHIVE_BYTES - sizeof archive.header);
}

static int make_good(void **state)
{
    (void)state;
    memset(&archive, 0, sizeof archive);
    archive.header = (struct kaal_archive){.magic = KAAL_ARCHIVE_MAGIC,
                                           .version = KAAL_ARCHIVE_VERSION,
                                           .entry_count = 2,
                                           .bytes = ARCHIVE_BYTES};
    *entry(0) = (struct kaal_archive_entry){
        .name = "system", .kind = KAAL_ARCHIVE_SYSTEM, .offset = 4096, .bytes = 100};
    *entry(1) = (struct kaal_archive_entry){
        .name = "first", .kind = KAAL_ARCHIVE_IMAGE, .offset = 8192, .bytes = 4000};
    memset(archive.bytes + 8192, 0xab, 4000);
    mend_checksum();
    return 0;
}

static void expect(int error, const char *expected_problem)
{
    const struct kaal_archive *opened = NULL;
    const char *problem = NULL;
    mend_checksum();
    assert_int_equal(kaal_archive_open(&archive, ARCHIVE_BYTES, &opened, &problem), error);
    assert_string_equal(problem, expected_problem);
    assert_null(opened);
}

static void test_good_archive_opens_and_entries_are_found(void **state)
{
    (void)state;
    const struct kaal_archive *opened;
    const char *problem;
    const void *data;
    uint64_t bytes;
    assert_int_equal(kaal_archive_open(&archive, ARCHIVE_BYTES, &opened, &problem), KAAL_OK);
    assert_int_equal(kaal_archive_find(opened, KAAL_ARCHIVE_IMAGE, "first", &data, &bytes),
                     KAAL_OK);
    assert_ptr_equal(data, archive.bytes + 8192);
    assert_int_equal(bytes, 4000);
    assert_int_equal(kaal_archive_find(opened, KAAL_ARCHIVE_SYMBOLS, "first", &data, &bytes),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_archive_find(opened, KAAL_ARCHIVE_IMAGE, "firs", &data, &bytes),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_archive_find(opened, KAAL_ARCHIVE_IMAGE, "first2", &data, &bytes),
                     KAAL_ERR_NOT_FOUND);
}

static void test_crc_is_the_standard_one(void **state)
{
    (void)state;
    assert_int_equal(kaal_crc32("123456789", 9), 0xcbf43926);
    assert_int_equal(kaal_crc32("", 0), 0);
    assert_int_equal(kaal_crc32("The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
}

static void test_every_flipped_byte_behind_the_header_is_noticed(void **state)
{
    (void)state;
    for (size_t offset = sizeof archive.header; offset < ARCHIVE_BYTES; offset += 7) {
        const struct kaal_archive *opened;
        const char *problem;
        archive.bytes[offset] ^= 0x10;
        assert_int_equal(kaal_archive_open(&archive, ARCHIVE_BYTES, &opened, &problem),
                         KAAL_ERR_CHECKSUM);
        archive.bytes[offset] ^= 0x10;
    }
}

static void test_header_damage_is_named(void **state)
{
    (void)state;
    archive.header.magic++;
    expect(KAAL_ERR_FORMAT, "archive header: the magic number is wrong; there is no archive");
    make_good(NULL);
    archive.header.version = 2;
    expect(KAAL_ERR_VERSION, "archive header: the format version is unknown");
    make_good(NULL);
    archive.header.reserved = 1;
    expect(KAAL_ERR_FORMAT, "archive header: the reserved field is not 0");
    make_good(NULL);
    archive.header.entry_count = KAAL_ARCHIVE_ENTRIES_MAX + 1;
    expect(KAAL_ERR_FORMAT, "archive header: too many entries");
    make_good(NULL);
    archive.header.bytes = ARCHIVE_BYTES - 1;
    expect(KAAL_ERR_FORMAT, "archive header: the size is not a multiple of 4 KiB");
    make_good(NULL);
    archive.header.bytes = 0;
    expect(KAAL_ERR_TRUNCATED, "archive header: the table is longer than the archive");
}

static void test_truncated_archive_is_refused(void **state)
{
    (void)state;
    const struct kaal_archive *opened;
    const char *problem;
    for (uint64_t bytes = 0; bytes < ARCHIVE_BYTES; bytes += 64) {
        assert_int_equal(kaal_archive_open(&archive, bytes, &opened, &problem), KAAL_ERR_TRUNCATED);
    }
}

static void test_table_longer_than_the_archive_is_refused(void **state)
{
    (void)state;
    archive.header.entry_count = KAAL_ARCHIVE_ENTRIES_MAX;
    expect(KAAL_ERR_TRUNCATED, "archive header: the table is longer than the archive");
}

static void test_entry_damage_is_named(void **state)
{
    (void)state;
    memset(entry(1)->name, 'x', KAAL_NAME_BYTES);
    expect(KAAL_ERR_FORMAT, "archive table: an entry's name is empty or not terminated");
    make_good(NULL);
    entry(1)->name[0] = '\0';
    expect(KAAL_ERR_FORMAT, "archive table: an entry's name is empty or not terminated");
    make_good(NULL);
    entry(1)->kind = 6;
    expect(KAAL_ERR_FORMAT, "archive table: an entry's kind is unknown");
    make_good(NULL);
    entry(1)->reserved = 1;
    expect(KAAL_ERR_FORMAT, "archive table: an entry's reserved field is not 0");
    make_good(NULL);
    entry(1)->offset = 8200;
    expect(KAAL_ERR_FORMAT, "archive table: an entry's offset is not 4 KiB aligned");
    make_good(NULL);
    entry(1)->bytes = 4097;
    expect(KAAL_ERR_FORMAT, "archive table: an entry reaches past the archive's end");
    make_good(NULL);
    entry(1)->offset = UINT64_MAX - 4095;
    entry(1)->bytes = 8192;
    expect(KAAL_ERR_FORMAT, "archive table: an entry reaches past the archive's end");
}

static void test_overlapping_entries_are_refused(void **state)
{
    (void)state;
    entry(0)->bytes = 5000;
    expect(KAAL_ERR_FORMAT, "archive table: an entry overlaps the table or the entry before it");
    make_good(NULL);
    entry(0)->offset = 0;
    expect(KAAL_ERR_FORMAT, "archive table: an entry overlaps the table or the entry before it");
}

static void test_two_entries_of_one_name_are_refused(void **state)
{
    (void)state;
    *entry(0) = *entry(1);
    entry(0)->offset = 4096;
    expect(KAAL_ERR_FORMAT, "archive table: two entries have the same kind and name");
}

static void test_archive_without_system_description_is_refused(void **state)
{
    (void)state;
    entry(0)->kind = KAAL_ARCHIVE_FILE;
    expect(KAAL_ERR_FORMAT, "archive table: there must be exactly one system description");
}

static void test_unaligned_memory_is_refused(void **state)
{
    (void)state;
    const struct kaal_archive *opened;
    const char *problem;
    assert_int_equal(kaal_archive_open(archive.bytes + 4, ARCHIVE_BYTES - 4, &opened, &problem),
                     KAAL_ERR_FORMAT);
    assert_string_equal(problem, "archive: not at an 8-byte aligned address");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_archive_opens_and_entries_are_found, make_good),
        cmocka_unit_test_setup(test_crc_is_the_standard_one, make_good),
        cmocka_unit_test_setup(test_every_flipped_byte_behind_the_header_is_noticed, make_good),
        cmocka_unit_test_setup(test_header_damage_is_named, make_good),
        cmocka_unit_test_setup(test_truncated_archive_is_refused, make_good),
        cmocka_unit_test_setup(test_table_longer_than_the_archive_is_refused, make_good),
        cmocka_unit_test_setup(test_entry_damage_is_named, make_good),
        cmocka_unit_test_setup(test_overlapping_entries_are_refused, make_good),
        cmocka_unit_test_setup(test_two_entries_of_one_name_are_refused, make_good),
        cmocka_unit_test_setup(test_archive_without_system_description_is_refused, make_good),
        cmocka_unit_test_setup(test_unaligned_memory_is_refused, make_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
