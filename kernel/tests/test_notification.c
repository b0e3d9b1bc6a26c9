/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Notifications: badges, order, binding, and their scheduling context. */
#include "harness.h"
#include "inspect.h"

static seL4_CPtr notification(void)
{
    return harness_object(seL4_NotificationObject, 0);
}

static seL4_CPtr signaller(seL4_CPtr ntfn, seL4_Word badge)
{
    return harness_mint(ntfn, seL4_CanWrite, badge);
}

static void waiter(seL4_Word ntfn, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_log((char)event);
    }
}

static void server(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    for (;;) {
        seL4_Word badge;
        seL4_Recv(ep, &badge, reply);
        harness_log((char)event);
        harness_log((char)('0' + badge));
    }
}

static void test_badges_add_up_until_they_are_read(void)
{
    seL4_CPtr ntfn = notification();
    seL4_Word badge = 99;
    seL4_Signal(signaller(ntfn, 1));
    seL4_Signal(signaller(ntfn, 8));
    seL4_Wait(ntfn, &badge);
    assert_int_equal(badge, 9);
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 0);
}

static void test_polling_leaves_message_registers_alone(void)
{
    seL4_CPtr ntfn = notification();
    seL4_Word badge;
    seL4_Word mr0 = 11;
    seL4_Word mr1 = 22;
    seL4_Word mr2 = 33;
    seL4_Word mr3 = 44;
    seL4_Signal(ntfn); /* unbadged: active with word 0 */
    seL4_WaitWithMRs(ntfn, &badge, &mr0, &mr1, &mr2, &mr3);
    assert_int_equal(badge, 0);
}

static void test_waiters_are_served_by_priority_then_in_order(void)
{
    seL4_CPtr ntfn = notification();
    static const seL4_Word priorities[] = {10, 20, 10};
    struct harness_thread threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = harness_thread(priorities[i]);
        harness_start(&threads[i], waiter, ntfn, (seL4_Word)('a' + i));
        harness_let_run();
    }
    for (int i = 0; i < 4; i++) {
        seL4_Signal(ntfn); /* the fourth finds nobody and stays */
    }
    harness_let_run();
    /* Woken in the order b a c; a thread below the waker goes to the head of its ready queue. */
    assert_string_equal(harness_log_text(), "bbca");
}

static void test_signal_needs_write_and_wait_needs_read(void)
{
    seL4_CPtr ntfn = notification();
    seL4_CPtr read_only = harness_mint(ntfn, seL4_CanRead, 3);
    seL4_MessageInfo_t info = seL4_Call(read_only, seL4_MessageInfo_new(0, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidCapability);
    info = seL4_Call(signaller(ntfn, 4), seL4_MessageInfo_new(1, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_NoError);
    seL4_Word badge;
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 4);
}

/* ---- bound notifications ---- */

static void test_bound_thread_gets_signals_while_it_receives(void)
{
    seL4_CPtr ntfn = notification();
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread thread = harness_thread(10);
    assert_ok(seL4_TCB_BindNotification(thread.tcb, ntfn));
    seL4_Signal(signaller(ntfn, 1)); /* active before it receives */
    harness_start(&thread, server, ep, 's');
    harness_let_run();
    seL4_Signal(signaller(ntfn, 2)); /* while it is blocked */
    harness_let_run();
    seL4_NBSend(harness_mint(ep, seL4_AllRights, 3), seL4_MessageInfo_new(0, 0, 0, 0));
    harness_let_run();
    assert_string_equal(harness_log_text(), "s1s2s3");
}

static void test_binding_errors(void)
{
    seL4_CPtr ntfn = notification();
    seL4_CPtr other = notification();
    struct harness_thread a = harness_thread(10);
    struct harness_thread b = harness_thread(10);
    seL4_CPtr no_read = harness_mint(other, seL4_CanWrite, 0);
    assert_error(seL4_TCB_UnbindNotification(a.tcb), seL4_IllegalOperation);
    assert_error(seL4_TCB_BindNotification(a.tcb, no_read), seL4_IllegalOperation);
    assert_error(seL4_TCB_BindNotification(a.tcb, a.tcb), seL4_IllegalOperation);
    assert_ok(seL4_TCB_BindNotification(a.tcb, ntfn));
    assert_error(seL4_TCB_BindNotification(a.tcb, other), seL4_IllegalOperation);
    assert_error(seL4_TCB_BindNotification(b.tcb, ntfn), seL4_IllegalOperation);
    harness_start(&b, waiter, other, 'w');
    harness_let_run();
    assert_ok(seL4_TCB_UnbindNotification(a.tcb));
    assert_error(seL4_TCB_BindNotification(a.tcb, other), seL4_IllegalOperation);
    assert_ok(seL4_TCB_BindNotification(a.tcb, ntfn));
}

/* ---- the notification's scheduling context ---- */

static void test_a_passive_waiter_runs_on_the_notifications_context(void)
{
    seL4_CPtr ntfn = notification();
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, waiter, ntfn, 'p');
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(thread.sc)); /* it is passive now */
    assert_ok(
        seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start, sc, 1000, 1000, 0, 0));
    seL4_Signal(ntfn);
    harness_let_run();
    assert_string_equal(harness_log_text(), ""); /* woken, but without time */
    assert_ok(seL4_SchedContext_Bind(sc, ntfn));
    assert_ok(seL4_TCB_Suspend(thread.tcb));
    assert_ok(seL4_TCB_Resume(thread.tcb));
    seL4_Signal(ntfn);
    harness_let_run();
    assert_error(seL4_SchedContext_Bind(sc, ntfn), seL4_IllegalOperation);
}

static void test_the_context_comes_back_when_the_thread_waits_again(void)
{
    seL4_CPtr ntfn = notification();
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    struct harness_thread thread = harness_passive_thread(10);
    struct harness_thread other = harness_passive_thread(10);
    assert_ok(
        seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start, sc, 1000, 1000, 0, 0));
    /* Started on the context, which is then moved to the notification. */
    assert_ok(seL4_SchedContext_Bind(sc, thread.tcb));
    assert_ok(seL4_SchedContext_Bind(sc, ntfn));
    harness_start(&thread, waiter, ntfn, 'p');
    harness_let_run();
    seL4_Signal(ntfn);
    seL4_Signal(ntfn);
    harness_let_run();
    seL4_Signal(ntfn);
    harness_let_run();
    assert_string_equal(harness_log_text(), "ppp");
    /* Nobody uses it while the thread waits, so another may have it. */
    assert_ok(seL4_SchedContext_Bind(sc, other.tcb));
}

static void test_deleting_a_notification_restarts_its_waiters(void)
{
    seL4_CPtr ntfn = notification();
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr handler = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    assert_ok(
        seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc, handler));
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    assert_ok(harness_delete(ntfn));
    seL4_MessageInfo_t info = seL4_Recv(handler, NULL, reply); /* the wait became a fault */
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), ntfn);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_badges_add_up_until_they_are_read),
        HARNESS_TEST(test_polling_leaves_message_registers_alone),
        HARNESS_TEST(test_waiters_are_served_by_priority_then_in_order),
        HARNESS_TEST(test_signal_needs_write_and_wait_needs_read),
        HARNESS_TEST(test_bound_thread_gets_signals_while_it_receives),
        HARNESS_TEST(test_binding_errors),
        HARNESS_TEST(test_a_passive_waiter_runs_on_the_notifications_context),
        HARNESS_TEST(test_the_context_comes_back_when_the_thread_waits_again),
        HARNESS_TEST(test_deleting_a_notification_restarts_its_waiters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
