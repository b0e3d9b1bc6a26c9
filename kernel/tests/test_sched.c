/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Time: budgets, periods, refills, round robin, timeout faults, YieldTo, and configuration errors.
 */
#include "harness.h"
#include "inspect.h"

#define US_MAX harness_us_max()

static seL4_CPtr sched_control(void)
{
    return harness_bootinfo->schedcontrol.start;
}

/* Computes for ever in steps of 10 us, and notes when it could. */
static volatile uint64_t ran_us[4];

static void worker(seL4_Word index, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        harness_compute_us(10);
        ran_us[index] += 10;
    }
}

/* ---- configuration ---- */

static seL4_Error configure(seL4_CPtr sc, uint64_t budget, uint64_t period, seL4_Word extra)
{
    return seL4_SchedControl_ConfigureFlags(sched_control(), sc, budget, period, extra, 0, 0);
}

static void test_configuration_errors(void)
{
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, 8);
    assert_range_error(configure(sc, US_MAX + 1, US_MAX, 0), 20, US_MAX);
    assert_range_error(configure(sc, 100, US_MAX + 1, 0), 20, US_MAX);
    assert_range_error(configure(sc, 19, 100, 0), 20, US_MAX);
    assert_range_error(configure(sc, 20, 19, 0), 20, US_MAX);
    assert_range_error(configure(sc, 101, 100, 0), 20, 100);
    assert_error_word(configure(sched_control(), 100, 100, 0), seL4_InvalidCapability, 1);
    assert_range_error(configure(sc, 100, 200, 9), 0, 8);
    assert_ok(configure(sc, 100, 200, 8));
    seL4_CPtr small = harness_object(seL4_SchedContextObject, 7);
    assert_range_error(configure(small, 100, 100, 1), 0, 0);
    seL4_MessageInfo_t info =
        seL4_Call(sched_control(), seL4_MessageInfo_new(SchedContextBind, 0, 0, 5));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_IllegalOperation);
}

static void test_binding_errors(void)
{
    struct harness_thread a = harness_thread(10);
    struct harness_thread b = harness_passive_thread(10);
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, 7);
    assert_error(seL4_SchedContext_Bind(a.sc, b.tcb), seL4_IllegalOperation);
    assert_error(seL4_SchedContext_Bind(sc, a.tcb), seL4_IllegalOperation);
    assert_error_word(seL4_SchedContext_Bind(sc, sc), seL4_InvalidCapability, 1);
    assert_error(seL4_SchedContext_Unbind(seL4_CapInitThreadSC), seL4_IllegalOperation);
    assert_error(seL4_SchedContext_UnbindObject(sc, b.tcb), seL4_IllegalOperation);
    assert_ok(seL4_SchedContext_Bind(sc, b.tcb)); /* not configured: bound all the same */
    assert_ok(seL4_SchedContext_UnbindObject(sc, b.tcb));
}

/* ---- budgets ---- */

static struct harness_thread budgeted(seL4_Word priority, uint64_t budget, uint64_t period,
                                      seL4_Word extra)
{
    struct harness_thread thread = harness_passive_thread(priority);
    thread.sc = harness_object(seL4_SchedContextObject, 9);
    assert_ok(configure(thread.sc, budget, period, extra));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    return thread;
}

static void test_a_budget_limits_a_thread_of_high_priority(void)
{
    struct harness_thread hog = budgeted(255, 2000, 10000, 0);
    ran_us[0] = 0;
    harness_set_own_priority(100);
    harness_start(&hog, worker, 0, 0);
    uint64_t start = harness_now_us();
    harness_compute_us(80000); /* our own CPU time: 4/5 of what passes */
    uint64_t passed = harness_now_us() - start;
    assert_in_range(passed, 98000, 102000);
    assert_in_range(ran_us[0], passed / 5 - 2000, passed / 5 + 2000);
}

static void test_round_robin_shares_time_equally(void)
{
    struct harness_thread a = harness_thread(50);
    struct harness_thread b = harness_thread(50);
    ran_us[0] = 0;
    ran_us[1] = 0;
    harness_start(&a, worker, 0, 0);
    harness_start(&b, worker, 1, 0);
    /* A timer thread above them ends the experiment: we sleep as one with 1 ms per 100 ms. */
    assert_ok(configure(seL4_CapInitThreadSC, 1000, 100000, 0));
    seL4_Yield();
    seL4_Yield();
    assert_true(ran_us[0] + ran_us[1] > 90000);
    assert_in_range(ran_us[0], ran_us[1] - 20000, ran_us[1] + 20000);
}

static void test_a_yielding_thread_waits_for_its_period(void)
{
    assert_ok(configure(seL4_CapInitThreadSC, 1000, 50000, 0));
    seL4_Yield();
    uint64_t start = harness_now_us();
    seL4_Yield();
    assert_in_range(harness_now_us() - start, 49000, 51000);
}

static void test_consumed_counts_what_was_used(void)
{
    struct harness_thread thread = budgeted(10, 5000, 20000, 4);
    ran_us[0] = 0;
    harness_start(&thread, worker, 0, 0);
    assert_int_equal(seL4_SchedContext_Consumed(thread.sc).consumed, 0);
    assert_ok(configure(seL4_CapInitThreadSC, 1000, 10000, 0));
    seL4_Yield();
    seL4_Yield();
    seL4_SchedContext_Consumed_t result = seL4_SchedContext_Consumed(thread.sc);
    assert_ok(result.error);
    assert_in_range(result.consumed, ran_us[0], ran_us[0] + 100);
    assert_int_equal(seL4_SchedContext_Consumed(thread.sc).consumed, 0);
}

/* Blocks in the middle of its budget: what was used comes back one period after it was used. */
static void pulsed(seL4_Word ntfn, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_compute_us(600);
        harness_log('p');
    }
}

static void test_sporadic_refills_never_exceed_the_budget_in_a_window(void)
{
    struct harness_thread thread = harness_passive_thread(255);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    thread.sc = harness_object(seL4_SchedContextObject, 9);
    assert_ok(seL4_SchedControl_ConfigureFlags(sched_control(), thread.sc, 1000, 10000, 8, 0,
                                               seL4_SchedContext_Sporadic));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    harness_set_own_priority(100);
    harness_start(&thread, pulsed, ntfn, 0);
    uint64_t start = harness_now_us();
    seL4_Signal(ntfn); /* runs its 600 us at once */
    assert_string_equal(harness_log_text(), "p");
    seL4_Signal(ntfn); /* 400 us are left: it stops in between until the first 600 come back */
    assert_string_equal(harness_log_text(), "p");
    harness_compute_us(9000);
    assert_string_equal(harness_log_text(), "pp");
    assert_true(harness_now_us() - start >= 10000);
}

/* ---- timeout faults ---- */

static void test_a_timeout_fault_tells_badge_and_consumption(void)
{
    struct harness_thread thread = harness_passive_thread(50);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr reply = harness_object(seL4_ReplyObject, 0);
    thread.sc = harness_object(seL4_SchedContextObject, 8);
    assert_ok(
        seL4_SchedControl_ConfigureFlags(sched_control(), thread.sc, 1000, 5000, 0, 0xabc, 0));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    assert_error_word(seL4_TCB_SetTimeoutEndpoint(thread.tcb, reply), seL4_InvalidCapability, 1);
    assert_ok(seL4_TCB_SetTimeoutEndpoint(thread.tcb, ep));
    ran_us[0] = 0;
    harness_start(&thread, worker, 0, 0);
    seL4_MessageInfo_t info = seL4_Recv(ep, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
    assert_int_equal(seL4_MessageInfo_get_length(info), seL4_Timeout_Length);
    assert_int_equal(seL4_GetMR(seL4_Timeout_Data), 0xabc);
    assert_in_range(seL4_GetMR(seL4_Timeout_Consumed), 970, 1000);
    uint64_t before = harness_now_us();
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0)); /* it waits for its refill then */
    info = seL4_Recv(ep, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_Timeout);
    assert_in_range(harness_now_us() - before, 3900, 5100);
}

/* ---- YieldTo and priorities ---- */

static void test_yield_to_runs_the_target_and_reports_its_time(void)
{
    struct harness_thread thread = harness_thread(255);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    harness_start(&thread, pulsed, ntfn, 0);
    seL4_Signal(ntfn);
    assert_string_equal(harness_log_text(), "");
    seL4_SchedContext_YieldTo_t result = seL4_SchedContext_YieldTo(thread.sc);
    assert_ok(result.error);
    assert_string_equal(harness_log_text(), "p");
    assert_in_range(result.consumed, 590, 620);
}

static void test_yield_to_errors(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, 7);
    assert_error(seL4_SchedContext_YieldTo(sc).error, seL4_IllegalOperation);
    assert_error(seL4_SchedContext_YieldTo(seL4_CapInitThreadSC).error, seL4_IllegalOperation);
    assert_ok(seL4_SchedContext_YieldTo(thread.sc).error); /* not runnable: returns at once */
    assert_ok(seL4_TCB_SetMCPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 9));
    assert_error(seL4_SchedContext_YieldTo(thread.sc).error, seL4_IllegalOperation);
}

static void test_priorities_are_limited_by_the_authority(void)
{
    struct harness_thread thread = harness_thread(10);
    assert_ok(seL4_TCB_SetMCPriority(thread.tcb, seL4_CapInitThreadTCB, 20));
    assert_range_error(seL4_TCB_SetPriority(thread.tcb, thread.tcb, 21), 0, 20);
    assert_range_error(seL4_TCB_SetMCPriority(thread.tcb, thread.tcb, 255), 0, 20);
    assert_error_word(seL4_TCB_SetPriority(thread.tcb, thread.sc, 5), seL4_InvalidCapability, 1);
    assert_ok(seL4_TCB_SetPriority(thread.tcb, thread.tcb, 20));
    assert_range_error(seL4_TCB_SetSchedParams(thread.tcb, thread.tcb, 21, 21, 0, 0), 0, 20);
    assert_error_word(
        seL4_TCB_SetSchedParams(thread.tcb, thread.tcb, 5, 5, thread.tcb, seL4_CapNull),
        seL4_InvalidCapability, 2);
    assert_error_word(seL4_TCB_SetSchedParams(thread.tcb, thread.tcb, 5, 5, thread.sc, thread.sc),
                      seL4_InvalidCapability, 3);
    assert_error(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 5, 5,
                                         seL4_CapNull, seL4_CapNull),
                 seL4_IllegalOperation);
}

static void test_a_bound_context_cannot_be_replaced(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, 7);
    assert_error(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 5, 5, sc, 0),
                 seL4_IllegalOperation);
    assert_ok(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 5, 5, seL4_CapNull, 0));
    assert_ok(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 5, 5, sc, 0));
}

static void test_deleting_a_context_stops_its_thread(void)
{
    struct harness_thread thread = harness_thread(50);
    ran_us[0] = 0;
    harness_start(&thread, worker, 0, 0);
    assert_ok(harness_delete(thread.sc));
    harness_let_run();
    assert_int_equal(ran_us[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_configuration_errors),
        HARNESS_TEST(test_binding_errors),
        HARNESS_TEST(test_a_budget_limits_a_thread_of_high_priority),
        HARNESS_TEST(test_round_robin_shares_time_equally),
        HARNESS_TEST(test_a_yielding_thread_waits_for_its_period),
        HARNESS_TEST(test_consumed_counts_what_was_used),
        HARNESS_TEST(test_sporadic_refills_never_exceed_the_budget_in_a_window),
        HARNESS_TEST(test_a_timeout_fault_tells_badge_and_consumption),
        HARNESS_TEST(test_yield_to_runs_the_target_and_reports_its_time),
        HARNESS_TEST(test_yield_to_errors),
        HARNESS_TEST(test_priorities_are_limited_by_the_authority),
        HARNESS_TEST(test_a_bound_context_cannot_be_replaced),
        HARNESS_TEST(test_deleting_a_context_stops_its_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
