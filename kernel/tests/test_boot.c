/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the root task finds: boot information, fixed slots, untyped memory. */
#include "harness.h"

#include <string.h>

static void test_bootinfo_describes_the_root_task(void)
{
    const seL4_BootInfo *info = harness_bootinfo;
    assert_int_equal(info->nodeID, 0);
    assert_int_equal(info->numNodes, 1);
    assert_int_equal(info->initThreadCNodeSizeBits, CONFIG_ROOT_CNODE_SIZE_BITS);
    assert_int_equal(info->userImagePaging.start, seL4_NumInitialCaps);
    assert_int_equal(info->userImagePaging.end - info->userImagePaging.start, 3);
    assert_int_equal(info->extraBIPages.start, info->extraBIPages.end);
    assert_int_equal(info->schedcontrol.end - info->schedcontrol.start, 1);
    assert_int_equal(info->userImageFrames.end - info->userImageFrames.start, 1);
    assert_int_equal(info->untyped.end, info->empty.start);
    assert_int_equal(info->empty.end, 1 << CONFIG_ROOT_CNODE_SIZE_BITS);
}

static void test_fixed_slots_hold_what_the_abi_says(void)
{
    static const uint8_t tags[seL4_NumInitialCaps] = {
        [seL4_CapInitThreadTCB] = 12,   [seL4_CapInitThreadCNode] = 10,
        [seL4_CapInitThreadVSpace] = 9, [seL4_CapIRQControl] = 14,
        [seL4_CapASIDControl] = 11,     [seL4_CapInitThreadASIDPool] = 13,
        [seL4_CapBootInfoFrame] = 1,    [seL4_CapInitThreadIPCBuffer] = 1,
        [seL4_CapDomain] = 20,          [seL4_CapInitThreadSC] = 22,
    };
    for (seL4_CPtr slot = 0; slot < seL4_NumInitialCaps; slot++) {
        assert_int_equal(harness_tag(slot), tags[slot]);
    }
    assert_int_equal(harness_tag(harness_bootinfo->schedcontrol.start), 24);
    assert_int_equal(harness_tag(harness_bootinfo->empty.start), 0);
}

static void test_untypeds_are_aligned_disjoint_and_ordered(void)
{
    const seL4_BootInfo *info = harness_bootinfo;
    seL4_Word count = info->untyped.end - info->untyped.start;
    seL4_Word ram_bytes = 0;
    bool seen_ram = false;
    for (seL4_Word i = 0; i < count; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        assert_in_range(desc->sizeBits, seL4_MinUntypedBits, seL4_MaxUntypedBits);
        if (desc->isDevice) {
            assert_false(seen_ram);
        } else {
            seen_ram = true;
            ram_bytes += (seL4_Word)1 << desc->sizeBits;
        }
        if (i > 0 && desc->isDevice == desc[-1].isDevice) {
            assert_true(desc[-1].paddr + ((seL4_Word)1 << desc[-1].sizeBits) <= desc->paddr);
        }
    }
    /* 16 MiB but for the image page and the root task's objects. */
    assert_in_range(ram_bytes, (16u << 20) - (400u << 10), 16u << 20);
}

static void check_extra_block(void)
{
    const seL4_BootInfo *info = harness_bootinfo;
    assert_int_equal(info->extraLen, sizeof(seL4_BootInfoHeader) + 5000);
    assert_int_equal(info->extraBIPages.end - info->extraBIPages.start, 2);
    const char *block = kernel_host_translate(0x403000, false);
    assert_non_null(block);
    seL4_BootInfoHeader header;
    memcpy(&header, block, sizeof(header));
    assert_int_equal(header.id, SEL4_BOOTINFO_HEADER_FDT);
    assert_int_equal(header.len, info->extraLen);
    assert_int_equal(block[sizeof(header)], 0x5a);
}

static void test_extra_bootinfo_is_mapped_behind_bootinfo(void **state)
{
    static char blob[5000] = {0x5a};
    struct kernel_host_options options = {
        .extra = {{.id = SEL4_BOOTINFO_HEADER_FDT, .data = blob, .bytes = sizeof(blob)}}};
    (void)state;
    assert_int_equal(harness_run_with(&options, check_extra_block), KERNEL_HOST_RETURNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_bootinfo_describes_the_root_task),
        HARNESS_TEST(test_fixed_slots_hold_what_the_abi_says),
        HARNESS_TEST(test_untypeds_are_aligned_disjoint_and_ordered),
        cmocka_unit_test(test_extra_bootinfo_is_mapped_behind_bootinfo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
