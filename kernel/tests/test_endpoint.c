/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Endpoints: order of waiters, what a message carries, capability transfer, cancelled waits. */
#include "harness.h"
#include "inspect.h"

static seL4_MessageInfo_t info_of(seL4_Word label, seL4_Word caps, seL4_Word length)
{
    return seL4_MessageInfo_new(label, 0, caps, length);
}

static void sender(seL4_Word ep, seL4_Word label, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Send(ep, info_of(label, 0, 0));
    harness_log((char)label);
    seL4_TCB_Suspend(seL4_CapNull);
}

static void receiver(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    seL4_Word badge;
    (void)unused;
    seL4_Recv(ep, &badge, reply);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, &badge); /* faults without handler: gone for good */
}

/* ---- order ---- */

static void test_senders_wait_by_priority_then_in_order(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    static const seL4_Word priorities[] = {10, 20, 10, 30, 20};
    struct harness_thread threads[5];
    char order[6] = {0};
    for (int i = 0; i < 5; i++) {
        threads[i] = harness_thread(priorities[i]);
        harness_start(&threads[i], sender, ep, (seL4_Word)('a' + i));
        harness_let_run();
    }
    for (int i = 0; i < 5; i++) {
        order[i] = (char)seL4_MessageInfo_get_label(seL4_Wait(ep, NULL));
    }
    assert_string_equal(order, "dbeac");
}

static void test_receivers_wait_by_priority_then_in_order(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    static const seL4_Word priorities[] = {10, 20, 10};
    struct harness_thread threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = harness_thread(priorities[i]);
        harness_start(&threads[i], receiver, ep, (seL4_Word)('a' + i));
        harness_let_run();
    }
    for (int i = 0; i < 3; i++) {
        seL4_Send(ep, info_of(0, 0, 0));
        harness_let_run();
    }
    assert_string_equal(harness_log_text(), "bac");
}

static void test_set_priority_moves_a_waiter(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread a = harness_thread(10);
    struct harness_thread b = harness_thread(20);
    harness_start(&a, sender, ep, 'a');
    harness_start(&b, sender, ep, 'b');
    harness_let_run();
    assert_ok(seL4_TCB_SetPriority(a.tcb, seL4_CapInitThreadTCB, 30));
    assert_int_equal(seL4_MessageInfo_get_label(seL4_Wait(ep, NULL)), 'a');
    assert_int_equal(seL4_MessageInfo_get_label(seL4_Wait(ep, NULL)), 'b');
}

static void test_nonblocking_forms_do_not_wait(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    seL4_Word badge = 77;
    seL4_NBSend(ep, info_of(1, 0, 0)); /* dropped */
    seL4_NBRecv(ep, &badge, reply);
    assert_int_equal(badge, 0);
    badge = 77;
    seL4_NBWait(ep, &badge);
    assert_int_equal(badge, 0);
}

/* ---- words ---- */

static void long_sender(seL4_Word ep, seL4_Word length, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        seL4_SetMR(i, 1000 + (seL4_Word)i);
    }
    seL4_Send(ep, info_of(5, 0, length));
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_messages_carry_their_words_and_badge(void)
{
    static const seL4_Word lengths[] = {0, 1, 3, 4, 5, 60, 120};
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        seL4_CPtr badged = harness_mint(ep, seL4_CanWrite, 0x123456789abcdef0ul + i);
        struct harness_thread thread = harness_thread(10);
        seL4_Word badge;
        seL4_SetMR(0, 1);
        seL4_SetMR((int)(lengths[i] < 119 ? lengths[i] : 119) + 0, 1);
        harness_start(&thread, long_sender, badged, lengths[i]);
        harness_let_run();
        seL4_MessageInfo_t info = seL4_Wait(ep, &badge);
        assert_int_equal(badge, 0x123456789abcdef0ul + i);
        assert_int_equal(seL4_MessageInfo_get_label(info), 5);
        assert_int_equal(seL4_MessageInfo_get_length(info), lengths[i]);
        for (seL4_Word word = 0; word < lengths[i]; word++) {
            assert_int_equal(seL4_GetMR((int)word), 1000 + word);
        }
    }
}

static void test_length_above_the_maximum_is_cut(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, long_sender, ep, 127);
    harness_let_run();
    assert_int_equal(seL4_MessageInfo_get_length(seL4_Wait(ep, NULL)), 120);
    assert_int_equal(seL4_GetMR(119), 1119);
}

static void test_without_buffer_four_words_arrive(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, long_sender, ep, 10);
    harness_let_run();
    assert_ok(seL4_TCB_SetIPCBuffer(thread.tcb, 0, thread.buffer));
    assert_int_equal(seL4_MessageInfo_get_length(seL4_Wait(ep, NULL)), 4);
    assert_int_equal(seL4_GetMR(3), 1003);
}

/* ---- capability transfer ---- */

static void cap_sender(seL4_Word ep, seL4_Word first_cap, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (int i = 0; i < 3; i++) {
        seL4_SetCap(i, first_cap + (seL4_Word)i);
    }
    seL4_Send(ep, info_of(9, 3, 0));
    harness_log('s');
    seL4_Wait(seL4_CapNull, NULL);
}

/* Three capabilities in neighbouring slots: a badged copy of ep, and two frames. */
static seL4_CPtr offered_caps(seL4_CPtr ep)
{
    seL4_CPtr first = harness_mint(ep, seL4_AllRights, 42);
    harness_object(HARNESS_PAGE, 0);
    harness_object(HARNESS_PAGE, 0);
    return first;
}

static seL4_MessageInfo_t receive_caps(seL4_CPtr ep, seL4_CapRights_t rights, seL4_CPtr dest)
{
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr send_cap = harness_mint(ep, rights, 7);
    harness_start(&thread, cap_sender, send_cap, offered_caps(ep));
    harness_let_run();
    seL4_SetCapReceivePath(ROOT, dest, DEPTH);
    return seL4_Wait(ep, NULL);
}

static void test_one_capability_arrives_and_own_endpoint_becomes_a_badge(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr dest = harness_slot();
    seL4_MessageInfo_t info = receive_caps(ep, seL4_AllRights, dest);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 2);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 1);
    assert_int_equal(seL4_GetBadge(0), 42);
    assert_int_equal(harness_tag(dest), 1);
    inspect_tree();
}

static void test_without_grant_no_capability_arrives(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr dest = harness_slot();
    seL4_MessageInfo_t info = receive_caps(ep, seL4_CanWrite, dest);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 0);
    assert_int_equal(harness_tag(dest), 0);
}

static void test_without_free_slot_unwrapping_still_works(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_MessageInfo_t info = receive_caps(ep, seL4_AllRights, ep);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 1);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 1);
    assert_int_equal(seL4_GetBadge(0), 42);
}

static void test_underivable_capability_ends_the_transfer(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr first = harness_object(HARNESS_TABLE, 0); /* not mapped */
    harness_object(HARNESS_PAGE, 0);
    harness_object(HARNESS_PAGE, 0);
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr dest = harness_slot();
    harness_start(&thread, cap_sender, ep, first);
    harness_let_run();
    seL4_SetCapReceivePath(ROOT, dest, DEPTH);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(seL4_Wait(ep, NULL)), 0);
    assert_int_equal(harness_tag(dest), 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "s");
}

/* ---- cancelled waits ---- */

static void test_deleting_an_endpoint_restarts_its_waiters(void)
{
    seL4_CPtr handler = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    struct harness_thread thread = harness_thread(10);
    seL4_Word badge;
    assert_ok(
        seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc, handler));
    harness_start(&thread, sender, ep, 'x');
    harness_let_run();
    assert_ok(harness_delete(ep));
    /* It sends again, to an empty slot now: InvalidCapability, dropped as Send has no answer. */
    harness_let_run();
    assert_string_equal(harness_log_text(), "x");
    (void)reply;
    (void)badge;
}

static void test_suspend_takes_a_waiter_out_of_the_queue(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread a = harness_thread(10);
    struct harness_thread b = harness_thread(10);
    harness_start(&a, sender, ep, 'a');
    harness_start(&b, sender, ep, 'b');
    harness_let_run();
    assert_ok(seL4_TCB_Suspend(a.tcb));
    assert_int_equal(seL4_MessageInfo_get_label(seL4_Wait(ep, NULL)), 'b');
    assert_ok(seL4_TCB_Resume(a.tcb)); /* repeats its send */
    assert_int_equal(seL4_MessageInfo_get_label(seL4_Wait(ep, NULL)), 'a');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_senders_wait_by_priority_then_in_order),
        HARNESS_TEST(test_receivers_wait_by_priority_then_in_order),
        HARNESS_TEST(test_set_priority_moves_a_waiter),
        HARNESS_TEST(test_nonblocking_forms_do_not_wait),
        HARNESS_TEST(test_messages_carry_their_words_and_badge),
        HARNESS_TEST(test_length_above_the_maximum_is_cut),
        HARNESS_TEST(test_without_buffer_four_words_arrive),
        HARNESS_TEST(test_one_capability_arrives_and_own_endpoint_becomes_a_badge),
        HARNESS_TEST(test_without_grant_no_capability_arrives),
        HARNESS_TEST(test_without_free_slot_unwrapping_still_works),
        HARNESS_TEST(test_underivable_capability_ends_the_transfer),
        HARNESS_TEST(test_deleting_an_endpoint_restarts_its_waiters),
        HARNESS_TEST(test_suspend_takes_a_waiter_out_of_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
