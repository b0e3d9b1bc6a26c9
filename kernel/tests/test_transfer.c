/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What messages carry of capabilities and what they leave out, and rights on the way. */
#include "harness.h"
#include "inspect.h"

enum {
    OWN_BADGE = 42,
    HANDLER_BADGE = 0x77
};

static seL4_CPtr endpoint(void)
{
    return harness_object(seL4_EndpointObject, 0);
}

static seL4_CPtr frame(void)
{
    return harness_object(HARNESS_PAGE, 0);
}

/* ---- a sender of three capabilities and one word ---- */

static seL4_CPtr offered[3];

enum send_kind {
    SEND,
    NBSEND,
    NBSEND_WAIT
};

static void sender(seL4_Word ep, seL4_Word kind, seL4_Word reply, seL4_Word unused)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(9, 0, 3, 1);
    (void)reply;
    (void)unused;
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, offered[i]);
    }
    seL4_SetMR(0, 0xabc);
    switch (kind) {
    case SEND:
        seL4_Send(ep, info);
        break;
    case NBSEND:
        seL4_NBSend(ep, info);
        break;
    default:
        seL4_NBSendWait(ep, info, seL4_CapNull, NULL);
    }
    harness_log('s');
    seL4_Wait(seL4_CapNull, NULL);
}

static struct harness_thread queue_sender(seL4_CPtr cap, seL4_CPtr a, seL4_CPtr b, seL4_CPtr c)
{
    struct harness_thread thread = harness_thread(10);
    offered[0] = a;
    offered[1] = b;
    offered[2] = c;
    harness_start(&thread, sender, cap, SEND);
    harness_let_run();
    return thread;
}

static void expect(seL4_MessageInfo_t info, seL4_Word caps, seL4_Word unwrapped)
{
    assert_int_equal(seL4_MessageInfo_get_label(info), 9);
    assert_int_equal(seL4_MessageInfo_get_length(info), 1);
    assert_int_equal(seL4_GetMR(0), 0xabc);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), caps);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), unwrapped);
}

static seL4_MessageInfo_t receive_into(seL4_CPtr ep, seL4_CPtr slot)
{
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    return seL4_Wait(ep, NULL);
}

static void test_badges_are_unwrapped_behind_a_capability_too(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr badged = harness_mint(ep, seL4_AllRights, OWN_BADGE);
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, frame(), badged, frame());
    expect(receive_into(ep, slot), 2, 2); /* the second frame finds no slot */
    assert_int_equal(seL4_GetBadge(1), OWN_BADGE);
    assert_int_equal(harness_tag(slot), 1);
    inspect_tree();
}

static void test_all_three_may_be_badges(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr badged = harness_mint(ep, seL4_AllRights, OWN_BADGE);
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, badged, ep, harness_mint(ep, seL4_NoRights, 7));
    expect(receive_into(ep, slot), 3, 7);
    assert_int_equal(seL4_GetBadge(0), OWN_BADGE);
    assert_int_equal(seL4_GetBadge(1), 0);
    assert_int_equal(seL4_GetBadge(2), 7);
    assert_int_equal(harness_tag(slot), 0);
}

static void test_other_endpoints_are_not_unwrapped(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr other = endpoint();
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, other, other, ep);
    expect(receive_into(ep, slot), 1, 0);
    assert_int_equal(harness_tag(slot), 4);
}

static void test_an_empty_slot_ends_the_transfer(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, ep, harness_slot(), ep);
    expect(receive_into(ep, slot), 1, 1);
}

static void test_a_capability_that_went_while_the_message_waited_ends_the_transfer(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    seL4_CPtr gone = frame();
    queue_sender(ep, gone, ep, ep);
    assert_ok(harness_delete(gone));
    expect(receive_into(ep, slot), 0, 0);
}

static void test_pointers_that_no_longer_resolve_lose_all_capabilities(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    seL4_CPtr small = harness_object(seL4_CapTableObject, 1);
    struct harness_thread thread = queue_sender(ep, ep, ep, ep);
    seL4_Word guard = seL4_CNode_CapData_new(1, 63).words[0]; /* no small number fits it */
    assert_ok(
        seL4_TCB_SetSpace(thread.tcb, seL4_CapNull, small, guard, seL4_CapInitThreadVSpace, 0));
    expect(receive_into(ep, slot), 0, 0);
}

static void test_untypeds_with_children_and_control_caps_end_the_transfer(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    seL4_CPtr untyped = harness_untyped(12);
    assert_ok(seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT, 0, 0, harness_slot(), 1));
    queue_sender(ep, untyped, ep, ep);
    expect(receive_into(ep, slot), 0, 0);
    queue_sender(ep, ep, seL4_CapIRQControl, ep);
    expect(receive_into(ep, slot), 1, 1);
    assert_int_equal(harness_tag(slot), 0);
}

static void test_a_bad_receive_path_takes_badges_only(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, ep, frame(), ep);
    seL4_SetCapReceivePath(ROOT, slot, DEPTH - 1);
    expect(seL4_Wait(ep, NULL), 1, 1);
    queue_sender(ep, ep, frame(), ep);
    seL4_SetCapReceivePath(ep, slot, DEPTH); /* not a CNode */
    expect(seL4_Wait(ep, NULL), 1, 1);
    queue_sender(ep, ep, frame(), ep);
    seL4_SetCapReceivePath(1ul << 40, slot, DEPTH); /* nothing: no fault of the receiver */
    expect(seL4_Wait(ep, NULL), 1, 1);
    assert_int_equal(harness_tag(slot), 0);
}

static void test_the_copy_keeps_its_rights_and_is_a_child(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr other = endpoint();
    seL4_CPtr weak = harness_mint(other, seL4_CanWrite, 3);
    seL4_CPtr slot = harness_slot();
    queue_sender(ep, weak, ep, ep);
    expect(receive_into(ep, slot), 3, 6);
    assert_error(seL4_CNode_CancelBadgedSends(ROOT, slot, DEPTH), seL4_IllegalOperation);
    assert_ok(harness_revoke(weak)); /* the first of its badge: the copy goes */
    assert_int_equal(harness_tag(slot), 0);
    assert_int_equal(harness_tag(weak), 4);
}

static void test_a_receiver_without_buffer_gets_no_capabilities(void)
{
    seL4_CPtr ep = endpoint();
    queue_sender(ep, ep, ep, ep);
    assert_ok(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0, seL4_CapNull));
    expect(seL4_Wait(ep, NULL), 0, 0);
}

static void test_a_read_only_buffer_sends_but_receives_nothing(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    struct harness_thread thread = queue_sender(ep, ep, ep, ep);
    seL4_CPtr read_only = harness_mint(thread.buffer, seL4_CanRead, 0);
    assert_ok(seL4_TCB_SetIPCBuffer(thread.tcb, 0x1000, read_only)); /* only its offset counts */
    expect(receive_into(ep, slot), 3, 7);
}

/* ---- pointers that do not resolve at all ---- */

static void fault_of_sender(enum send_kind kind, const char *log, seL4_Word fault_address,
                            seL4_Word in_receive)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr handler = endpoint();
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    struct harness_thread thread = harness_thread(10);
    assert_ok(
        seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc, handler));
    offered[0] = ep;
    offered[1] = 1ul << 40;
    offered[2] = ep;
    harness_start(&thread, sender, ep, kind);
    seL4_MessageInfo_t info = seL4_Recv(handler, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), fault_address);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), in_receive);
    assert_string_equal(harness_log_text(), log);
    seL4_Word badge = 1;
    seL4_NBRecv(ep, &badge, reply);
    assert_int_equal(badge, 0); /* no message came */
}

static void test_an_unresolvable_capability_faults_a_blocking_sender(void)
{
    fault_of_sender(SEND, "", 1ul << 40, 0);
}

static void test_an_unresolvable_capability_drops_a_nonblocking_send(void)
{
    fault_of_sender(NBSEND, "s", seL4_CapNull, 1);
}

static void test_an_unresolvable_capability_skips_the_first_phase(void)
{
    fault_of_sender(NBSEND_WAIT, "", seL4_CapNull, 1);
}

/* ---- rights ---- */

static void test_an_endpoint_without_write_refuses(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr no_write = harness_mint(ep, seL4_NoWrite, 0);
    seL4_MessageInfo_t info = seL4_Call(no_write, seL4_MessageInfo_new(5, 0, 0, 3));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidCapability);
    assert_int_equal(seL4_MessageInfo_get_length(info), 1);
    assert_int_equal(seL4_GetMR(0), 0);
    seL4_Send(no_write, seL4_MessageInfo_new(5, 0, 0, 0)); /* silently dropped, and not blocked */
    seL4_NBSend(no_write, seL4_MessageInfo_new(5, 0, 0, 0));
}

static void test_a_notification_is_signalled_by_any_call(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_Word badge;
    seL4_MessageInfo_t info =
        seL4_Call(harness_mint(ntfn, seL4_CanWrite, 8), seL4_MessageInfo_new(77, 0, 0, 4));
    assert_int_equal(info.words[0], 0);
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 8);
    info = seL4_Call(harness_mint(ntfn, seL4_CanRead, 8), seL4_MessageInfo_new(77, 0, 0, 4));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidCapability);
}

static void receiver(seL4_Word ep, seL4_Word unused1, seL4_Word reply, seL4_Word unused2)
{
    (void)unused1;
    (void)unused2;
    seL4_Recv(ep, NULL, reply);
    harness_log('r');
}

static void test_receiving_needs_read(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr handler = endpoint();
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr no_read = harness_mint(ep, seL4_NoRead, 0);
    assert_ok(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc,
                                      harness_mint(handler, seL4_AllRights, HANDLER_BADGE)));
    harness_start(&thread, receiver, no_read, 0);
    seL4_MessageInfo_t info = seL4_Recv(handler, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    assert_int_equal(seL4_MessageInfo_get_length(info), 5);
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), no_read);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    assert_int_equal(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
    assert_int_equal(seL4_GetMR(seL4_CapFault_BitsLeft), 0);
}

static void replier(seL4_Word ep, seL4_Word reply_cap, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    seL4_SetCap(0, ep);
    seL4_Send(reply_cap, seL4_MessageInfo_new(0, 0, 1, 0));
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_reply_without_grant_carries_no_capability(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr weak = harness_mint(thread.reply, seL4_NoRights, 0);
    harness_start(&thread, replier, ep, weak);
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    seL4_MessageInfo_t info = seL4_Call(ep, seL4_MessageInfo_new(0, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 0);
    assert_int_equal(harness_tag(slot), 0);
}

/* Replies do not go through an endpoint, so nothing is unwrapped. */
static void test_a_reply_unwraps_nothing(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr slot = harness_slot();
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, replier, ep, thread.reply);
    seL4_SetCapReceivePath(ROOT, slot, DEPTH);
    seL4_MessageInfo_t info = seL4_Call(ep, seL4_MessageInfo_new(0, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 1);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 0);
    assert_int_equal(harness_tag(slot), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_badges_are_unwrapped_behind_a_capability_too),
        HARNESS_TEST(test_all_three_may_be_badges),
        HARNESS_TEST(test_other_endpoints_are_not_unwrapped),
        HARNESS_TEST(test_an_empty_slot_ends_the_transfer),
        HARNESS_TEST(test_a_capability_that_went_while_the_message_waited_ends_the_transfer),
        HARNESS_TEST(test_pointers_that_no_longer_resolve_lose_all_capabilities),
        HARNESS_TEST(test_untypeds_with_children_and_control_caps_end_the_transfer),
        HARNESS_TEST(test_a_bad_receive_path_takes_badges_only),
        HARNESS_TEST(test_the_copy_keeps_its_rights_and_is_a_child),
        HARNESS_TEST(test_a_receiver_without_buffer_gets_no_capabilities),
        HARNESS_TEST(test_a_read_only_buffer_sends_but_receives_nothing),
        HARNESS_TEST(test_an_unresolvable_capability_faults_a_blocking_sender),
        HARNESS_TEST(test_an_unresolvable_capability_drops_a_nonblocking_send),
        HARNESS_TEST(test_an_unresolvable_capability_skips_the_first_phase),
        HARNESS_TEST(test_an_endpoint_without_write_refuses),
        HARNESS_TEST(test_a_notification_is_signalled_by_any_call),
        HARNESS_TEST(test_receiving_needs_read),
        HARNESS_TEST(test_a_reply_without_grant_carries_no_capability),
        HARNESS_TEST(test_a_reply_unwraps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
