/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The compound system calls: a first phase that never fails aloud, and a second one after it. */
#include "harness.h"
#include "inspect.h"

static seL4_CPtr handler;
static seL4_CPtr reply;

static seL4_MessageInfo_t none(void)
{
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

/* A thread whose faults the test receives. */
static struct harness_thread supervised(void)
{
    struct harness_thread thread = harness_thread(10);
    handler = harness_object(seL4_EndpointObject, 0);
    reply = harness_object(seL4_ReplyObject, 0);
    assert_ok(
        seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc, handler));
    return thread;
}

static void expect_receive_fault(seL4_CPtr address, seL4_Word kind)
{
    seL4_MessageInfo_t info = seL4_Recv(handler, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), address);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    assert_int_equal(seL4_GetMR(seL4_CapFault_LookupFailureType), kind);
}

/* The tested call's capabilities. */
static seL4_CPtr first_phase;
static seL4_CPtr second_phase;

static void nbsend_waiter(seL4_Word label, seL4_Word words, seL4_Word own_reply, seL4_Word unused)
{
    seL4_Word badge = 0;
    (void)own_reply;
    (void)unused;
    for (int i = 0; i < (int)words; i++) {
        seL4_SetMR(i, 0);
    }
    seL4_NBSendWait(first_phase, seL4_MessageInfo_new(label, 0, 0, words), second_phase, &badge);
    harness_log((char)('0' + badge));
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_first_phase_to_nothing_goes_on(void)
{
    static const seL4_CPtr nothing[] = {seL4_CapNull, 1ul << 40};
    second_phase = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr signal = harness_mint(second_phase, seL4_CanWrite, 5);
    for (int i = 0; i < 2; i++) {
        struct harness_thread thread = supervised();
        first_phase = nothing[i];
        harness_start(&thread, nbsend_waiter, 0, 0);
        harness_let_run();
        seL4_Signal(signal);
        harness_let_run();
    }
    assert_string_equal(harness_log_text(), "55");
}

static void test_a_first_phase_refuses_threads_and_what_governs_them(void)
{
    struct harness_thread victim = supervised();
    struct harness_thread thread = supervised();
    second_phase = harness_object(seL4_NotificationObject, 0);
    first_phase = victim.tcb;
    harness_start(&victim, nbsend_waiter, 0, 0); /* refused itself: resuming it had no effect */
    harness_let_run();
    harness_start(&thread, nbsend_waiter, TCBSuspend, 0);
    harness_let_run();
    seL4_Signal(harness_mint(second_phase, seL4_CanWrite, 1));
    seL4_Signal(harness_mint(second_phase, seL4_CanWrite, 2));
    harness_let_run();
    assert_int_equal(harness_log_text()[0] + harness_log_text()[1], '1' + '2');
}

static void test_a_first_phase_may_answer_and_signal(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread thread = supervised();
    seL4_Word badge;
    first_phase = harness_mint(ntfn, seL4_CanWrite, 6);
    second_phase = harness_object(seL4_NotificationObject, 0);
    harness_start(&thread, nbsend_waiter, 0, 0);
    harness_let_run();
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 6);
}

static void retyper(seL4_Word slot, seL4_Word unused1, seL4_Word own_reply, seL4_Word unused2)
{
    (void)unused1;
    (void)own_reply;
    (void)unused2;
    seL4_SetCap(0, ROOT);
    seL4_SetMR(0, seL4_EndpointObject);
    seL4_SetMR(1, 0);
    seL4_SetMR(2, 0);
    seL4_SetMR(3, 0);
    seL4_SetMR(4, slot);
    seL4_SetMR(5, 1);
    seL4_NBSendWait(first_phase, seL4_MessageInfo_new(UntypedRetype, 0, 1, 6), second_phase, NULL);
}

static void test_a_first_phase_may_make_objects(void)
{
    struct harness_thread thread = supervised();
    seL4_CPtr slot = harness_slot();
    first_phase = harness_untyped(12);
    second_phase = harness_object(seL4_NotificationObject, 0);
    harness_start(&thread, retyper, slot, 0);
    harness_let_run();
    assert_int_equal(harness_tag(slot), 4);
}

/* ---- the second phase's errors ---- */

static void reply_receiver(seL4_Word ep, seL4_Word reply_cap, seL4_Word own_reply, seL4_Word unused)
{
    (void)own_reply;
    (void)unused;
    seL4_ReplyRecv(ep, none(), NULL, reply_cap);
    harness_log('!');
}

static void test_a_receive_looks_at_the_endpoint_before_the_reply_object(void)
{
    struct harness_thread thread = supervised();
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    harness_start(&thread, reply_receiver, seL4_CapNull, 1ul << 40);
    expect_receive_fault(seL4_CapNull, seL4_MissingCapability);
    thread = supervised();
    harness_start(&thread, reply_receiver, ep, 1ul << 40);
    expect_receive_fault(1ul << 40, seL4_GuardMismatch);
    thread = supervised();
    harness_start(&thread, reply_receiver, ep, ep); /* not a Reply; the first phase sent nothing */
    expect_receive_fault(ep, seL4_MissingCapability);
}

static void test_a_notification_needs_no_reply_object(void)
{
    struct harness_thread thread = supervised();
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_Signal(ntfn);
    harness_start(&thread, reply_receiver, ntfn, 1ul << 40);
    harness_let_run();
    assert_string_equal(harness_log_text(), "!");
}

static void poller(seL4_Word cap, seL4_Word reply_cap, seL4_Word own_reply, seL4_Word unused)
{
    (void)own_reply;
    (void)unused;
    seL4_NBRecv(cap, NULL, reply_cap);
    harness_log('!');
}

static void test_polling_faults_like_waiting(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, poller, ROOT, 0);
    expect_receive_fault(ROOT, seL4_MissingCapability);
    thread = supervised();
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    harness_start(&thread, poller, ep, seL4_CapNull);
    expect_receive_fault(seL4_CapNull, seL4_MissingCapability);
    assert_string_equal(harness_log_text(), "");
}

static void waiter(seL4_Word cap, seL4_Word event, seL4_Word own_reply, seL4_Word unused)
{
    (void)own_reply;
    (void)unused;
    seL4_Wait(cap, NULL);
    harness_log((char)event);
}

static void test_a_notification_bound_to_another_thread_faults(void)
{
    struct harness_thread thread = supervised();
    struct harness_thread owner = harness_thread(10);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    assert_ok(seL4_TCB_BindNotification(owner.tcb, ntfn));
    seL4_Signal(ntfn);
    harness_start(&thread, waiter, ntfn, 't');
    expect_receive_fault(ntfn, seL4_MissingCapability);
    harness_start(&owner, waiter, ntfn, 'o');
    harness_let_run();
    assert_string_equal(harness_log_text(), "o");
}

/* ---- calls received without a reply object ---- */

static void caller(seL4_Word ep, seL4_Word event, seL4_Word own_reply, seL4_Word unused)
{
    (void)own_reply;
    (void)unused;
    seL4_Call(ep, none());
    harness_log((char)event);
}

static void test_a_call_received_by_wait_leaves_the_caller_inactive(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread thread = harness_thread(10);
    seL4_Word badge = 1;
    harness_start(&thread, caller, ep, 'c');
    harness_let_run();
    seL4_Wait(ep, NULL);
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_TCB_Resume(thread.tcb)); /* it calls again */
    harness_let_run();
    seL4_NBWait(ep, &badge);
    assert_int_equal(badge, 0);
    inspect_objects();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_a_first_phase_to_nothing_goes_on),
        HARNESS_TEST(test_a_first_phase_refuses_threads_and_what_governs_them),
        HARNESS_TEST(test_a_first_phase_may_answer_and_signal),
        HARNESS_TEST(test_a_first_phase_may_make_objects),
        HARNESS_TEST(test_a_receive_looks_at_the_endpoint_before_the_reply_object),
        HARNESS_TEST(test_a_notification_needs_no_reply_object),
        HARNESS_TEST(test_polling_faults_like_waiting),
        HARNESS_TEST(test_a_notification_bound_to_another_thread_faults),
        HARNESS_TEST(test_a_call_received_by_wait_leaves_the_caller_inactive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
