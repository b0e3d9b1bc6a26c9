/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose build` on files: what it packs, and the exact message for every bad input file.
 * Each test works in a fresh folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/loader_image.h>
#include <kaal/symbols.h>

#include "archive_writer.h"
#include "captured.h"
#include "commands.h"
#include "elf_fixture.h"
#include "root_image.h"

static const char compose[] = "system: demo\n"
                              "components:\n"
                              "  - name: one\n"
                              "    image: first\n";
static const char compose_driver[] = "system: demo\n"
                                     "components:\n"
                                     "  - name: one\n"
                                     "    image: first\n"
                                     "    devices: [auto]\n";

static int enter_folder_with_components(void **state)
{
    return enter_fresh_folder(state) == 0 && folder_create("components") == 0 ? 0 : -1;
}

static void put(const char *path, const void *data, size_t bytes)
{
    assert_int_equal(file_write(path, data, bytes), 0);
}

static struct fixture_layout put_fixture(const char *path, const struct fixture *fixture)
{
    struct buffer file = {0};
    struct fixture_layout layout = fixture_write(fixture, &file);
    put(path, file.data, file.bytes);
    buffer_deinit(&file);
    return layout;
}

/* A folder in which a build works; tests then break one thing. */
static void put_good_files(void)
{
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64, .archive = true};
    const struct fixture first = {.machine = KAAL_ELF_MACHINE_X86_64};
    put("compose.yaml", compose, sizeof compose - 1);
    (void)put_fixture("init.elf", &init);
    (void)put_fixture("components/first.elf", &first);
}

/* Runs a command with stderr in a file. Returns the status; *messages is to be freed. */
static int run(int (*command)(int, char **), int count, char **arguments, char **messages)
{
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    assert_non_null(freopen("messages", "w+", stderr));
    int status = command(count, arguments);
    fflush(stderr);
    (void)dup2(saved, STDERR_FILENO);
    (void)close(saved);
    struct buffer text = {0};
    assert_int_equal(file_read("messages", 1 << 20, &text), 0);
    (void)buffer_append(&text, "", 1);
    *messages = (char *)text.data;
    return status;
}

static int build(const char *machine, char **messages)
{
    char *arguments[] = {"compose.yaml", "--arch",   (char *)(uintptr_t)machine,
                         "--init",       "init.elf", "--components",
                         "components",   "--output", "out"};
    return run(command_build, (int)ARRAY_COUNT(arguments), arguments, messages);
}

/* The build must fail with exactly these messages and write nothing. */
static void expect_failure(const char *expected)
{
    char *messages;
    assert_int_equal(build("x86_64", &messages), STATUS_ERROR);
    assert_string_equal(messages, expected);
    assert_int_not_equal(access("out/root.elf", F_OK), 0);
    free(messages);
}

static void patch(const char *path, size_t offset, const void *data, size_t bytes)
{
    struct buffer file = {0};
    assert_int_equal(file_read(path, 64 << 20, &file), 0);
    assert_true(range_inside(offset, bytes, file.bytes));
    memcpy(file.data + offset, data, bytes);
    put(path, file.data, file.bytes);
    buffer_deinit(&file);
}

static void test_build_packs_description_images_symbols_and_declarations(void **state)
{
    (void)state;
    put_good_files();
    struct kaal_driver_declaration declaration = fixture_declaration();
    const struct fixture driver = {.machine = KAAL_ELF_MACHINE_X86_64, .declaration = &declaration};
    (void)put_fixture("components/first.elf", &driver);
    put("compose.yaml", compose_driver, sizeof compose_driver - 1);
    char *messages;
    assert_int_equal(build("x86_64", &messages), STATUS_OK);
    assert_string_equal(messages, "");
    free(messages);

    struct component_image image = {0};
    struct diagnostics diagnostics = {.file = "test", .out = stderr};
    const char *problem = "";
    const void *data;
    uint64_t bytes;
    assert_true(component_image_load(&image, "out/root.elf", MACHINE_X86_64, (struct position){0},
                                     &diagnostics));
    const struct kaal_archive *archive = root_image_archive(&image, &problem);
    assert_non_null(archive);
    assert_int_equal(archive->entry_count, 5);

    const struct kaal_system *description;
    assert_int_equal(kaal_archive_find(archive, KAAL_ARCHIVE_SYSTEM, "system", &data, &bytes), 0);
    assert_int_equal(kaal_system_open(data, bytes, &description, &problem), KAAL_OK);
    assert_string_equal(description->name, "demo");

    const struct kaal_driver_declaration *found;
    assert_int_equal(kaal_archive_find(archive, KAAL_ARCHIVE_DECLARATION, "first", &data, &bytes),
                     0);
    assert_int_equal(kaal_driver_declaration_open(data, bytes, &found, &problem), KAAL_OK);
    assert_memory_equal(found, &declaration, sizeof declaration);

    const char *name;
    uint64_t offset;
    assert_int_equal(kaal_archive_find(archive, KAAL_ARCHIVE_SYMBOLS, "first", &data, &bytes), 0);
    assert_int_equal(kaal_symbols_find(data, bytes, 0x400024, &name, &offset), KAAL_OK);
    assert_string_equal(name, "work");
    assert_int_equal(offset, 4);
    assert_int_equal(kaal_archive_find(archive, KAAL_ARCHIVE_SYMBOLS, "init", &data, &bytes), 0);

    struct kaal_elf elf;
    struct kaal_elf_problem elf_problem;
    assert_int_equal(kaal_archive_find(archive, KAAL_ARCHIVE_IMAGE, "first", &data, &bytes), 0);
    assert_int_equal(kaal_elf_open(data, bytes, KAAL_ELF_MACHINE_X86_64, &elf, &elf_problem),
                     KAAL_OK);
    assert_int_equal(elf.segment_count, 2);
    assert_int_equal(elf.segments[0].vaddr, FIXTURE_TEXT_VADDR);
    for (uint32_t index = 0; index < elf.segment_count; index++) {
        assert_int_equal(elf.segments[index].file_offset % 4096, elf.segments[index].vaddr % 4096);
    }
    component_image_deinit(&image);
}

static void test_one_image_of_two_components_is_packed_once(void **state)
{
    (void)state;
    static const char twice[] = "system: demo\ncomponents:\n  - {name: one, image: first}\n"
                                "  - {name: two, image: first}\n";
    char *messages;
    put_good_files();
    put("compose.yaml", twice, sizeof twice - 1);
    assert_int_equal(build("x86_64", &messages), STATUS_OK);
    free(messages);
    struct component_image image = {0};
    struct diagnostics diagnostics = {.file = "test", .out = stderr};
    const char *problem = "";
    assert_true(component_image_load(&image, "out/root.elf", MACHINE_X86_64, (struct position){0},
                                     &diagnostics));
    assert_int_equal(root_image_archive(&image, &problem)->entry_count, 4);
    component_image_deinit(&image);
}

static void test_missing_compose_file_is_reported(void **state)
{
    (void)state;
    expect_failure("compose.yaml: error: cannot be read: No such file or directory; try: the path "
                   "of a compose.yaml\n");
}

static void test_missing_image_is_reported_with_its_place(void **state)
{
    (void)state;
    put_good_files();
    assert_int_equal(unlink("components/first.elf"), 0);
    expect_failure("compose.yaml:4:12: error: image components/first.elf cannot be read: No such "
                   "file or directory; try: build the component, or correct its image name\n");
}

static void test_image_of_another_machine_is_refused(void **state)
{
    (void)state;
    const struct fixture arm = {.machine = KAAL_ELF_MACHINE_AARCH64};
    put_good_files();
    (void)put_fixture("components/first.elf", &arm);
    expect_failure("compose.yaml:4:12: error: components/first.elf: built for another machine "
                   "(e_machine): 0xb7; try: link it as kaal_component() does, for the machine you "
                   "compose for\n");
}

static void test_image_that_is_no_elf_file_is_refused(void **state)
{
    (void)state;
    put_good_files();
    put("components/first.elf", compose_driver, sizeof compose_driver - 1);
    expect_failure("compose.yaml:4:12: error: components/first.elf: not an ELF file: 0x74737973; "
                   "try: link it as kaal_component() does, for the machine you compose for\n");
}

static void test_writable_code_is_refused_with_its_segment(void **state)
{
    (void)state;
    const struct fixture first = {.machine = KAAL_ELF_MACHINE_X86_64};
    const uint32_t flags = KAAL_ELF_READ | KAAL_ELF_WRITE | KAAL_ELF_EXECUTE;
    put_good_files();
    struct fixture_layout layout = put_fixture("components/first.elf", &first);
    patch("components/first.elf",
          layout.program_headers + sizeof(struct elf_program_header) +
              offsetof(struct elf_program_header, flags),
          &flags, sizeof flags);
    expect_failure("compose.yaml:4:12: error: components/first.elf: program header 1: the segment "
                   "is both writable and executable (p_flags): 0x7; try: link it as "
                   "kaal_component() does, for the machine you compose for\n");
}

static void test_malformed_section_table_is_refused(void **state)
{
    (void)state;
    const uint64_t offset = UINT64_C(0xfffffffffffffff8);
    put_good_files();
    patch("components/first.elf", offsetof(struct elf_header, section_header_offset), &offset,
          sizeof offset);
    expect_failure("compose.yaml:4:12: error: components/first.elf: the table of sections is "
                   "malformed (e_shoff, e_shstrndx); try: build the file anew\n");
}

static void test_auto_device_without_declaration_is_refused(void **state)
{
    (void)state;
    put_good_files();
    put("compose.yaml", compose_driver, sizeof compose_driver - 1);
    expect_failure("compose.yaml:5:15: error: device 'auto' needs a driver, but image 'first' "
                   "declares none; try: KAAL_DRIVER in its source, or a device by id\n");
}

static void test_bad_declaration_is_refused(void **state)
{
    (void)state;
    put_good_files();
    struct kaal_driver_declaration declaration = fixture_declaration();
    declaration.match_count = KAAL_DRIVER_MATCHES_MAX + 1;
    const struct fixture driver = {.machine = KAAL_ELF_MACHINE_X86_64, .declaration = &declaration};
    (void)put_fixture("components/first.elf", &driver);
    expect_failure("compose.yaml:4:12: error: components/first.elf: driver declaration: too many "
                   "matches or resources; try: build the file anew\n");
}

static void test_two_declarations_in_one_image_are_refused(void **state)
{
    (void)state;
    put_good_files();
    struct kaal_driver_declaration declaration = fixture_declaration();
    const struct fixture driver = {.machine = KAAL_ELF_MACHINE_X86_64,
                                   .declaration = &declaration,
                                   .declaration_bytes = 2 * sizeof declaration};
    (void)put_fixture("components/first.elf", &driver);
    expect_failure("compose.yaml:4:12: error: components/first.elf: section .kaal_driver is not "
                   "exactly one driver declaration; one KAAL_DRIVER per image, built for this "
                   "version of KaaL; try: build the file anew\n");
}

static void test_image_over_eight_mebibytes_is_refused(void **state)
{
    (void)state;
    const struct fixture first = {.machine = KAAL_ELF_MACHINE_X86_64, .text_bytes = 8 << 20};
    put_good_files();
    (void)put_fixture("components/first.elf", &first);
    expect_failure("compose.yaml:1:9: error: the root image is 8224 KiB long, the limit is 8192 "
                   "KiB; try: fewer or smaller component images (sel4-compose info lists sizes)\n");
}

static void test_init_without_placeholder_is_refused(void **state)
{
    (void)state;
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64};
    put_good_files();
    (void)put_fixture("init.elf", &init);
    expect_failure("compose.yaml: error: init.elf: it has no section .kaal_archive; try: the "
                   "init.elf and linker script of this KaaL\n");
}

static void test_writable_placeholder_is_refused(void **state)
{
    (void)state;
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64, .archive = true};
    const uint32_t flags = KAAL_ELF_READ | KAAL_ELF_WRITE;
    put_good_files();
    struct fixture_layout layout = put_fixture("init.elf", &init);
    patch("init.elf",
          layout.program_headers + sizeof(struct elf_program_header) +
              offsetof(struct elf_program_header, flags),
          &flags, sizeof flags);
    expect_failure("compose.yaml: error: init.elf: the segment of .kaal_archive is not read-only; "
                   "try: the init.elf and linker script of this KaaL\n");
}

static void test_damaged_init_is_refused_with_its_header(void **state)
{
    (void)state;
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64, .archive = true};
    const uint64_t offset = UINT64_C(0x100000);
    put_good_files();
    struct fixture_layout layout = put_fixture("init.elf", &init);
    patch("init.elf", layout.program_headers + offsetof(struct elf_program_header, offset), &offset,
          sizeof offset);
    expect_failure("compose.yaml: error: init.elf: program header 0: the segment's contents reach "
                   "past the file's end (p_offset): 0x100000; try: link it as kaal_component() "
                   "does, for the machine you compose for\n");
}

static void test_unwritable_output_is_reported(void **state)
{
    (void)state;
    put_good_files();
    put("out", "", 0);
    char *messages;
    assert_int_equal(build("x86_64", &messages), STATUS_ERROR);
    assert_string_equal(messages, "out/root.elf: error: Not a directory; try: another --output\n");
    free(messages);
}

/* An empty loader of one page, as loader/ makes it. */
static void put_loader(void)
{
    uint8_t loader[4096] = {0};
    const struct kaal_loader_header header = {.magic = KAAL_LOADER_MAGIC,
                                              .loader_bytes = sizeof loader};
    memcpy(loader + KAAL_LOADER_HEADER_OFFSET, &header, sizeof header);
    put("loader.bin", loader, sizeof loader);
}

static int build_aarch64(char **messages)
{
    char *arguments[] = {"compose.yaml", "--arch",     "aarch64",  "--init",     "init.elf",
                         "--components", "components", "--kernel", "kernel.elf", "--loader",
                         "loader.bin",   "--output",   "out"};
    return run(command_build, (int)ARRAY_COUNT(arguments), arguments, messages);
}

static void put_aarch64_files(void)
{
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_AARCH64, .archive = true};
    const struct fixture other = {.machine = KAAL_ELF_MACHINE_AARCH64};
    put("compose.yaml", compose, sizeof compose - 1);
    (void)put_fixture("init.elf", &init);
    (void)put_fixture("components/first.elf", &other);
    (void)put_fixture("kernel.elf", &other);
    put_loader();
}

static void test_aarch64_image_holds_loader_kernel_and_root(void **state)
{
    (void)state;
    struct buffer image = {0};
    struct buffer kernel = {0};
    struct buffer root = {0};
    char *messages;
    put_aarch64_files();
    assert_int_equal(build_aarch64(&messages), STATUS_OK);
    assert_string_equal(messages, "");
    assert_int_equal(file_read("out/image", 1 << 20, &image), 0);
    assert_int_equal(file_read("kernel.elf", 1 << 20, &kernel), 0);
    assert_int_equal(file_read("out/root.elf", 1 << 20, &root), 0);
    struct kaal_loader_header header;
    uint64_t image_bytes;
    memcpy(&header, image.data + KAAL_LOADER_HEADER_OFFSET, sizeof header);
    memcpy(&image_bytes, image.data + KAAL_LINUX_IMAGE_SIZE_OFFSET, sizeof image_bytes);
    assert_int_equal(image_bytes, image.bytes);
    assert_int_equal(header.kernel_bytes, kernel.bytes);
    assert_int_equal(header.root_bytes, root.bytes);
    assert_int_equal(header.kernel_offset % KAAL_LOADER_PAGE_BYTES, 0);
    assert_int_equal(header.root_offset % KAAL_LOADER_PAGE_BYTES, 0);
    assert_memory_equal(image.data + header.kernel_offset, kernel.data, kernel.bytes);
    assert_memory_equal(image.data + header.root_offset, root.data, root.bytes);
    free(messages);
    buffer_deinit(&image);
    buffer_deinit(&kernel);
    buffer_deinit(&root);
}

static void test_loader_that_is_none_is_refused(void **state)
{
    (void)state;
    char *messages;
    put_aarch64_files();
    put("loader.bin", compose, sizeof compose - 1);
    assert_int_equal(build_aarch64(&messages), STATUS_ERROR);
    assert_string_equal(messages, "sel4-compose: error: loader.bin: not an empty KaaL loader; try: "
                                  "the loader.elf.bin of this KaaL\n");
    free(messages);
}

static void test_kernel_of_another_machine_is_refused(void **state)
{
    (void)state;
    const struct fixture kernel = {.machine = KAAL_ELF_MACHINE_X86_64};
    char *messages;
    put_aarch64_files();
    (void)put_fixture("kernel.elf", &kernel);
    assert_int_equal(build_aarch64(&messages), STATUS_ERROR);
    assert_string_equal(messages, "sel4-compose: error: kernel.elf: not a 64-bit ELF file for "
                                  "aarch64; try: the kernel.elf of that machine\n");
    free(messages);
}

static void test_components_are_searched_in_every_folder(void **state)
{
    (void)state;
    char *arguments[] = {"compose.yaml", "--arch",           "x86_64",   "--init", "init.elf",
                         "--components", "empty:components", "--output", "out"};
    char *messages;
    put_good_files();
    assert_int_equal(folder_create("empty"), 0);
    assert_int_equal(run(command_build, (int)ARRAY_COUNT(arguments), arguments, &messages),
                     STATUS_OK);
    assert_string_equal(messages, "");
    free(messages);
}

static void test_wrong_arguments_end_with_status_2(void **state)
{
    (void)state;
    char *missing[] = {"compose.yaml"};
    char *unknown[] = {"compose.yaml", "--colour"};
    char *no_value[] = {"compose.yaml", "--arch"};
    char *machine[] = {"c", "--arch", "mips", "--init", "i", "--components", "c", "--output", "o"};
    char *no_loader[] = {"c", "--arch",   "aarch64", "--init",   "i", "--components",
                         "c", "--output", "o",       "--kernel", "k"};
    const struct {
        int count;
        char **arguments;
        const char *messages;
    } cases[] = {
        {1, missing,
         "sel4-compose build: error: needs a compose.yaml, --arch, --init, --components, --output; "
         "try: sel4-compose help\n"},
        {2, unknown,
         "sel4-compose build: error: unexpected argument '--colour'; try: sel4-compose help\n"},
        {2, no_value,
         "sel4-compose build: error: option --arch needs a value; try: sel4-compose help\n"},
        {9, machine,
         "sel4-compose build: error: --arch is 'mips', not x86_64 or aarch64; try: sel4-compose "
         "help\n"},
        {11, no_loader,
         "sel4-compose build: error: aarch64 needs --kernel and --loader together; try: "
         "sel4-compose help\n"},
    };
    for (size_t index = 0; index < ARRAY_COUNT(cases); index++) {
        char *messages;
        assert_int_equal(run(command_build, cases[index].count, cases[index].arguments, &messages),
                         STATUS_USAGE);
        assert_string_equal(messages, cases[index].messages);
        free(messages);
    }
}

static void test_info_refuses_an_image_without_archive(void **state)
{
    (void)state;
    char *arguments[] = {"init.elf"};
    char *messages;
    put_good_files();
    assert_int_equal(run(command_info, 1, arguments, &messages), STATUS_ERROR);
    assert_string_equal(messages, "init.elf: error: archive header: the magic number is wrong; "
                                  "there is no archive; try: a root.elf that sel4-compose build "
                                  "made\n");
    free(messages);
}

static void test_info_refuses_a_damaged_archive(void **state)
{
    (void)state;
    char *arguments[] = {"out/root.elf"};
    char *messages;
    put_good_files();
    assert_int_equal(build("x86_64", &messages), STATUS_OK);
    free(messages);
    struct buffer root = {0};
    assert_int_equal(file_read("out/root.elf", 1 << 20, &root), 0);
    const uint8_t flipped = root.data[root.bytes - 1] ^ 1;
    patch("out/root.elf", root.bytes - 1, &flipped, 1);
    buffer_deinit(&root);
    assert_int_equal(run(command_info, 1, arguments, &messages), STATUS_ERROR);
    assert_string_equal(messages, "out/root.elf: error: archive: the checksum does not match; the "
                                  "image is damaged; try: a root.elf that sel4-compose build "
                                  "made\n");
    free(messages);
}

int main(void)
{
#define FOLDER_TEST(test) \
    cmocka_unit_test_setup_teardown(test, enter_folder_with_components, leave_folder)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_build_packs_description_images_symbols_and_declarations),
        FOLDER_TEST(test_one_image_of_two_components_is_packed_once),
        FOLDER_TEST(test_missing_compose_file_is_reported),
        FOLDER_TEST(test_missing_image_is_reported_with_its_place),
        FOLDER_TEST(test_image_of_another_machine_is_refused),
        FOLDER_TEST(test_image_that_is_no_elf_file_is_refused),
        FOLDER_TEST(test_writable_code_is_refused_with_its_segment),
        FOLDER_TEST(test_malformed_section_table_is_refused),
        FOLDER_TEST(test_auto_device_without_declaration_is_refused),
        FOLDER_TEST(test_bad_declaration_is_refused),
        FOLDER_TEST(test_two_declarations_in_one_image_are_refused),
        FOLDER_TEST(test_image_over_eight_mebibytes_is_refused),
        FOLDER_TEST(test_init_without_placeholder_is_refused),
        FOLDER_TEST(test_writable_placeholder_is_refused),
        FOLDER_TEST(test_damaged_init_is_refused_with_its_header),
        FOLDER_TEST(test_unwritable_output_is_reported),
        FOLDER_TEST(test_aarch64_image_holds_loader_kernel_and_root),
        FOLDER_TEST(test_loader_that_is_none_is_refused),
        FOLDER_TEST(test_kernel_of_another_machine_is_refused),
        FOLDER_TEST(test_components_are_searched_in_every_folder),
        FOLDER_TEST(test_wrong_arguments_end_with_status_2),
        FOLDER_TEST(test_info_refuses_an_image_without_archive),
        FOLDER_TEST(test_info_refuses_a_damaged_archive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
