/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Deleting and revoking: who is whose child, finality, nested CNodes, preemption. */
#include "harness.h"
#include "inspect.h"

static seL4_Error copy_into(seL4_CPtr cnode, seL4_Word index, seL4_Uint8 depth, seL4_CPtr source)
{
    return seL4_CNode_Copy(cnode, index, depth, ROOT, source, DEPTH, seL4_AllRights);
}

static seL4_Error move_into(seL4_CPtr cnode, seL4_Word index, seL4_Uint8 depth, seL4_CPtr source)
{
    return seL4_CNode_Move(cnode, index, depth, ROOT, source, DEPTH);
}

static void test_copies_of_an_original_are_its_children(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr copy = harness_mint(ep, seL4_AllRights, 0);
    seL4_CPtr copy_of_copy = harness_mint(copy, seL4_AllRights, 0);
    assert_ok(harness_revoke(copy)); /* no effect: the two are siblings */
    assert_int_equal(harness_tag(copy_of_copy), 4);
    assert_ok(harness_revoke(ep));
    assert_int_equal(harness_tag(ep), 4);
    assert_int_equal(harness_tag(copy), 0);
    assert_int_equal(harness_tag(copy_of_copy), 0);
    inspect_tree();
}

static void test_a_badge_is_revoked_as_a_group(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr one = harness_mint(ep, seL4_AllRights, 1);
    seL4_CPtr two = harness_mint(ep, seL4_AllRights, 2);
    seL4_CPtr one_again = harness_mint(ep, seL4_AllRights, 1);
    seL4_CPtr one_copy = harness_slot();
    assert_ok(copy_into(ROOT, one_copy, DEPTH, one));
    assert_ok(harness_revoke(one));
    assert_int_equal(harness_tag(one), 4);
    assert_int_equal(harness_tag(one_copy), 0);
    assert_int_equal(harness_tag(two), 4);
    assert_int_equal(harness_tag(one_again), 4);
    assert_ok(harness_revoke(ep));
    assert_int_equal(harness_tag(one), 0);
    assert_int_equal(harness_tag(two), 0);
    assert_int_equal(harness_tag(one_again), 0);
    inspect_tree();
}

static void test_move_keeps_the_place_in_the_tree(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr copy = harness_mint(ep, seL4_AllRights, 0);
    seL4_CPtr moved = harness_slot();
    assert_ok(move_into(ROOT, moved, DEPTH, ep));
    assert_ok(harness_revoke(moved));
    assert_int_equal(harness_tag(copy), 0);
    assert_int_equal(harness_tag(moved), 4);
}

static void test_empty_slots_can_be_deleted_and_revoked(void)
{
    seL4_CPtr slot = harness_slot();
    assert_ok(harness_delete(slot));
    assert_ok(harness_revoke(slot));
}

static void test_objects_live_as_long_as_a_capability(void)
{
    seL4_CPtr cnode = harness_object(seL4_CapTableObject, 2);
    seL4_CPtr copy = harness_slot();
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    assert_ok(copy_into(ROOT, copy, DEPTH, cnode));
    assert_ok(move_into(cnode, 1, 2, ep));
    assert_ok(harness_delete(cnode));
    assert_ok(seL4_CNode_Move(ROOT, ep, DEPTH, copy, 1, 2));
    assert_int_equal(harness_tag(ep), 4);
    assert_ok(harness_delete(copy));
    inspect_tree();
}

/* A CNode that holds the only capability of another one, and so on, deeper than any stack. */
static void test_deleting_a_chain_of_cnodes_deletes_all(void)
{
    enum {
        LINKS = 300
    };
    seL4_CPtr untyped = harness_untyped(18);
    seL4_CPtr head = harness_slot();
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr next = harness_slot();
    assert_ok(seL4_Untyped_Retype(untyped, seL4_CapTableObject, 2, ROOT, 0, 0, head, 1));
    for (int i = 0; i < LINKS; i++) {
        assert_ok(seL4_Untyped_Retype(untyped, seL4_CapTableObject, 2, ROOT, 0, 0, next, 1));
        assert_ok(copy_into(next, 0, 2, ep));
        assert_ok(copy_into(next, 3, 2, ep));
        assert_ok(move_into(next, (seL4_Word)i % 3 == 0 ? 1 : 2, 2, head));
        assert_ok(move_into(ROOT, head, DEPTH, next));
    }
    assert_ok(harness_delete(head));
    inspect_tree();
    /* Nothing is left of them: the whole untyped can be used again at once. */
    assert_ok(seL4_Untyped_Retype(untyped, seL4_UntypedObject, 18, ROOT, 0, 0, head, 1));
    /* The endpoint's only capability is the one we hold, so it has no children. */
    assert_ok(harness_revoke(ep));
    assert_int_equal(harness_tag(ep), 4);
}

/* CNodes that hold each other's only capabilities are reached by revoke alone. */
static void test_revoke_breaks_cycles(void)
{
    for (seL4_Word own_slot = 0; own_slot < 4; own_slot++) {
        seL4_CPtr untyped = harness_untyped(12);
        seL4_CPtr a = harness_slot();
        seL4_CPtr b = harness_slot();
        seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
        assert_ok(seL4_Untyped_Retype(untyped, seL4_CapTableObject, 2, ROOT, 0, 0, a, 2));
        for (seL4_Word i = 0; i < 4; i++) {
            if (i != own_slot) {
                assert_ok(copy_into(a, i, 2, ep));
            }
            if (i != 3 - own_slot) {
                assert_ok(copy_into(b, i, 2, ep));
            }
        }
        assert_ok(copy_into(a, own_slot, 2, b));
        assert_ok(copy_into(b, 3 - own_slot, 2, a));
        assert_ok(harness_delete(a));
        assert_ok(harness_delete(b));
        assert_ok(harness_revoke(untyped));
        inspect_tree();
        assert_ok(seL4_Untyped_Retype(untyped, seL4_UntypedObject, 12, ROOT, 0, 0, a, 1));
    }
}

static void test_revoke_deletes_a_cnode_that_holds_itself(void)
{
    for (seL4_Word own_slot = 0; own_slot < 4; own_slot++) {
        seL4_CPtr untyped = harness_untyped(12);
        seL4_CPtr cnode = harness_slot();
        seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
        assert_ok(seL4_Untyped_Retype(untyped, seL4_CapTableObject, 2, ROOT, 0, 0, cnode, 1));
        for (seL4_Word i = 0; i < 4; i++) {
            if (i != own_slot) {
                assert_ok(copy_into(cnode, i, 2, ep));
            }
        }
        assert_ok(copy_into(cnode, own_slot, 2, cnode));
        assert_ok(harness_delete(cnode));
        assert_ok(harness_revoke(untyped));
        inspect_tree();
        assert_ok(seL4_Untyped_Retype(untyped, seL4_UntypedObject, 12, ROOT, 0, 0, cnode, 1));
    }
}

static void test_deleting_a_tcb_releases_its_capabilities(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    assert_ok(seL4_TCB_BindNotification(thread.tcb, ntfn));
    assert_ok(harness_delete(thread.tcb));
    /* The notification and the scheduling context are free again. */
    struct harness_thread other = harness_passive_thread(10);
    assert_ok(seL4_TCB_BindNotification(other.tcb, ntfn));
    assert_ok(seL4_SchedContext_Bind(thread.sc, other.tcb));
    inspect_tree();
}

static void deleter(seL4_Word own_tcb, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    harness_log((char)event);
    seL4_CNode_Delete(ROOT, own_tcb, DEPTH);
    harness_log('!');
}

static void test_a_thread_may_delete_itself(void)
{
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, deleter, thread.tcb, 'd');
    harness_let_run();
    assert_string_equal(harness_log_text(), "d");
    assert_int_equal(harness_tag(thread.tcb), 0);
    inspect_tree();
}

/* A revoke that needs more time than there is in one period goes on in the next by itself. */
static void test_a_revoke_may_outlast_a_budget(void)
{
    enum {
        COPIES = 1000
    };
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr first = 0;
    for (int i = 0; i < COPIES; i++) {
        seL4_CPtr copy = harness_mint(ep, seL4_AllRights, (seL4_Word)i);
        first = first == 0 ? copy : first;
    }
    assert_ok(seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start,
                                          seL4_CapInitThreadSC, 60, 1000, 0, 0));
    assert_ok(harness_revoke(ep));
    for (int i = 0; i < COPIES; i++) {
        assert_int_equal(harness_tag(first + (seL4_CPtr)i), 0);
    }
    assert_int_equal(harness_tag(ep), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_copies_of_an_original_are_its_children),
        HARNESS_TEST(test_a_badge_is_revoked_as_a_group),
        HARNESS_TEST(test_move_keeps_the_place_in_the_tree),
        HARNESS_TEST(test_empty_slots_can_be_deleted_and_revoked),
        HARNESS_TEST(test_objects_live_as_long_as_a_capability),
        HARNESS_TEST(test_deleting_a_chain_of_cnodes_deletes_all),
        HARNESS_TEST(test_revoke_breaks_cycles),
        HARNESS_TEST(test_revoke_deletes_a_cnode_that_holds_itself),
        HARNESS_TEST(test_deleting_a_tcb_releases_its_capabilities),
        HARNESS_TEST(test_a_thread_may_delete_itself),
        HARNESS_TEST(test_a_revoke_may_outlast_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
