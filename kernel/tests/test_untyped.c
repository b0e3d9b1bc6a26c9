/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Retype: the table of errors, placement, exhaustion, and what revoked memory looks like. */
#include "harness.h"
#include "inspect.h"

#include <string.h>

static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word bits, seL4_CPtr slot,
                         seL4_Word count)
{
    return seL4_Untyped_Retype(untyped, type, bits, ROOT, 0, 0, slot, count);
}

static seL4_CPtr run_of_slots(seL4_Word count)
{
    seL4_CPtr first = harness_slot();
    for (seL4_Word i = 1; i < count; i++) {
        assert_int_equal(harness_slot(), first + i);
    }
    return first;
}

static seL4_CPtr device_untyped(void)
{
    for (seL4_Word i = 0;; i++) {
        const seL4_UntypedDesc *desc = &harness_bootinfo->untypedList[i];
        assert_true(desc->isDevice);
        if (desc->sizeBits >= seL4_LargePageBits) {
            return harness_bootinfo->untyped.start + i;
        }
    }
}

static void test_wrong_types_and_sizes(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_CPtr slot = harness_slot();
    assert_error_word(retype(untyped, seL4_ObjectTypeCount, 0, slot, 1), seL4_InvalidArgument, 0);
    assert_range_error(retype(untyped, seL4_UntypedObject, 64, slot, 1), 0, 47);
    assert_range_error(retype(untyped, seL4_UntypedObject, 48, slot, 1), 0, 47);
    assert_range_error(retype(untyped, seL4_CapTableObject, 43, slot, 1), 0, 47);
    assert_range_error(retype(untyped, seL4_TCBObject, 64, slot, 1), 0, 47);
    assert_error_word(retype(untyped, seL4_CapTableObject, 0, slot, 1), seL4_InvalidArgument, 1);
    assert_error_word(retype(untyped, seL4_UntypedObject, 3, slot, 1), seL4_InvalidArgument, 1);
    assert_error_word(retype(untyped, seL4_SchedContextObject, 6, slot, 1), seL4_InvalidArgument,
                      1);
}

static void test_wrong_destinations(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_CPtr slot = harness_slot();
    seL4_Word slots = 1ul << CONFIG_ROOT_CNODE_SIZE_BITS;
    assert_failed_lookup(
        seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, untyped, 0, 0, slot, 1), 0,
        seL4_MissingCapability, 0);
    assert_failed_lookup(
        seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, slot, DEPTH, 0, 1), 0,
        seL4_MissingCapability, DEPTH);
    assert_range_error(retype(untyped, seL4_EndpointObject, 0, slots, 1), 0, slots - 1);
    assert_range_error(retype(untyped, seL4_EndpointObject, 0, slot, 0), 1, 256);
    assert_range_error(retype(untyped, seL4_EndpointObject, 0, slot, 257), 1, 256);
    assert_range_error(retype(untyped, seL4_EndpointObject, 0, slots - 2, 3), 1, 2);
    assert_error(retype(untyped, seL4_EndpointObject, 0, slot - 1, 2), seL4_DeleteFirst);
    seL4_CPtr cnode = harness_object(seL4_CapTableObject, 2);
    assert_ok(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, cnode, DEPTH, 1, 3));
    assert_int_equal(harness_tag(cnode), 10);
}

static void test_missing_words_or_capability(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_MessageInfo_t info = seL4_Call(untyped, seL4_MessageInfo_new(UntypedRetype, 0, 0, 6));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
    seL4_SetCap(0, ROOT);
    info = seL4_Call(untyped, seL4_MessageInfo_new(UntypedRetype, 0, 1, 5));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
    info = seL4_Call(untyped, seL4_MessageInfo_new(CNodeCopy, 0, 1, 6));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_IllegalOperation);
}

static void test_exhaustion_tells_the_bytes_left(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_CPtr first = run_of_slots(6);
    assert_ok(retype(untyped, HARNESS_PAGE, 0, first, 3));
    assert_error_word(retype(untyped, HARNESS_PAGE, 0, first + 3, 2), seL4_NotEnoughMemory, 4096);
    assert_ok(retype(untyped, seL4_EndpointObject, 0, first + 3, 1));
    assert_error_word(retype(untyped, HARNESS_PAGE, 0, first + 4, 1), seL4_NotEnoughMemory, 4080);
    assert_ok(harness_revoke(untyped));
    assert_ok(retype(untyped, HARNESS_PAGE, 0, first, 4));
    assert_error_word(retype(untyped, seL4_EndpointObject, 0, first + 4, 1), seL4_NotEnoughMemory,
                      0);
    inspect_tree();
}

static void test_objects_are_aligned_and_ascend(void)
{
    seL4_CPtr untyped = harness_untyped(16);
    seL4_CPtr first = run_of_slots(5);
    assert_ok(retype(untyped, seL4_EndpointObject, 0, first, 1));
    assert_ok(retype(untyped, HARNESS_PAGE, 0, first + 1, 3));
    seL4_Word base = harness_page_address(first + 1);
    assert_int_equal(base & 0xfff, 0);
    assert_int_equal(harness_page_address(first + 2), base + 0x1000);
    assert_int_equal(harness_page_address(first + 3), base + 0x2000);
    inspect_tree();
}

static void test_reused_memory_is_zero(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_CPtr slot = harness_slot();
    assert_ok(retype(untyped, HARNESS_PAGE, 0, slot, 1));
    unsigned char *page = harness_memory(slot);
    memset(page, 0xee, 4096);
    assert_ok(harness_delete(slot));
    assert_ok(retype(untyped, HARNESS_PAGE, 0, slot, 1));
    assert_ptr_equal(harness_memory(slot), page);
    for (int i = 0; i < 4096; i++) {
        assert_int_equal(page[i], 0);
    }
}

static void test_memory_between_children_is_not_reused(void)
{
    seL4_CPtr untyped = harness_untyped(14);
    seL4_CPtr first = run_of_slots(3);
    assert_ok(retype(untyped, HARNESS_PAGE, 0, first, 2));
    seL4_Word base = harness_page_address(first);
    assert_ok(harness_delete(first));
    assert_ok(retype(untyped, HARNESS_PAGE, 0, first, 1));
    assert_int_equal(harness_page_address(first), base + 0x2000);
}

static void test_a_copied_untyped_is_used_through_its_copy_only(void)
{
    seL4_CPtr untyped = harness_untyped(12);
    seL4_CPtr copy = harness_slot();
    seL4_CPtr slot = harness_slot();
    assert_ok(seL4_CNode_Copy(ROOT, copy, DEPTH, ROOT, untyped, DEPTH, seL4_AllRights));
    assert_error_word(retype(untyped, seL4_EndpointObject, 0, slot, 1), seL4_NotEnoughMemory, 0);
    assert_ok(retype(copy, seL4_EndpointObject, 0, slot, 1));
    assert_error(seL4_CNode_Copy(ROOT, slot + 1, DEPTH, ROOT, copy, DEPTH, seL4_AllRights),
                 seL4_RevokeFirst);
    inspect_tree();
    assert_ok(harness_revoke(untyped));
    assert_int_equal(harness_tag(copy), 0);
    assert_int_equal(harness_tag(slot), 0);
    assert_ok(retype(untyped, seL4_EndpointObject, 0, slot, 1));
}

static void test_device_memory_becomes_frames_and_untypeds_only(void)
{
    seL4_CPtr device = device_untyped();
    seL4_CPtr first = run_of_slots(3);
    assert_error_word(retype(device, seL4_EndpointObject, 0, first, 1), seL4_InvalidArgument, 1);
    assert_error_word(retype(device, HARNESS_TABLE, 0, first, 1), seL4_InvalidArgument, 1);
    assert_ok(retype(device, HARNESS_PAGE, 0, first, 1));
    assert_ok(retype(device, seL4_UntypedObject, 12, first + 1, 1));
    assert_error_word(retype(first + 1, seL4_TCBObject, 0, first + 2, 1), seL4_InvalidArgument, 1);
    assert_error(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0x1000, first),
                 seL4_IllegalOperation);
}

static void test_revoking_an_untyped_destroys_everything_in_it(void)
{
    seL4_CPtr untyped = harness_untyped(16);
    seL4_CPtr first = run_of_slots(8);
    assert_ok(retype(untyped, seL4_TCBObject, 0, first, 2));
    assert_ok(retype(untyped, seL4_CapTableObject, 3, first + 2, 1));
    assert_ok(retype(untyped, seL4_NotificationObject, 0, first + 3, 2));
    assert_ok(retype(untyped, seL4_UntypedObject, 10, first + 5, 1));
    assert_ok(retype(first + 5, seL4_ReplyObject, 0, first + 6, 2));
    assert_ok(seL4_CNode_Copy(first + 2, 1, 3, ROOT, first + 3, DEPTH, seL4_AllRights));
    assert_ok(harness_revoke(untyped));
    for (seL4_CPtr slot = first; slot < first + 8; slot++) {
        assert_int_equal(harness_tag(slot), 0);
    }
    inspect_tree();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_wrong_types_and_sizes),
        HARNESS_TEST(test_wrong_destinations),
        HARNESS_TEST(test_missing_words_or_capability),
        HARNESS_TEST(test_exhaustion_tells_the_bytes_left),
        HARNESS_TEST(test_objects_are_aligned_and_ascend),
        HARNESS_TEST(test_reused_memory_is_zero),
        HARNESS_TEST(test_memory_between_children_is_not_reused),
        HARNESS_TEST(test_a_copied_untyped_is_used_through_its_copy_only),
        HARNESS_TEST(test_device_memory_becomes_frames_and_untypeds_only),
        HARNESS_TEST(test_revoking_an_untyped_destroys_everything_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
