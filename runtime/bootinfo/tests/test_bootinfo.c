/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The bootinfo parser: ranges, totals, look-up by address, extra blocks, and each malformed field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/bootinfo.h>

#define EXTRA_BYTES 4096u

/* A frame and the pages of extra blocks behind it. */
static struct {
    _Alignas(4096) uint8_t bytes[KAAL_BOOTINFO_FRAME_BYTES + EXTRA_BYTES];
} area;
static _Alignas(1024) seL4_IPCBuffer ipc_buffer;

static seL4_BootInfo *raw(void)
{
    return (seL4_BootInfo *)(void *)area.bytes;
}

static void add_untyped(uint64_t paddr, uint8_t bits, bool device)
{
    seL4_BootInfo *info = raw();
    info->untypedList[info->untyped.end - info->untyped.start] =
        (seL4_UntypedDesc){.paddr = paddr, .sizeBits = bits, .isDevice = device};
    info->untyped.end++;
    info->empty.start++;
}

static void add_extra(uint64_t id, uint64_t length, const void *content, size_t bytes)
{
    uint8_t *at = area.bytes + KAAL_BOOTINFO_FRAME_BYTES + raw()->extraLen;
    memcpy(at, &id, 8);
    memcpy(at + 8, &length, 8);
    memcpy(at + 16, content, bytes);
    raw()->extraLen += 16 + bytes;
}

/* A machine such as a small aarch64 one. */
static void make_good(void)
{
    memset(&area, 0, sizeof(area));
    seL4_BootInfo *info = raw();
    info->numNodes = 1;
    info->ipcBuffer = &ipc_buffer;
    info->initThreadCNodeSizeBits = 12;
    info->schedcontrol = (seL4_SlotRegion){16, 17};
    info->userImagePaging = (seL4_SlotRegion){17, 20};
    info->userImageFrames = (seL4_SlotRegion){20, 60};
    info->untyped = (seL4_SlotRegion){60, 60};
    info->empty = (seL4_SlotRegion){60, 4096};
    add_untyped(0x0, 27, true);
    add_untyped(0x9000000, 24, true);
    add_untyped(0x8000000000, 39, true);
    add_untyped(0x40000000, 16, false);
    add_untyped(0x40400000, 22, false);
    add_untyped(0x40800000, 23, false);
    const uint32_t mhz = 2600;
    add_extra(SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, 20, &mhz, 4);
    add_extra(SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, 19, "abc", 3);
}

static int open_area(struct kaal_bootinfo *info, struct kaal_problem *problem)
{
    memset(problem, 0, sizeof(*problem));
    return kaal_bootinfo_open(area.bytes, sizeof(area.bytes), info, problem);
}

static void open_good(struct kaal_bootinfo *info)
{
    struct kaal_problem problem;
    make_good();
    int error = open_area(info, &problem);
    assert_string_equal(problem.text, "");
    assert_int_equal(error, KAAL_OK);
}

static void test_totals_split_ram_and_devices(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    open_good(&info);
    assert_int_equal(info.untyped_count, 6);
    assert_int_equal(info.ram_count, 3);
    assert_int_equal(info.device_count, 3);
    assert_int_equal(info.ram_bytes, BIT64(16) + BIT64(22) + BIT64(23));
    assert_int_equal(info.device_bytes, BIT64(27) + BIT64(24) + BIT64(39));
    assert_int_equal(info.largest_ram_bytes, BIT64(23));
}

static void test_untyped_is_found_by_any_address_in_it(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    uint32_t index;
    open_good(&info);
    const struct {
        uint64_t paddr;
        uint32_t index;
    } found[] = {{0, 0},          {0x7FFFFFF, 0},   {0x9000000, 1},  {0x9FFFFFF, 1},
                 {0x40000000, 3}, {0x4000FFFF, 3},  {0x40400000, 4}, {0x407FFFFF, 4},
                 {0x40FFFFFF, 5}, {0xFFFFFFFFFF, 2}};
    for (unsigned i = 0; i < ARRAY_COUNT(found); i++) {
        assert_int_equal(kaal_bootinfo_find_untyped(&info, found[i].paddr, &index), KAAL_OK);
        assert_int_equal(index, found[i].index);
    }
    const uint64_t missing[] = {0x8000000,  0xA000000,     0x40010000,
                                0x41000000, 0x10000000000, UINT64_MAX};
    for (unsigned i = 0; i < ARRAY_COUNT(missing); i++) {
        assert_int_equal(kaal_bootinfo_find_untyped(&info, missing[i], &index), KAAL_ERR_NOT_FOUND);
    }
}

static void test_extra_blocks_are_found_unaligned(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    const uint8_t *content;
    uint64_t bytes;
    uint32_t mhz;
    open_good(&info);
    assert_int_equal(
        kaal_bootinfo_find_extra(&info, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, &content, &bytes),
        KAAL_OK);
    assert_int_equal(bytes, 3);
    assert_memory_equal(content, "abc", 3);
    assert_int_equal(kaal_bootinfo_find_extra(&info, SEL4_BOOTINFO_HEADER_FDT, &content, &bytes),
                     KAAL_ERR_NOT_FOUND);
    assert_int_equal(kaal_bootinfo_tsc_mhz(&info, &mhz), KAAL_OK);
    assert_int_equal(mhz, 2600);
}

static void test_tsc_block_must_hold_a_frequency(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    struct kaal_problem problem;
    uint32_t mhz = 0;
    make_good();
    raw()->extraLen = 0;
    assert_int_equal(open_area(&info, &problem), KAAL_OK);
    assert_int_equal(kaal_bootinfo_tsc_mhz(&info, &mhz), KAAL_ERR_NOT_FOUND);
    add_extra(SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, 20, &mhz, 4);
    assert_int_equal(open_area(&info, &problem), KAAL_OK);
    assert_int_equal(kaal_bootinfo_tsc_mhz(&info, &mhz), KAAL_ERR_FORMAT);
    raw()->extraLen = 0;
    add_extra(SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, 19, "abc", 3);
    assert_int_equal(open_area(&info, &problem), KAAL_OK);
    assert_int_equal(kaal_bootinfo_tsc_mhz(&info, &mhz), KAAL_ERR_FORMAT);
}

/* One damage each; the message must name what is wrong. */
static void too_large_cnode(void)
{
    raw()->initThreadCNodeSizeBits = 64;
}
static void no_cnode(void)
{
    raw()->initThreadCNodeSizeBits = 0;
}
static void no_buffer(void)
{
    raw()->ipcBuffer = NULL;
}
static void unaligned_buffer(void)
{
    raw()->ipcBuffer = (seL4_IPCBuffer *)(void *)((uint8_t *)&ipc_buffer + 8);
}
static void no_sched_control(void)
{
    raw()->schedcontrol.end = raw()->schedcontrol.start;
}
static void backward_region(void)
{
    raw()->empty = (seL4_SlotRegion){4096, 100};
}
static void region_past_the_end(void)
{
    raw()->empty.end = 4097;
}
static void huge_region(void)
{
    raw()->userImageFrames.end = UINT64_MAX;
}
static void region_in_fixed_slots(void)
{
    raw()->userImagePaging.start = 3;
}
static void overlapping_regions(void)
{
    raw()->userImageFrames.end = 62;
}
static void too_many_untypeds(void)
{
    raw()->untyped.end = raw()->untyped.start + 231;
    raw()->empty.start = raw()->untyped.end;
}
static void tiny_untyped(void)
{
    raw()->untypedList[3].sizeBits = 3;
}
static void giant_untyped(void)
{
    raw()->untypedList[3].sizeBits = 48;
}
static void shift_breaking_untyped(void)
{
    raw()->untypedList[3].sizeBits = 255;
}
static void unaligned_untyped(void)
{
    raw()->untypedList[4].paddr += 4096;
}
static void overlapping_untypeds(void)
{
    raw()->untypedList[5].paddr = 0x40400000;
    raw()->untypedList[5].sizeBits = 20;
}
static void equal_untypeds(void)
{
    raw()->untypedList[1] = raw()->untypedList[0];
}
static void wrapping_untyped(void)
{
    raw()->untypedList[2] =
        (seL4_UntypedDesc){.paddr = UINT64_MAX << 39, .sizeBits = 40, .isDevice = 1};
}
static void no_ram(void)
{
    for (unsigned i = 0; i < 6; i++) {
        raw()->untypedList[i].isDevice = 1;
    }
}
static void extra_longer_than_memory(void)
{
    raw()->extraLen = EXTRA_BYTES + 1;
}
static void extra_absurd(void)
{
    raw()->extraLen = UINT64_MAX - 8;
}
static void extra_cut_in_a_header(void)
{
    raw()->extraLen -= 10;
    raw()->extraLen = 20 + 8;
}
static void extra_block_of_zero_bytes(void)
{
    memset(area.bytes + KAAL_BOOTINFO_FRAME_BYTES + 8, 0, 8);
}
static void extra_block_past_the_end(void)
{
    area.bytes[KAAL_BOOTINFO_FRAME_BYTES + 9] = 1;
}
static void extra_block_of_negative_length(void)
{
    memset(area.bytes + KAAL_BOOTINFO_FRAME_BYTES + 8, 0xFF, 8);
}

static const struct {
    void (*damage)(void);
    int error;
    const char *text; /* part of the message */
} damages[] = {
    {too_large_cnode, KAAL_ERR_RANGE, "root CNode"},
    {no_cnode, KAAL_ERR_RANGE, "root CNode"},
    {no_buffer, KAAL_ERR_FORMAT, "IPC buffer"},
    {unaligned_buffer, KAAL_ERR_FORMAT, "IPC buffer"},
    {no_sched_control, KAAL_ERR_FORMAT, "SchedControl"},
    {backward_region, KAAL_ERR_RANGE, "region empty"},
    {region_past_the_end, KAAL_ERR_RANGE, "region empty"},
    {huge_region, KAAL_ERR_RANGE, "region userImageFrames"},
    {region_in_fixed_slots, KAAL_ERR_RANGE, "fixed slots"},
    {overlapping_regions, KAAL_ERR_FORMAT, "overlap"},
    {too_many_untypeds, KAAL_ERR_RANGE, "231 untypeds"},
    {tiny_untyped, KAAL_ERR_RANGE, "untyped 3"},
    {giant_untyped, KAAL_ERR_RANGE, "untyped 3"},
    {shift_breaking_untyped, KAAL_ERR_RANGE, "untyped 3"},
    {unaligned_untyped, KAAL_ERR_FORMAT, "untyped 4"},
    {overlapping_untypeds, KAAL_ERR_FORMAT, "untypeds 4 and 5"},
    {equal_untypeds, KAAL_ERR_FORMAT, "untypeds 0 and 1"},
    {wrapping_untyped, KAAL_ERR_RANGE, "untyped 2"},
    {no_ram, KAAL_ERR_FORMAT, "no RAM"},
    {extra_longer_than_memory, KAAL_ERR_TRUNCATED, "extra blocks"},
    {extra_absurd, KAAL_ERR_TRUNCATED, "extra blocks"},
    {extra_cut_in_a_header, KAAL_ERR_TRUNCATED, "are no block"},
    {extra_block_of_zero_bytes, KAAL_ERR_FORMAT, "length 0"},
    {extra_block_past_the_end, KAAL_ERR_FORMAT, "extra block 5"},
    {extra_block_of_negative_length, KAAL_ERR_FORMAT, "extra block 5"},
};

static void test_each_malformed_field_is_named(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ARRAY_COUNT(damages); i++) {
        struct kaal_bootinfo info;
        struct kaal_problem problem;
        make_good();
        damages[i].damage();
        int error = open_area(&info, &problem);
        if (error != damages[i].error || strstr(problem.text, damages[i].text) == NULL) {
            fail_msg("damage %u: %s: %s", i, kaal_error_name(error), problem.text);
        }
    }
}

static void test_frame_shorter_than_the_structure_is_refused(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    struct kaal_problem problem;
    make_good();
    assert_int_equal(kaal_bootinfo_open(area.bytes, 100, &info, &problem), KAAL_ERR_TRUNCATED);
    assert_int_equal(kaal_bootinfo_open(NULL, 0, &info, &problem), KAAL_ERR_FORMAT);
    assert_int_equal(kaal_bootinfo_open(area.bytes + 4, 0, &info, &problem), KAAL_ERR_FORMAT);
}

/* Any single byte may be wrong: never a crash, and every error has a text. */
static void test_any_changed_byte_is_survived(void **state)
{
    (void)state;
    struct kaal_bootinfo info;
    make_good();
    size_t length = KAAL_BOOTINFO_FRAME_BYTES + raw()->extraLen;
    unsigned refused = 0;
    for (size_t at = 0; at < length; at++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            struct kaal_problem problem;
            make_good();
            area.bytes[at] ^= (uint8_t)(1u << bit);
            int error = open_area(&info, &problem);
            if (error != KAAL_OK) {
                refused++;
                assert_string_not_equal(problem.text, "");
                continue;
            }
            uint32_t index;
            const uint8_t *content;
            uint64_t bytes;
            (void)!kaal_bootinfo_find_untyped(&info, 0x40400000, &index);
            (void)!kaal_bootinfo_find_extra(&info, SEL4_BOOTINFO_HEADER_FDT, &content, &bytes);
        }
    }
    assert_true(refused > 100);
}

static void test_problem_text_is_bounded_and_printable(void **state)
{
    (void)state;
    struct kaal_problem problem;
    char text[400];
    memset(text, 'x', sizeof(text));
    text[0] = '\n';
    text[1] = '\x7F';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(kaal_problem_set(&problem, KAAL_ERR_FORMAT, "%s", text), KAAL_ERR_FORMAT);
    assert_int_equal(strlen(problem.text), KAAL_PROBLEM_BYTES - 1);
    assert_memory_equal(problem.text, "??xx", 4);
    (void)kaal_problem_set(&problem, 0, "%u %x %llu %llx %c %s %% end", 12u, 255u,
                           18446744073709551615ULL, 0xABCDEF0123ULL, 'z', "text");
    assert_string_equal(problem.text, "12 ff 18446744073709551615 abcdef0123 z text % end");
    assert_int_equal(kaal_problem_set(NULL, KAAL_ERR_RANGE, "no one listens"), KAAL_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals_split_ram_and_devices),
        cmocka_unit_test(test_untyped_is_found_by_any_address_in_it),
        cmocka_unit_test(test_extra_blocks_are_found_unaligned),
        cmocka_unit_test(test_tsc_block_must_hold_a_frequency),
        cmocka_unit_test(test_each_malformed_field_is_named),
        cmocka_unit_test(test_frame_shorter_than_the_structure_is_refused),
        cmocka_unit_test(test_any_changed_byte_is_survived),
        cmocka_unit_test(test_problem_text_is_bounded_and_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
