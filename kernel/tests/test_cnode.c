/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* CNode operations: what they do, and which error comes first. */
#include "harness.h"
#include "inspect.h"

#define MISSING seL4_MissingCapability

static seL4_CPtr endpoint(void)
{
    return harness_object(seL4_EndpointObject, 0);
}

static seL4_Error copy_to(seL4_CPtr dest, seL4_CPtr source)
{
    return seL4_CNode_Copy(ROOT, dest, DEPTH, ROOT, source, DEPTH, seL4_AllRights);
}

static seL4_Error mint_to(seL4_CPtr dest, seL4_CPtr source, seL4_Word badge)
{
    return seL4_CNode_Mint(ROOT, dest, DEPTH, ROOT, source, DEPTH, seL4_AllRights, badge);
}

static seL4_Error mutate_to(seL4_CPtr dest, seL4_CPtr source, seL4_Word data)
{
    return seL4_CNode_Mutate(ROOT, dest, DEPTH, ROOT, source, DEPTH, data);
}

static seL4_Error rotate(seL4_CPtr dest, seL4_CPtr pivot, seL4_CPtr source)
{
    return seL4_CNode_Rotate(ROOT, dest, DEPTH, 0, ROOT, pivot, DEPTH, 0, ROOT, source, DEPTH);
}

/* ---- errors of slot look-up ---- */

static void test_lookup_errors_name_side_and_reason(void)
{
    seL4_CPtr source = endpoint();
    seL4_CPtr dest = harness_slot();
    assert_failed_lookup(seL4_CNode_Copy(ROOT, dest, DEPTH, source, source, DEPTH, seL4_AllRights),
                         1, seL4_InvalidRoot, seL4_GetMR(2));
    assert_range_error(seL4_CNode_Delete(ROOT, dest, 0), 1, 64);
    assert_range_error(seL4_CNode_Delete(ROOT, dest, 65), 1, 64);
    /* The guard does not fit into a bit less. */
    seL4_Uint8 guard_size = (seL4_Uint8)(DEPTH - harness_bootinfo->initThreadCNodeSizeBits);
    assert_failed_lookup(seL4_CNode_Delete(ROOT, dest, (seL4_Uint8)(guard_size - 1)), 0,
                         seL4_GuardMismatch, guard_size - 1);
    assert_int_equal(seL4_GetMR(3), 0);
    assert_int_equal(seL4_GetMR(4), guard_size);
    /* The guard fits, the bits of the table do not. */
    assert_failed_lookup(seL4_CNode_Delete(ROOT, 1, 60), 0, seL4_DepthMismatch, 60);
    assert_int_equal(seL4_GetMR(3), 64);
    assert_failed_lookup(seL4_CNode_Delete(ROOT, dest | 1ul << 40, DEPTH), 0, seL4_GuardMismatch,
                         64);
    assert_failed_lookup(copy_to(dest, dest + 1), 1, MISSING, DEPTH);
}

static void test_bits_left_over_are_a_depth_mismatch(void)
{
    seL4_CPtr cnode = harness_object(seL4_CapTableObject, 4);
    seL4_CPtr source = endpoint();
    assert_ok(seL4_CNode_Copy(cnode, 3, 4, ROOT, source, DEPTH, seL4_AllRights));
    assert_failed_lookup(seL4_CNode_Delete(cnode, 3 << 5, 9), 0, seL4_DepthMismatch, 5);
    assert_int_equal(seL4_GetMR(3), 0);
    assert_ok(seL4_CNode_Delete(cnode, 3, 4));
}

static void test_destination_is_checked_before_source(void)
{
    seL4_CPtr full = endpoint();
    seL4_CPtr empty = harness_slot();
    assert_error(copy_to(full, empty), seL4_DeleteFirst);
    assert_error(seL4_CNode_Move(ROOT, full, DEPTH, ROOT, empty, DEPTH), seL4_DeleteFirst);
    assert_failed_lookup(seL4_CNode_Move(ROOT, empty, DEPTH, ROOT, empty + 1, DEPTH), 1, MISSING,
                         DEPTH);
}

static void test_short_messages_are_truncated(void)
{
    seL4_CPtr source = endpoint();
    seL4_CPtr dest = harness_slot();
    for (seL4_Word length = 0; length < 5; length++) {
        seL4_SetMR(0, dest);
        seL4_SetMR(1, DEPTH);
        seL4_SetMR(2, source);
        seL4_SetMR(3, DEPTH);
        seL4_SetCap(0, ROOT);
        seL4_MessageInfo_t info = seL4_Call(ROOT, seL4_MessageInfo_new(CNodeCopy, 0, 1, length));
        assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
        assert_int_equal(seL4_MessageInfo_get_length(info), 0);
    }
    seL4_MessageInfo_t info = seL4_Call(ROOT, seL4_MessageInfo_new(UntypedRetype, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_IllegalOperation);
}

/* ---- copying and badges ---- */

static void test_copy_cannot_add_rights(void)
{
    seL4_CPtr full = endpoint();
    seL4_CPtr read_only = harness_mint(full, seL4_CanRead, 0);
    seL4_CPtr again = harness_mint(read_only, seL4_AllRights, 0);
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Call(again, seL4_MessageInfo_new(7, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidCapability);
    assert_int_equal(seL4_GetMR(0), 0);
    seL4_NBWait(again, &badge);
    assert_int_equal(badge, 0);
}

static void test_a_badge_is_given_once(void)
{
    seL4_CPtr plain = endpoint();
    seL4_CPtr badged = harness_mint(plain, seL4_AllRights, 5);
    seL4_CPtr slot = harness_slot();
    assert_error(mint_to(slot, badged, 6), seL4_IllegalOperation);
    assert_error(mint_to(slot, badged, 0), seL4_IllegalOperation);
    assert_ok(mint_to(slot, plain, 0));
    assert_ok(copy_to(harness_slot(), badged));
    seL4_CPtr moved = harness_slot();
    assert_error(mutate_to(moved, plain, 0), seL4_IllegalOperation);
    assert_ok(seL4_CNode_Move(ROOT, moved, DEPTH, ROOT, plain, DEPTH));
    assert_int_equal(harness_tag(plain), 0);
    assert_int_equal(harness_tag(moved), 4);
    inspect_tree();
}

static void test_control_capabilities_cannot_be_copied(void)
{
    seL4_CPtr slot = harness_slot();
    assert_error(copy_to(slot, seL4_CapIRQControl), seL4_IllegalOperation);
    assert_ok(copy_to(slot, seL4_CapASIDControl));
}

static void test_unmapped_tables_cannot_be_copied(void)
{
    seL4_CPtr table = harness_object(HARNESS_TABLE, 0);
    seL4_CPtr root = harness_object(HARNESS_VSPACE, 0);
    seL4_CPtr slot = harness_slot();
    assert_error(copy_to(slot, table), seL4_IllegalOperation);
    assert_error(copy_to(slot, root), seL4_IllegalOperation);
    assert_ok(harness_assign_asid(root));
    assert_ok(copy_to(slot, root));
}

static void test_guards_are_set_by_mint_and_mutate(void)
{
    seL4_CPtr cnode = harness_object(seL4_CapTableObject, 4);
    seL4_CPtr guarded = harness_slot();
    seL4_CPtr source = endpoint();
    seL4_Word too_long = seL4_CNode_CapData_new(0, 61).words[0];
    assert_error(mint_to(guarded, cnode, too_long), seL4_IllegalOperation);
    assert_ok(mint_to(guarded, cnode, seL4_CNode_CapData_new(0xfff5, 4).words[0]));
    assert_ok(seL4_CNode_Copy(guarded, 0x52, 8, ROOT, source, DEPTH, seL4_AllRights));
    assert_failed_lookup(seL4_CNode_Delete(guarded, 0x42, 8), 0, seL4_GuardMismatch, 8);
    assert_int_equal(seL4_GetMR(3), 5);
    assert_int_equal(seL4_GetMR(4), 4);
    assert_ok(seL4_CNode_Delete(cnode, 2, 4));
    seL4_CPtr mutated = harness_slot();
    assert_ok(mutate_to(mutated, guarded, 0));
    assert_int_equal(harness_tag(guarded), 0);
    assert_ok(seL4_CNode_Copy(mutated, 2, 4, ROOT, source, DEPTH, seL4_AllRights));
}

/* ---- rotate ---- */

static void test_rotate_moves_two_capabilities(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    seL4_CPtr dest = harness_slot();
    assert_ok(rotate(dest, tcb, reply)); /* TCB to dest, reply to the TCB's slot */
    assert_int_equal(harness_tag(dest), 12);
    assert_int_equal(harness_tag(tcb), 8);
    assert_int_equal(harness_tag(reply), 0);
    assert_ok(rotate(dest, tcb, dest)); /* same destination and source: exchange */
    assert_int_equal(harness_tag(dest), 8);
    assert_int_equal(harness_tag(tcb), 12);
    inspect_tree();
}

static void test_rotate_exchanges_neighbours_of_the_tree(void)
{
    seL4_CPtr first = harness_object(seL4_CapTableObject, 1);
    seL4_CPtr second = harness_object(seL4_CapTableObject, 2);
    assert_ok(rotate(first, second, first));
    inspect_tree();
    assert_ok(rotate(second, first, second));
    inspect_tree();
    assert_ok(harness_delete(first));
    assert_ok(harness_delete(second));
    inspect_tree();
}

static void test_rotate_errors(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    seL4_CPtr ep = endpoint();
    seL4_CPtr empty = harness_slot();
    assert_error(rotate(empty, tcb, tcb), seL4_IllegalOperation);
    assert_error(rotate(tcb, tcb, reply), seL4_IllegalOperation);
    assert_error(rotate(reply, tcb, ep), seL4_DeleteFirst);
    assert_failed_lookup(rotate(empty, tcb, empty + 1), 1, MISSING, DEPTH);
    assert_failed_lookup(rotate(empty, empty + 1, tcb), 0, MISSING, DEPTH);
    assert_error(rotate(empty, ep, tcb), seL4_IllegalOperation);
    assert_error(rotate(empty, tcb, ep), seL4_IllegalOperation);
}

/* ---- cancel badged sends ---- */

static void test_cancel_badged_sends_needs_all_rights(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr partial = harness_mint(ep, seL4_NoRead, 3);
    assert_error(seL4_CNode_CancelBadgedSends(ROOT, partial, DEPTH), seL4_IllegalOperation);
    assert_error(seL4_CNode_CancelBadgedSends(ROOT, seL4_CapInitThreadTCB, DEPTH),
                 seL4_IllegalOperation);
    assert_ok(seL4_CNode_CancelBadgedSends(ROOT, ep, DEPTH));
}

static void sender(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Send(ep, seL4_MessageInfo_new(0, 0, 0, 0));
    harness_log((char)event);
    seL4_TCB_Suspend(seL4_CapNull);
}

static void test_cancel_badged_sends_restarts_only_that_badge(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr one = harness_mint(ep, seL4_AllRights, 1);
    seL4_CPtr two = harness_mint(ep, seL4_AllRights, 2);
    struct harness_thread a = harness_thread(10);
    struct harness_thread b = harness_thread(10);
    harness_start(&a, sender, one, 'a');
    harness_start(&b, sender, two, 'b');
    harness_let_run();
    assert_ok(harness_delete(harness_mint(ep, seL4_AllRights, 9)));
    assert_ok(seL4_CNode_CancelBadgedSends(ROOT, one, DEPTH));
    /* The cancelled sender sends again and stands behind the other one now. */
    harness_let_run();
    seL4_Word badge;
    seL4_Wait(ep, &badge);
    assert_int_equal(badge, 2);
    seL4_Wait(ep, &badge);
    assert_int_equal(badge, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_lookup_errors_name_side_and_reason),
        HARNESS_TEST(test_bits_left_over_are_a_depth_mismatch),
        HARNESS_TEST(test_destination_is_checked_before_source),
        HARNESS_TEST(test_short_messages_are_truncated),
        HARNESS_TEST(test_copy_cannot_add_rights),
        HARNESS_TEST(test_a_badge_is_given_once),
        HARNESS_TEST(test_control_capabilities_cannot_be_copied),
        HARNESS_TEST(test_unmapped_tables_cannot_be_copied),
        HARNESS_TEST(test_guards_are_set_by_mint_and_mutate),
        HARNESS_TEST(test_rotate_moves_two_capabilities),
        HARNESS_TEST(test_rotate_exchanges_neighbours_of_the_tree),
        HARNESS_TEST(test_rotate_errors),
        HARNESS_TEST(test_cancel_badged_sends_needs_all_rights),
        HARNESS_TEST(test_cancel_badged_sends_restarts_only_that_badge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
