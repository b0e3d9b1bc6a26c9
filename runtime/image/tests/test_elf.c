/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ELF reader: a good file is described exactly, and each hostile one is refused with a phrase,
 * the program header and the value. Tests damage a good file in one place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/elf.h>
#include <kaal/elf_format.h>

#define FILE_BYTES 0x3000u

enum header {
    TEXT,
    DATA,
    TLS,
    STACK,
    HEADER_COUNT,
};

static union {
    struct {
        struct elf_header header;
        struct elf_program_header headers[HEADER_COUNT];
    };
    uint8_t bytes[FILE_BYTES];
} file;

static struct kaal_elf elf;
static struct kaal_elf_problem problem;

static int make_good(void **state)
{
    (void)state;
    memset(&file, 0, sizeof file);
    file.header = (struct elf_header){
        .identity = {0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, 1},
        .type = ELF_TYPE_EXECUTABLE,
        .machine = KAAL_ELF_MACHINE_X86_64,
        .version = 1,
        .entry = 0x400010,
        .program_header_offset = sizeof file.header,
        .header_bytes = sizeof file.header,
        .program_header_bytes = sizeof file.headers[0],
        .program_header_count = HEADER_COUNT,
    };
    file.headers[TEXT] = (struct elf_program_header){.type = ELF_SEGMENT_LOAD,
                                                     .flags = KAAL_ELF_READ | KAAL_ELF_EXECUTE,
                                                     .offset = 0x1000,
                                                     .vaddr = 0x400000,
                                                     .file_bytes = 0x800,
                                                     .memory_bytes = 0x800,
                                                     .alignment = 4096};
    file.headers[DATA] = (struct elf_program_header){.type = ELF_SEGMENT_LOAD,
                                                     .flags = KAAL_ELF_READ | KAAL_ELF_WRITE,
                                                     .offset = 0x2010,
                                                     .vaddr = 0x401010,
                                                     .file_bytes = 0x100,
                                                     .memory_bytes = 0x5000,
                                                     .alignment = 4096};
    file.headers[TLS] = (struct elf_program_header){.type = ELF_SEGMENT_TLS,
                                                    .flags = KAAL_ELF_READ,
                                                    .offset = 0x2010,
                                                    .vaddr = 0x401010,
                                                    .file_bytes = 0x10,
                                                    .memory_bytes = 0x40,
                                                    .alignment = 16};
    file.headers[STACK] = (struct elf_program_header){.type = ELF_SEGMENT_GNU_STACK,
                                                      .flags = KAAL_ELF_READ | KAAL_ELF_WRITE};
    return 0;
}

static int open_file(void)
{
    return kaal_elf_open(&file, sizeof file, KAAL_ELF_MACHINE_X86_64, &elf, &problem);
}

/* The file must be refused, with what, where and the value; afterwards it is good again. */
static void expect(int error, const char *text, uint32_t header, uint64_t value)
{
    problem = (struct kaal_elf_problem){0};
    assert_int_equal(open_file(), error);
    assert_string_equal(problem.text, text);
    assert_int_equal(problem.header, header);
    assert_int_equal(problem.value, value);
    make_good(NULL);
}

static void test_good_file_is_described(void **state)
{
    (void)state;
    assert_int_equal(open_file(), KAAL_OK);
    assert_int_equal(elf.entry, 0x400010);
    assert_int_equal(elf.machine, KAAL_ELF_MACHINE_X86_64);
    assert_int_equal(elf.segment_count, 2);
    assert_int_equal(elf.segments[1].vaddr, 0x401010);
    assert_int_equal(elf.segments[1].file_bytes, 0x100);
    assert_int_equal(elf.segments[1].memory_bytes, 0x5000);
    assert_ptr_equal(elf.segments[1].data, file.bytes + 0x2010);
    assert_int_equal(elf.segments[1].rights, KAAL_ELF_READ | KAAL_ELF_WRITE);
    assert_int_equal(elf.tls.vaddr, 0x401010);
    assert_int_equal(elf.tls.memory_bytes, 0x40);
    assert_int_equal(elf.tls.alignment, 16);
    assert_int_equal(kaal_elf_open(&file, sizeof file, KAAL_ELF_MACHINE_ANY, &elf, &problem),
                     KAAL_OK);
}

static void test_identity_is_checked(void **state)
{
    (void)state;
    file.header.identity[0] = 0x7e;
    expect(KAAL_ERR_FORMAT, "not an ELF file", KAAL_ELF_NO_HEADER, 0x464c457e);
    file.header.identity[4] = 1;
    expect(KAAL_ERR_UNSUPPORTED, "not a 64-bit little-endian ELF file", KAAL_ELF_NO_HEADER, 1);
    file.header.identity[5] = 2;
    expect(KAAL_ERR_UNSUPPORTED, "not a 64-bit little-endian ELF file", KAAL_ELF_NO_HEADER, 2);
    file.header.type = 3;
    expect(KAAL_ERR_UNSUPPORTED, "not a static executable (e_type)", KAAL_ELF_NO_HEADER, 3);
    file.header.machine = KAAL_ELF_MACHINE_AARCH64;
    expect(KAAL_ERR_UNSUPPORTED, "built for another machine (e_machine)", KAAL_ELF_NO_HEADER, 183);
}

static void test_header_table_is_checked(void **state)
{
    (void)state;
    file.header.program_header_bytes = 32;
    expect(KAAL_ERR_FORMAT, "program headers of an unknown size (e_phentsize)", KAAL_ELF_NO_HEADER,
           32);
    file.header.program_header_count = 0;
    expect(KAAL_ERR_FORMAT, "no program headers, or more than 32 (e_phnum)", KAAL_ELF_NO_HEADER, 0);
    file.header.program_header_count = 33;
    expect(KAAL_ERR_FORMAT, "no program headers, or more than 32 (e_phnum)", KAAL_ELF_NO_HEADER,
           33);
    file.header.program_header_offset = 65;
    expect(KAAL_ERR_ALIGN, "program headers are not 8-byte aligned (e_phoff)", KAAL_ELF_NO_HEADER,
           65);
    file.header.program_header_offset = FILE_BYTES - 8;
    expect(KAAL_ERR_TRUNCATED, "program headers reach past the file's end (e_phoff)",
           KAAL_ELF_NO_HEADER, FILE_BYTES - 8);
    file.header.program_header_offset = UINT64_MAX - 7;
    expect(KAAL_ERR_TRUNCATED, "program headers reach past the file's end (e_phoff)",
           KAAL_ELF_NO_HEADER, UINT64_MAX - 7);
}

static void test_contents_outside_the_file_are_refused(void **state)
{
    (void)state;
    static const char text[] = "the segment's contents reach past the file's end (p_offset)";
    file.headers[DATA].offset = FILE_BYTES - 0xf0;
    expect(KAAL_ERR_TRUNCATED, text, DATA, FILE_BYTES - 0xf0);
    file.headers[DATA].offset = UINT64_MAX - 0xff + 0x10;
    expect(KAAL_ERR_TRUNCATED, text, DATA, UINT64_MAX - 0xff + 0x10);
    file.headers[DATA].file_bytes = UINT64_MAX;
    expect(KAAL_ERR_TRUNCATED, text, DATA, 0x2010);
}

static void test_sizes_and_addresses_are_checked(void **state)
{
    (void)state;
    file.headers[TEXT].memory_bytes = 0x7ff;
    expect(KAAL_ERR_FORMAT, "the segment is longer in the file than in memory (p_filesz)", TEXT,
           0x800);
    file.headers[TEXT].vaddr = 0;
    expect(KAAL_ERR_RANGE, "the segment lies outside user memory (p_vaddr)", TEXT, 0);
    file.headers[DATA].vaddr = KAAL_ELF_ADDRESS_END - 0x1000 + 0x10;
    expect(KAAL_ERR_RANGE, "the segment lies outside user memory (p_vaddr)", DATA,
           KAAL_ELF_ADDRESS_END - 0x1000 + 0x10);
    file.headers[DATA].vaddr = UINT64_C(0xffffffff80000010);
    expect(KAAL_ERR_RANGE, "the segment lies outside user memory (p_vaddr)", DATA,
           UINT64_C(0xffffffff80000010));
    file.headers[DATA].memory_bytes = UINT64_MAX;
    expect(KAAL_ERR_RANGE, "the segment lies outside user memory (p_vaddr)", DATA, 0x401010);
}

static void test_alignment_is_checked(void **state)
{
    (void)state;
    file.headers[TEXT].alignment = 4095;
    expect(KAAL_ERR_ALIGN, "the alignment is not a power of two (p_align)", TEXT, 4095);
    file.headers[TEXT].offset = 0x1008;
    expect(KAAL_ERR_ALIGN, "address and file offset differ modulo the alignment (p_vaddr)", TEXT,
           0x400000);
}

static void test_rights_are_checked(void **state)
{
    (void)state;
    file.headers[DATA].flags = KAAL_ELF_READ | KAAL_ELF_WRITE | KAAL_ELF_EXECUTE;
    expect(KAAL_ERR_DENIED, "the segment is both writable and executable (p_flags)", DATA, 7);
    file.headers[DATA].flags = KAAL_ELF_WRITE;
    expect(KAAL_ERR_UNSUPPORTED, "the segment is not readable (p_flags)", DATA, 2);
    file.headers[STACK].flags = KAAL_ELF_READ | KAAL_ELF_EXECUTE;
    expect(KAAL_ERR_DENIED, "asks for an executable stack (p_flags)", STACK, 5);
}

static void test_segments_that_share_a_page_are_refused(void **state)
{
    (void)state;
    file.headers[TEXT].memory_bytes = 0x1800;
    expect(KAAL_ERR_RANGE, "the segment shares a page with the one before it (p_vaddr)", DATA,
           0x401010);
    /* In descending order: the second lies below the first. */
    file.headers[DATA].vaddr = 0x300010;
    expect(KAAL_ERR_RANGE, "the segment shares a page with the one before it (p_vaddr)", DATA,
           0x300010);
}

static void test_entry_outside_executable_contents_is_refused(void **state)
{
    (void)state;
    static const char text[] = "the entry point is in no executable segment (e_entry)";
    file.header.entry = 0x401010;
    expect(KAAL_ERR_RANGE, text, KAAL_ELF_NO_HEADER, 0x401010);
    file.header.entry = 0x400800;
    expect(KAAL_ERR_RANGE, text, KAAL_ELF_NO_HEADER, 0x400800);
    file.header.entry = 0x3fffff;
    expect(KAAL_ERR_RANGE, text, KAAL_ELF_NO_HEADER, 0x3fffff);
}

static void test_thread_local_segment_is_checked(void **state)
{
    (void)state;
    file.headers[TLS].alignment = 8192;
    expect(KAAL_ERR_ALIGN, "the thread-local segment's alignment is not 1..4096 (p_align)", TLS,
           8192);
    file.headers[TLS].file_bytes = 0x41;
    expect(KAAL_ERR_RANGE, "the thread-local segment's size is wrong (p_memsz)", TLS, 0x40);
    file.headers[TLS].memory_bytes = UINT64_MAX;
    expect(KAAL_ERR_RANGE, "the thread-local segment's size is wrong (p_memsz)", TLS, UINT64_MAX);
    file.headers[TLS].vaddr = 0x401108;
    expect(KAAL_ERR_RANGE, "the thread-local image is in no loaded segment (p_vaddr)",
           KAAL_ELF_NO_HEADER, 0x401108);
    file.headers[STACK] = file.headers[TLS];
    expect(KAAL_ERR_FORMAT, "a second thread-local segment", STACK, 0);
}

static void test_dynamic_files_are_refused(void **state)
{
    (void)state;
    file.headers[STACK].type = ELF_SEGMENT_INTERPRETER;
    expect(KAAL_ERR_UNSUPPORTED, "dynamically linked (p_type)", STACK, 3);
    file.headers[STACK].type = ELF_SEGMENT_DYNAMIC;
    expect(KAAL_ERR_UNSUPPORTED, "dynamically linked (p_type)", STACK, 2);
}

static void test_file_with_nothing_to_load_is_refused(void **state)
{
    (void)state;
    file.headers[TEXT].memory_bytes = 0;
    file.headers[TEXT].file_bytes = 0;
    file.headers[DATA] = file.headers[TEXT];
    file.headers[TLS].type = 0;
    expect(KAAL_ERR_FORMAT, "nothing to load: no segment has a length", KAAL_ELF_NO_HEADER, 0);
}

static void test_every_truncation_is_refused_or_complete(void **state)
{
    (void)state;
    const uint64_t used_bytes = 0x2110; /* the end of the last segment's contents */
    for (uint64_t bytes = 0; bytes < used_bytes; bytes += 16) {
        assert_int_equal(kaal_elf_open(&file, bytes, KAAL_ELF_MACHINE_X86_64, &elf, &problem),
                         KAAL_ERR_TRUNCATED);
    }
    assert_int_equal(kaal_elf_open(&file, used_bytes, KAAL_ELF_MACHINE_X86_64, &elf, &problem),
                     KAAL_OK);
}

static void test_unaligned_memory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(kaal_elf_open(file.bytes + 4, 4096, KAAL_ELF_MACHINE_ANY, &elf, &problem),
                     KAAL_ERR_ALIGN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_file_is_described, make_good),
        cmocka_unit_test_setup(test_identity_is_checked, make_good),
        cmocka_unit_test_setup(test_header_table_is_checked, make_good),
        cmocka_unit_test_setup(test_contents_outside_the_file_are_refused, make_good),
        cmocka_unit_test_setup(test_sizes_and_addresses_are_checked, make_good),
        cmocka_unit_test_setup(test_alignment_is_checked, make_good),
        cmocka_unit_test_setup(test_rights_are_checked, make_good),
        cmocka_unit_test_setup(test_segments_that_share_a_page_are_refused, make_good),
        cmocka_unit_test_setup(test_entry_outside_executable_contents_is_refused, make_good),
        cmocka_unit_test_setup(test_thread_local_segment_is_checked, make_good),
        cmocka_unit_test_setup(test_dynamic_files_are_refused, make_good),
        cmocka_unit_test_setup(test_file_with_nothing_to_load_is_refused, make_good),
        cmocka_unit_test_setup(test_every_truncation_is_refused_or_complete, make_good),
        cmocka_unit_test_setup(test_unaligned_memory_is_refused, make_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
