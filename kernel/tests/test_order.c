/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who runs next: order within a priority after waking, cancelling, yielding and being preempted. */
#include "harness.h"

enum {
    OWN = 100, /* the root task's priority in these tests */
};

static seL4_MessageInfo_t empty(void)
{
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

/* Waits, with a receive on ep or a wait on the notification, and logs when it is let go. */
static void receiver(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)unused;
    harness_log('-');
    seL4_Recv(ep, NULL, reply);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void waiter(seL4_Word ntfn, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Wait(ntfn, NULL);
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void logger(seL4_Word ntfn, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)ntfn;
    (void)reply;
    (void)unused;
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void fault_to(const struct harness_thread *thread, seL4_Word priority, seL4_CPtr handler)
{
    assert_ok(seL4_TCB_SetSchedParams(thread->tcb, seL4_CapInitThreadTCB, 0, priority, thread->sc,
                                      handler));
}

/* Let the others of the root task's priority run, once. */
static void give_way(void)
{
    seL4_Yield();
}

static void test_a_woken_thread_of_equal_priority_queues_at_the_end(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread woken = harness_thread(OWN);
    struct harness_thread ready = harness_thread(OWN);
    harness_start(&woken, waiter, ntfn, 'w');
    harness_let_run();
    harness_set_own_priority(OWN);
    harness_start(&ready, logger, 0, 'r'); /* joins the queue first */
    seL4_Signal(ntfn);
    give_way();
    assert_string_equal(harness_log_text(), "rw");
}

/* The second and third of one system call are queued in front, so the last woken runs first. */
static void test_several_woken_at_once_run_last_first(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    struct harness_thread threads[3];
    seL4_Word badge;
    char order[4] = {0};
    for (int i = 0; i < 3; i++) {
        threads[i] = harness_thread(OWN);
        fault_to(&threads[i], OWN, harness_mint(handler, seL4_AllRights, (seL4_Word)('a' + i)));
        harness_start(&threads[i], waiter, ntfn, 0);
        harness_let_run();
    }
    assert_ok(harness_delete(ntfn)); /* they wait again, on nothing: a fault each */
    harness_let_run();
    for (int i = 0; i < 3; i++) {
        seL4_Recv(handler, &badge, reply);
        order[i] = (char)badge;
    }
    assert_string_equal(order, "cba");
}

/* After a deleted object a full choice is made: its waiter stands before those that were ready. */
static void test_the_waiter_of_a_deleted_notification_runs_before_others(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_object(seL4_EndpointObject, 0);
    struct harness_thread restarted = harness_thread(OWN);
    struct harness_thread faulting = harness_thread(OWN);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    seL4_Word first;
    seL4_Word second;
    fault_to(&restarted, OWN, harness_mint(handler, seL4_AllRights, 1));
    fault_to(&faulting, OWN, harness_mint(handler, seL4_AllRights, 2));
    harness_start(&restarted, waiter, ntfn, 'w');
    harness_let_run();
    harness_set_own_priority(OWN);
    harness_start(&faulting, waiter, seL4_CapNull, 'f');
    assert_ok(harness_delete(ntfn));
    give_way();
    seL4_Recv(handler, &first, reply);
    seL4_Recv(handler, &second, reply);
    assert_int_equal(first, 1);
    assert_int_equal(second, 2);
}

static void test_the_waiter_of_a_deleted_endpoint_runs_before_others(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread restarted = harness_thread(OWN);
    struct harness_thread ready = harness_thread(OWN);
    harness_start(&restarted, receiver, ep, 'x');
    harness_let_run();
    harness_set_own_priority(OWN);
    fault_to(&restarted, OWN, harness_object(seL4_EndpointObject, 0));
    harness_start(&ready, logger, 0, 'r');
    assert_ok(seL4_TCB_SetPriority(ready.tcb, seL4_CapInitThreadTCB, OWN));
    assert_ok(harness_delete(ep));
    give_way();
    assert_string_equal(harness_log_text(), "-r");
}

static void badged_sender(seL4_Word cap, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Send(cap, seL4_MessageInfo_new(event, 0, 0, 0));
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_cancelled_senders_repeat_their_send(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr badged = harness_mint(ep, seL4_AllRights, 5);
    seL4_CPtr other = harness_mint(ep, seL4_AllRights, 6);
    struct harness_thread a = harness_thread(OWN);
    struct harness_thread b = harness_thread(OWN);
    struct harness_thread c = harness_thread(OWN);
    char order[4] = {0};
    harness_start(&a, badged_sender, badged, 'a');
    harness_let_run();
    harness_start(&b, badged_sender, other, 'b');
    harness_let_run();
    harness_start(&c, badged_sender, badged, 'c');
    harness_let_run();
    assert_ok(seL4_CNode_CancelBadgedSends(ROOT, badged, DEPTH));
    harness_let_run(); /* they queue again, c before a as it was woken last */
    for (int i = 0; i < 3; i++) {
        order[i] = (char)seL4_MessageInfo_get_label(seL4_Wait(ep, NULL));
    }
    assert_string_equal(order, "bca");
}

static void test_set_priority_puts_a_ready_thread_in_front(void)
{
    struct harness_thread a = harness_thread(50);
    struct harness_thread b = harness_thread(40);
    harness_start(&a, logger, 0, 'a');
    harness_start(&b, logger, 0, 'b');
    assert_ok(seL4_TCB_SetPriority(b.tcb, seL4_CapInitThreadTCB, 50));
    harness_let_run();
    assert_string_equal(harness_log_text(), "ba");
}

static void test_resumed_threads_are_queued_behind_a_running_equal(void)
{
    struct harness_thread a = harness_thread(OWN);
    struct harness_thread b = harness_thread(OWN);
    harness_set_own_priority(OWN);
    harness_start(&a, logger, 0, 'a');
    harness_start(&b, logger, 0, 'b');
    give_way();
    assert_string_equal(harness_log_text(), "ab");
}

static void test_lower_ones_woken_are_queued_in_front(void)
{
    struct harness_thread a = harness_thread(50);
    struct harness_thread b = harness_thread(50);
    harness_start(&a, logger, 0, 'a');
    harness_start(&b, logger, 0, 'b');
    harness_let_run();
    assert_string_equal(harness_log_text(), "ba");
}

static void sender_of_two(seL4_Word ep, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_Send(ep, empty());
    harness_log((char)event);
    seL4_Send(ep, empty());
    harness_log((char)event);
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_more_urgent_receiver_runs_at_once(void)
{
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    struct harness_thread high = harness_thread(60);
    struct harness_thread low = harness_thread(50);
    harness_start(&high, receiver, ep, 'h');
    harness_let_run();
    harness_start(&low, sender_of_two, ep, 'l');
    harness_let_run();
    assert_string_equal(harness_log_text(), "-hl"); /* the second send waits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_a_woken_thread_of_equal_priority_queues_at_the_end),
        HARNESS_TEST(test_several_woken_at_once_run_last_first),
        HARNESS_TEST(test_the_waiter_of_a_deleted_notification_runs_before_others),
        HARNESS_TEST(test_the_waiter_of_a_deleted_endpoint_runs_before_others),
        HARNESS_TEST(test_cancelled_senders_repeat_their_send),
        HARNESS_TEST(test_set_priority_puts_a_ready_thread_in_front),
        HARNESS_TEST(test_resumed_threads_are_queued_behind_a_running_equal),
        HARNESS_TEST(test_lower_ones_woken_are_queued_in_front),
        HARNESS_TEST(test_a_more_urgent_receiver_runs_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
