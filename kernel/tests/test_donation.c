/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whose time is used: donation by sends, faults and notifications, and what is charged to whom. */
#include "harness.h"
#include "inspect.h"

enum {
    LOW = 10,
    HIGH = 20
};

static seL4_MessageInfo_t label(seL4_Word value)
{
    return seL4_MessageInfo_new(value, 0, 0, 0);
}

static seL4_CPtr endpoint(void)
{
    return harness_object(seL4_EndpointObject, 0);
}

static seL4_CPtr notification(void)
{
    return harness_object(seL4_NotificationObject, 0);
}

static seL4_CPtr context(uint64_t us)
{
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    assert_ok(seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start, sc, us, us, 0, 0));
    return sc;
}

static bool has(const struct harness_thread *thread, seL4_CPtr sc)
{
    return seL4_SchedContext_UnbindObject(sc, thread->tcb) == seL4_NoError;
}

static struct harness_thread passive(seL4_Word priority, harness_function function, seL4_Word a,
                                     seL4_Word b)
{
    struct harness_thread thread = harness_thread(priority);
    harness_start(&thread, function, a, b);
    harness_let_run();
    assert_ok(seL4_SchedContext_Unbind(thread.sc));
    return thread;
}

static void fault_to(const struct harness_thread *thread, seL4_CPtr handler)
{
    assert_ok(
        seL4_TCB_SetSchedParams(thread->tcb, seL4_CapInitThreadTCB, 0, LOW, thread->sc, handler));
}

/* ---- sends ---- */

static void receiver(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void sender(seL4_Word ep, seL4_Word blocking, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    if (blocking) {
        seL4_Send(ep, label(0));
    } else {
        seL4_NBSend(ep, label(0));
    }
    harness_log('!');
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_plain_sends_donate_nothing(void)
{
    for (seL4_Word blocking = 0; blocking < 2; blocking++) {
        seL4_CPtr ep = endpoint();
        struct harness_thread to = passive(HIGH, receiver, ep, 'r');
        struct harness_thread from = harness_thread(LOW);
        harness_start(&from, sender, ep, blocking);
        harness_let_run();
        assert_false(has(&to, from.sc));
        assert_ok(seL4_SchedContext_Bind(to.sc, to.tcb)); /* it has the message, and runs now */
        harness_let_run();
    }
    assert_string_equal(harness_log_text(), "!r!r");
}

static void nbsender(seL4_Word ep, seL4_Word ntfn, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_NBSendWait(ep, label(0), ntfn, NULL);
    harness_log('!');
}

static void test_compound_sends_donate_without_grant(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr write_only = harness_mint(ep, seL4_CanWrite, 0);
    struct harness_thread to = passive(HIGH, receiver, ep, 'r');
    struct harness_thread from = harness_thread(LOW);
    harness_start(&from, nbsender, write_only, notification());
    harness_let_run();
    assert_string_equal(harness_log_text(), "r");
    assert_true(has(&to, from.sc));
}

static void test_a_compound_send_to_nobody_keeps_its_time(void)
{
    struct harness_thread from = harness_thread(LOW);
    harness_start(&from, nbsender, endpoint(), notification());
    harness_let_run();
    assert_true(has(&from, from.sc));
}

/* ---- faults ---- */

static void handler(seL4_Word ep, seL4_Word answer, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    seL4_Recv(ep, NULL, reply);
    for (;;) {
        harness_log('h');
        seL4_ReplyRecv(ep, label(answer), NULL, reply);
    }
}

static void unknown_caller(seL4_Word unused0, seL4_Word unused1, seL4_Word unused2,
                           seL4_Word unused3)
{
    (void)unused0;
    (void)unused1;
    (void)unused2;
    (void)unused3;
    libsel4_send((seL4_Syscall_ID)-1000, 0, 0, 0, 0, 0, 0);
    harness_log('!');
    seL4_Wait(seL4_CapNull, NULL);
}

/* The unchanged reply repeats the system call, so it faults until somebody stops it. */
static void test_a_passive_handler_runs_on_the_faulting_threads_time(void)
{
    seL4_CPtr ep = endpoint();
    struct harness_thread thread = harness_thread(LOW);
    struct harness_thread server = passive(HIGH, receiver, ep, 'r');
    fault_to(&thread, ep);
    harness_start(&thread, unknown_caller, 0, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "r");
    assert_true(has(&server, thread.sc));
}

static void test_a_refused_thread_gets_its_time_back(void)
{
    seL4_CPtr ep = endpoint();
    struct harness_thread thread = harness_thread(LOW);
    struct harness_thread server = passive(HIGH, handler, ep, 1);
    fault_to(&thread, ep);
    harness_start(&thread, unknown_caller, 0, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "h");
    assert_false(has(&server, thread.sc));
    assert_true(has(&thread, thread.sc));
}

/* ---- notifications ---- */

/* Refuses what faults, and signals itself meanwhile. */
static void two_sources(seL4_Word ep, seL4_Word signal, seL4_Word reply, seL4_Word unused)
{
    seL4_Word badge;
    (void)unused;
    seL4_Recv(ep, &badge, reply);
    for (;;) {
        harness_log((char)('0' + badge));
        harness_compute_us(2000);
        if (badge == 2) {
            seL4_Signal(signal);
        }
        seL4_ReplyRecv(ep, label(1), &badge, reply);
    }
}

/*
 * The reply gives the time back to a thread that stays inactive, so nobody is to be switched to;
 * the handler goes on at once, but on the account of the notification.
 */
static void test_time_is_charged_to_the_context_that_came_with_a_signal(void)
{
    seL4_CPtr ep = endpoint();
    seL4_CPtr ntfn = notification();
    seL4_CPtr signals_sc = context(50000);
    struct harness_thread thread = harness_thread(LOW);
    struct harness_thread server =
        passive(HIGH, two_sources, ep, harness_mint(ntfn, seL4_CanWrite, 1));
    assert_ok(seL4_SchedContext_Bind(signals_sc, ntfn));
    assert_ok(seL4_TCB_BindNotification(server.tcb, ntfn));
    fault_to(&thread, harness_mint(ep, seL4_AllRights, 2));
    harness_start(&thread, unknown_caller, 0, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "21");
    assert_in_range(seL4_SchedContext_Consumed(thread.sc).consumed, 1990, 2100);
    assert_in_range(seL4_SchedContext_Consumed(signals_sc).consumed, 1990, 2100);
    inspect_objects();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_plain_sends_donate_nothing),
        HARNESS_TEST(test_compound_sends_donate_without_grant),
        HARNESS_TEST(test_a_compound_send_to_nobody_keeps_its_time),
        HARNESS_TEST(test_a_passive_handler_runs_on_the_faulting_threads_time),
        HARNESS_TEST(test_a_refused_thread_gets_its_time_back),
        HARNESS_TEST(test_time_is_charged_to_the_context_that_came_with_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
