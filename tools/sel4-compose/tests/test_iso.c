/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose iso` with small scripts in grub-mkrescue's place: what it is given, and the message
 * for each way in which no ISO image for both firmwares comes out of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kaal/bits.h>

#include "buffer.h"
#include "captured.h"
#include "commands.h"

#define BLOCK_BYTES   2048u
#define CATALOG_BLOCK 18u

/* A script that hands out a file made before. */
#define GIVE(file)          \
    "#!/usr/bin/env bash\n" \
    "cp " file " \"${1#--output=}\"\n"

/* An ISO image of which only the boot catalogue is there. */
static void put_iso(const char *path, uint32_t catalog_block, uint8_t first, uint8_t second)
{
    struct buffer iso = {0};
    (void)buffer_append(&iso, NULL, (size_t)(CATALOG_BLOCK + 1) * BLOCK_BYTES);
    uint8_t *record = iso.data + (size_t)17 * BLOCK_BYTES;
    uint8_t *catalog = iso.data + (size_t)CATALOG_BLOCK * BLOCK_BYTES;
    memcpy(record + 1, "CD001", 5);
    memcpy(record + 71, &catalog_block, sizeof catalog_block);
    catalog[0] = 1;
    catalog[1] = first;
    catalog[32] = 0x88; /* bootable */
    catalog[64] = 0x91;
    catalog[65] = second;
    assert_int_equal(file_write(path, iso.data, iso.bytes), 0);
    buffer_deinit(&iso);
}

static int enter_folder_of_systems(void **state)
{
    if (enter_fresh_folder(state) != 0 || folder_create("pc") != 0 || folder_create("arm") != 0) {
        return -1;
    }
    captured_put("pc/kernel.elf", "the kernel", 0644);
    captured_put("pc/root.elf", "the root task", 0644);
    captured_put("arm/image", "i", 0644);
    put_iso("both", CATALOG_BLOCK, 0, 0xef);
    put_iso("bios", CATALOG_BLOCK, 0, 0);
    put_iso("uefi", CATALOG_BLOCK, 0xef, 0xef);
    put_iso("damaged", 0xffffffff, 0, 0xef);
    captured_put("short", "no ISO image", 0644);
    return 0;
}

/* Makes an ISO image of the PC with a script as grub-mkrescue. */
static void expect(const char *script, int status, const char *messages, const char *output)
{
    char *arguments[] = {"pc", "--grub-mkrescue", "./grub"};
    captured_put("grub", script, 0755);
    struct run result = captured_run(command_iso, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.messages, messages);
    assert_string_equal(result.output, output);
    assert_int_equal(result.status, status);
    run_deinit(&result);
}

static void expect_contents(const char *path, const char *contents)
{
    struct buffer file = {0};
    assert_int_equal(file_read(path, 1 << 20, &file), 0);
    (void)buffer_append(&file, "", 1);
    assert_string_equal((const char *)file.data, contents);
    buffer_deinit(&file);
}

static void test_image_for_both_firmwares_is_named(void **state)
{
    (void)state;
    expect(GIVE("both"), STATUS_OK, "", "pc/boot.iso\n");
    expect_contents("pc/iso/boot/kernel.elf", "the kernel");
    expect_contents("pc/iso/boot/root.elf", "the root task");
    expect_contents("pc/iso/boot/grub/grub.cfg", "set timeout=0\n"
                                                 "menuentry \"KaaL\" {\n"
                                                 "    multiboot2 /boot/kernel.elf\n"
                                                 "    module2 /boot/root.elf\n"
                                                 "}\n");
}

static void test_output_can_be_elsewhere(void **state)
{
    (void)state;
    char *arguments[] = {"--output", "my.iso", "pc", "--grub-mkrescue", "./grub"};
    captured_put("grub", GIVE("both"), 0755);
    struct run result = captured_run(command_iso, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.output, "my.iso\n");
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(access("my.iso", R_OK), 0);
    run_deinit(&result);
}

static void test_image_that_lacks_a_firmware_is_an_error(void **state)
{
    (void)state;
    static const char no_bios[] =
        "pc/boot.iso: error: does not start by BIOS; try: apt-get install grub-pc-bin\n";
    expect(GIVE("bios"), STATUS_ERROR,
           "pc/boot.iso: error: does not start by UEFI; try: apt-get install grub-efi-amd64-bin\n",
           "");
    expect(GIVE("uefi"), STATUS_ERROR, no_bios, "");
    expect(GIVE("damaged"), STATUS_ERROR, no_bios, "");
    expect(GIVE("short"), STATUS_ERROR, no_bios, "");
}

static void test_failure_of_grub_is_an_error_with_its_log(void **state)
{
    (void)state;
    expect("#!/usr/bin/env bash\necho no space >&2\nexit 1\n", STATUS_ERROR,
           "sel4-compose: error: ./grub failed, see pc/iso.log; try: apt-get install grub-common "
           "grub-pc-bin grub-efi-amd64-bin xorriso mtools\n",
           "");
    expect_contents("pc/iso.log", "no space\n");
}

static void test_missing_grub_is_an_error_with_its_packages(void **state)
{
    (void)state;
    char *arguments[] = {"pc", "--grub-mkrescue", "./none"};
    struct run result = captured_run(command_iso, (int)ARRAY_COUNT(arguments), arguments);
    assert_int_equal(result.status, STATUS_ERROR);
    assert_string_equal(
        result.messages,
        "sel4-compose: error: ./none cannot be started: No such file or directory; try: apt-get "
        "install grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools\n");
    run_deinit(&result);
}

static void test_aarch64_system_is_an_error(void **state)
{
    (void)state;
    char *arguments[] = {"arm"};
    struct run result = captured_run(command_iso, 1, arguments);
    assert_int_equal(result.status, STATUS_ERROR);
    assert_string_equal(result.messages,
                        "arm: error: ISO images are for x86_64, this is an aarch64 system; try: "
                        "'image' in that folder, which boots by itself\n");
    run_deinit(&result);
}

static void test_no_folder_ends_with_status_2(void **state)
{
    (void)state;
    struct run result = captured_run(command_iso, 0, NULL);
    assert_int_equal(result.status, STATUS_USAGE);
    assert_string_equal(result.messages, "sel4-compose iso: error: needs the folder of a built "
                                         "system; try: sel4-compose help\n");
    run_deinit(&result);
}

int main(void)
{
#define FOLDER_TEST(test) \
    cmocka_unit_test_setup_teardown(test, enter_folder_of_systems, leave_folder)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_image_for_both_firmwares_is_named),
        FOLDER_TEST(test_output_can_be_elsewhere),
        FOLDER_TEST(test_image_that_lacks_a_firmware_is_an_error),
        FOLDER_TEST(test_failure_of_grub_is_an_error_with_its_log),
        FOLDER_TEST(test_missing_grub_is_an_error_with_its_packages),
        FOLDER_TEST(test_aarch64_system_is_an_error),
        FOLDER_TEST(test_no_folder_ends_with_status_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
