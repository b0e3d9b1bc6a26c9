/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* YieldTo: its three outcomes, the time that it reports, and reports that come late or never. */
#include "harness.h"
#include "inspect.h"

enum {
    OWN = 100, /* the root task's priority in these tests */
    WORK_US = 600
};

static void worker(seL4_Word us, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (;;) {
        harness_compute_us(us);
        harness_log((char)event);
        seL4_Wait(seL4_CapNull, NULL);
    }
}

static struct harness_thread ready(seL4_Word priority, char event)
{
    struct harness_thread thread = harness_thread(priority);
    harness_start(&thread, worker, WORK_US, (seL4_Word)event);
    return thread;
}

static uint64_t yield_to(seL4_CPtr sc)
{
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(sc);
    assert_ok(result.error);
    return result.consumed;
}

static void test_an_equal_target_runs_first_and_the_caller_next(void)
{
    harness_set_own_priority(OWN);
    ready(OWN, 'o'); /* first in the queue, but neither yielding nor yielded to */
    struct harness_thread target = ready(OWN, 't');
    assert_in_range(yield_to(target.sc), WORK_US - 10, WORK_US + 60);
    assert_string_equal(harness_log_text(), "t");
    assert_int_equal(yield_to(target.sc), 0); /* blocked now, and its time was reported */
    harness_let_run();
    assert_string_equal(harness_log_text(), "to");
}

static void test_a_more_urgent_target_that_waits_for_us_runs_at_once(void)
{
    struct harness_thread target = harness_thread(OWN + 1);
    harness_set_own_priority(OWN + 2);
    harness_start(&target, worker, WORK_US, 't');
    harness_set_own_priority(OWN + 2);
    assert_int_equal(yield_to(target.sc), 0); /* less urgent than we are still */
    assert_string_equal(harness_log_text(), "");
}

static void test_a_less_urgent_target_comes_to_the_front_of_its_queue(void)
{
    struct harness_thread a = ready(50, 'a');
    struct harness_thread b = ready(50, 'b');
    ready(50, 'c'); /* the queue is c b a */
    assert_int_equal(yield_to(a.sc), 0);
    assert_string_equal(harness_log_text(), "");
    harness_let_run();
    assert_string_equal(harness_log_text(), "acb");
    assert_in_range(yield_to(b.sc), WORK_US - 10, WORK_US + 60);
}

static void test_a_target_without_budget_does_not_run(void)
{
    struct harness_thread thread = harness_passive_thread(OWN);
    thread.sc = harness_object(seL4_SchedContextObject, 8);
    assert_ok(seL4_SchedControl_Configure(harness_bootinfo->schedcontrol.start, thread.sc, 300,
                                          50000, 0, 0));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    harness_start(&thread, worker, WORK_US, 't');
    harness_set_own_priority(OWN);
    uint64_t before = harness_now_us();
    assert_in_range(yield_to(thread.sc), 270, 310); /* until its budget is used up */
    assert_int_equal(yield_to(thread.sc), 0);
    assert_in_range(harness_now_us() - before, 270, 1000);
    assert_string_equal(harness_log_text(), "");
}

/* ---- outstanding reports ---- */

static uint64_t reported[2];

/* Reports to reported[index] what YieldTo told. */
static void yielder(seL4_Word sc, seL4_Word index, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(sc);
    reported[index] = result.consumed;
    harness_log((char)(result.error == seL4_NoError ? 'y' : 'E'));
    seL4_Wait(seL4_CapNull, NULL);
}

/* Waits first. */
static seL4_CPtr second_sc;

static void second_yielder(seL4_Word ntfn, seL4_Word index, seL4_Word reply, seL4_Word unused)
{
    seL4_Wait(ntfn, NULL);
    yielder(second_sc, index, reply, unused);
}

static void signalling_target(seL4_Word ntfn, seL4_Word us, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    harness_compute_us(us);
    seL4_Signal(ntfn);
    harness_log('t');
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_second_yield_completes_the_first(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread target = harness_thread(50);
    struct harness_thread first = harness_thread(50);
    struct harness_thread second = harness_thread(70);
    second_sc = target.sc;
    reported[0] = reported[1] = 99999;
    harness_start(&second, second_yielder, ntfn, 1);
    harness_let_run();
    harness_start(&target, signalling_target, ntfn, WORK_US);
    harness_start(&first, yielder, target.sc, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "yty"); /* second, target, first */
    assert_in_range(reported[0], WORK_US - 10, WORK_US + 60);
    assert_int_equal(reported[1], 0);
}

static void suspender(seL4_Word tcb, seL4_Word resume, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    seL4_TCB_Suspend(tcb);
    if (resume) {
        seL4_TCB_Resume(tcb);
    }
    harness_log('t');
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_suspended_yielder_gets_no_report(void)
{
    struct harness_thread target = harness_thread(50);
    struct harness_thread caller = harness_thread(50);
    harness_start(&target, suspender, caller.tcb, 1);
    harness_start(&caller, yielder, target.sc, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "ty"); /* it succeeded, only the time is not told */
    inspect_objects();
}

static void test_a_deleted_target_context_completes_the_yield(void)
{
    struct harness_thread target = harness_thread(50);
    struct harness_thread caller = harness_thread(50);
    struct harness_thread killer = harness_thread(60);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    (void)killer;
    reported[0] = 99999;
    harness_start(&target, signalling_target, ntfn, 20000); /* longer than a slice */
    harness_start(&caller, yielder, target.sc, 0);
    harness_set_own_priority(50);
    seL4_Yield();
    harness_set_own_priority(255);
    assert_ok(harness_delete(target.sc));
    harness_let_run();
    assert_string_equal(harness_log_text(), "y");
    assert_true(reported[0] < 30000);
    inspect_objects();
}

static void test_a_deleted_target_completes_the_yield(void)
{
    struct harness_thread target = harness_thread(50);
    struct harness_thread caller = harness_thread(50);
    harness_start(&target, signalling_target, seL4_CapNull, 20000);
    harness_start(&caller, yielder, target.sc, 0);
    harness_set_own_priority(50);
    seL4_Yield();
    harness_set_own_priority(255);
    assert_ok(harness_delete(target.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "y");
    inspect_objects();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_an_equal_target_runs_first_and_the_caller_next),
        HARNESS_TEST(test_a_more_urgent_target_that_waits_for_us_runs_at_once),
        HARNESS_TEST(test_a_less_urgent_target_comes_to_the_front_of_its_queue),
        HARNESS_TEST(test_a_target_without_budget_does_not_run),
        HARNESS_TEST(test_a_second_yield_completes_the_first),
        HARNESS_TEST(test_a_suspended_yielder_gets_no_report),
        HARNESS_TEST(test_a_deleted_target_context_completes_the_yield),
        HARNESS_TEST(test_a_deleted_target_completes_the_yield),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
