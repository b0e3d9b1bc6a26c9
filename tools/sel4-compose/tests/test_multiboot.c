/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Kernels for QEMU: which get ELF32 headers, what those hold, and the message for one that cannot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/elf_format.h>

#include "multiboot_kernel.h"

#define MULTIBOOT_OFFSET 0x200u
#define FILE_BYTES       0x1000u

/* An ELF64 kernel with two segments and a multiboot 1 header. */
struct kernel_file {
    struct elf_header header;
    struct elf_program_header segments[2];
};

static const struct kernel_file good = {
    .header =
        {
            .identity = {0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, 1},
            .type = ELF_TYPE_EXECUTABLE,
            .machine = 62,
            .version = 1,
            .entry = 0x100010,
            .program_header_offset = sizeof(struct elf_header),
            .section_header_offset = 0x800,
            .header_bytes = sizeof(struct elf_header),
            .program_header_bytes = sizeof(struct elf_program_header),
            .program_header_count = 2,
            .section_header_bytes = 64,
            .section_header_count = 3,
        },
    .segments = {{.type = ELF_SEGMENT_LOAD,
                  .flags = 5,
                  .offset = 0x200,
                  .vaddr = 0x100000,
                  .paddr = 0x100000,
                  .file_bytes = 0x100,
                  .memory_bytes = 0x100,
                  .alignment = 4096},
                 {.type = ELF_SEGMENT_LOAD,
                  .flags = 6,
                  .offset = 0x300,
                  .vaddr = UINT64_C(0xffffffff80101000),
                  .paddr = 0x101000,
                  .file_bytes = 0x200,
                  .memory_bytes = 0x3000,
                  .alignment = 4096}},
};

static void make(struct buffer *kernel, const struct kernel_file *file, uint32_t flags)
{
    const uint32_t multiboot[] = {0x1badb002, flags, 0u - (0x1badb002 + flags)};
    (void)buffer_append(kernel, NULL, FILE_BYTES);
    memset(kernel->data, 0xaa, kernel->bytes);
    memcpy(kernel->data, file, sizeof *file);
    memcpy(kernel->data + MULTIBOOT_OFFSET, multiboot, sizeof multiboot);
}

static uint32_t word(const struct buffer *kernel, size_t offset)
{
    uint32_t value;
    memcpy(&value, kernel->data + offset, sizeof value);
    return value;
}

/* Prepares a kernel; the message is to be freed. */
static bool prepare(struct buffer *kernel, char **message)
{
    size_t bytes;
    FILE *out = open_memstream(message, &bytes);
    assert_non_null(out);
    struct diagnostics diagnostics = {.file = "sel4-compose", .out = out};
    bool result = multiboot_kernel_prepare(kernel, "k.elf", &diagnostics);
    (void)fclose(out);
    return result;
}

static void test_kernel_without_addresses_gets_elf32_headers(void **state)
{
    (void)state;
    struct buffer kernel = {0};
    char *message = NULL;
    make(&kernel, &good, 3);
    assert_true(prepare(&kernel, &message));
    assert_string_equal(message, "");
    assert_int_equal(kernel.bytes, FILE_BYTES);
    assert_int_equal(word(&kernel, 0), ELF_MAGIC);
    assert_int_equal(kernel.data[4], 1);                  /* 32-bit */
    assert_int_equal(word(&kernel, 16), 3u << 16 | 2u);   /* executable, i386 */
    assert_int_equal(word(&kernel, 24), 0x100010);        /* entry */
    assert_int_equal(word(&kernel, 28), 52);              /* program headers */
    assert_int_equal(word(&kernel, 32), 0);               /* no sections */
    assert_int_equal(word(&kernel, 40), 32u << 16 | 52u); /* sizes */
    assert_int_equal(word(&kernel, 44) & 0xffff, 2);      /* count */
    const uint32_t second[] = {1, 0x300, 0x80101000, 0x101000, 0x200, 0x3000, 6, 4096};
    assert_memory_equal(kernel.data + 52 + 32, second, sizeof second);
    for (size_t offset = sizeof good; offset < MULTIBOOT_OFFSET; offset++) {
        assert_int_equal(kernel.data[offset], 0xaa); /* contents stay */
    }
    free(message);
    buffer_deinit(&kernel);
}

static void test_kernel_with_addresses_stays_as_it_is(void **state)
{
    (void)state;
    struct buffer kernel = {0};
    char *message = NULL;
    make(&kernel, &good, 0x10003);
    assert_true(prepare(&kernel, &message));
    assert_memory_equal(kernel.data, &good, sizeof good);
    free(message);
    buffer_deinit(&kernel);
}

static void test_file_without_multiboot_header_stays_as_it_is(void **state)
{
    (void)state;
    struct buffer kernel = {0};
    char *message = NULL;
    (void)buffer_append(&kernel, &good, sizeof good);
    assert_true(prepare(&kernel, &message));
    assert_memory_equal(kernel.data, &good, sizeof good);
    free(message);
    buffer_deinit(&kernel);
}

static void refuse(const struct kernel_file *file, const char *problem)
{
    struct buffer kernel = {0};
    char *message = NULL;
    make(&kernel, file, 3);
    assert_false(prepare(&kernel, &message));
    char *expected =
        text_format("sel4-compose: error: k.elf: QEMU needs it as an ELF32 file, but it "
                    "has %s; try: objcopy -O elf32-i386, and QEMU by hand\n",
                    problem);
    assert_string_equal(message, expected);
    free(expected);
    free(message);
    buffer_deinit(&kernel);
}

static void test_kernel_that_no_elf32_file_can_hold_is_refused(void **state)
{
    (void)state;
    struct kernel_file file = good;
    file.header.program_header_offset = 0x400;
    refuse(&file, "program headers that do not follow the file header");
    file = good;
    file.header.program_header_count = 0xffff; /* beyond the end of the file */
    refuse(&file, "program headers that do not follow the file header");
    file = good;
    file.header.entry = UINT64_C(0xffffffff80101000);
    refuse(&file, "an entry point that is no physical address");
    file = good;
    file.segments[1].paddr = UINT64_C(0xfffff000);
    refuse(&file, "a segment beyond 4 GiB of physical memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernel_without_addresses_gets_elf32_headers),
        cmocka_unit_test(test_kernel_with_addresses_stays_as_it_is),
        cmocka_unit_test(test_file_without_multiboot_header_stays_as_it_is),
        cmocka_unit_test(test_kernel_that_no_elf32_file_can_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
