/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Refills: when time comes back that was used in pieces, to sporadic contexts and to those of
 * constant bandwidth, and what a new configuration leaves of them. Times are in us from the start
 * of a test.
 */
#include "harness.h"

enum {
    OWN = 100,
    BUDGET = 1000,
    PERIOD = 10000,
    SLACK = 60, /* kernel entries and steps of computing */
    JOBS_MAX = 8
};

static seL4_Error configure(seL4_CPtr sc, uint64_t budget, uint64_t period, seL4_Word extra,
                            seL4_Word flags)
{
    return seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start, sc, budget,
                                            period, extra, 0, flags);
}

static struct harness_thread thread_with(seL4_Word priority, uint64_t budget, seL4_Word extra,
                                         seL4_Word flags)
{
    struct harness_thread thread = harness_passive_thread(priority);
    thread.sc = harness_object(seL4_SchedContextObject, 9);
    assert_ok(configure(thread.sc, budget, PERIOD, extra, flags));
    assert_ok(seL4_SchedContext_Bind(thread.sc, thread.tcb));
    return thread;
}

/* ---- jobs ---- */

static volatile uint64_t job_us;
static volatile uint64_t done_at[JOBS_MAX];
static volatile unsigned jobs_done;
static uint64_t start;

static void job_server(seL4_Word ntfn, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_compute_us(job_us);
        done_at[jobs_done++] = harness_now_us();
    }
}

static seL4_CPtr job_ntfn;

/* A thread that runs jobs on BUDGET per PERIOD, more urgent than the root task from now on. */
static void start_jobs(seL4_Word extra, seL4_Word flags)
{
    struct harness_thread thread = thread_with(OWN + 1, BUDGET, extra, flags);
    job_ntfn = harness_object(seL4_NotificationObject, 0);
    jobs_done = 0;
    harness_start(&thread, job_server, job_ntfn, 0);
    harness_let_run();
    harness_set_own_priority(OWN);
    harness_compute_us(2 * PERIOD); /* what its start used is back */
    start = harness_now_us();
}

static void until(uint64_t us)
{
    while (harness_now_us() < start + us) {
        harness_compute_us(10);
    }
}

static void job_at(uint64_t at, uint64_t us)
{
    until(at);
    job_us = us;
    seL4_Signal(job_ntfn);
}

static void expect_done(unsigned job, uint64_t us)
{
    assert_true(jobs_done > job);
    assert_in_range(done_at[job] - start, us - SLACK, us + SLACK);
}

static void test_what_was_used_comes_back_a_period_later(void)
{
    start_jobs(4, seL4_SchedContext_Sporadic);
    job_at(0, 400);
    job_at(1000, 900); /* 600 are left */
    until(13000);
    expect_done(0, 400);
    expect_done(1, 10300); /* 400 came back at 10000 */
}

/* Two pieces of 300 are used; when the first is due, a job wants 600 of the 400 that are left. */
static void use_two_pieces(seL4_Word extra)
{
    start_jobs(extra, seL4_SchedContext_Sporadic);
    job_at(0, 300);
    job_at(1000, 300);
    job_at(10100, 600);
    until(10800);
}

static void test_each_piece_comes_back_in_its_own_time(void)
{
    use_two_pieces(1); /* three refills */
    expect_done(2, 10700);
}

static void test_with_a_full_list_pieces_merge_into_the_last(void)
{
    use_two_pieces(0); /* two refills: 600 come back at 11000 - 300, or later */
    assert_true(jobs_done == 2 || done_at[2] - start >= 10900 - SLACK);
}

static void test_a_rest_below_the_least_budget_joins_the_next_refill(void)
{
    start_jobs(4, seL4_SchedContext_Sporadic);
    job_at(0, 985);
    job_at(2000, 100); /* less than 20 are left: all is put off, and starts that much earlier */
    until(13000);
    expect_done(1, 10090);
}

static void test_unused_time_does_not_add_up(void)
{
    start_jobs(4, seL4_SchedContext_Sporadic);
    job_at(25000, 1500);
    until(40000);
    expect_done(0, 35500); /* 1000 at once, the next 1000 a period after that began */
}

/* ---- sporadic and constant bandwidth ---- */

static void hog(seL4_Word ntfn, seL4_Word us, seL4_Word unused1, seL4_Word unused2)
{
    (void)unused1;
    (void)unused2;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_compute_us(us);
    }
}

/* Is preempted by the hog when it has used 300, and in all computes for 1900. */
static void preempted(seL4_Word ntfn, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    start = harness_now_us();
    harness_compute_us(300);
    seL4_Signal(ntfn);
    harness_compute_us(1600);
    done_at[jobs_done++] = harness_now_us();
    seL4_Wait(seL4_CapNull, NULL);
}

static void run_preempted(seL4_Word flags)
{
    struct harness_thread thread = thread_with(OWN + 1, BUDGET, 6, flags);
    struct harness_thread urgent = harness_thread(OWN + 2);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    jobs_done = 0;
    harness_start(&urgent, hog, ntfn, 3000);
    harness_let_run();
    harness_start(&thread, preempted, ntfn, 0);
    harness_set_own_priority(OWN);
    harness_compute_us(2 * PERIOD);
}

/* Its time counts from when it became ready: 1000 more at 10000. */
static void test_a_preempted_sporadic_context_keeps_its_dates(void)
{
    run_preempted(seL4_SchedContext_Sporadic);
    expect_done(0, 10900);
}

/* Each time it is switched to, what is left counts from then: 300 at 10000, 700 at 13300. */
static void test_a_preempted_context_of_constant_bandwidth_starts_anew(void)
{
    run_preempted(seL4_SchedContext_NoFlag);
    expect_done(0, 13900);
}

/* ---- configuring again ---- */

static volatile uint64_t ran_us;

static void runner(seL4_Word unused0, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused0;
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        harness_compute_us(10);
        ran_us += 10;
    }
}

/* What a thread that is ready runs in the first nine tenths of a period after a change. */
static uint64_t ran_after_change(uint64_t before, uint64_t after)
{
    struct harness_thread thread = thread_with(OWN + 1, before, 0, 0);
    ran_us = 0;
    harness_start(&thread, runner, 0, 0);
    assert_ok(configure(thread.sc, after, PERIOD, 0, 0));
    start = harness_now_us();
    harness_set_own_priority(OWN);
    until(PERIOD - 1000);
    harness_set_own_priority(255);
    assert_ok(seL4_TCB_Suspend(thread.tcb));
    return ran_us;
}

static void test_a_larger_budget_of_a_ready_thread_comes_a_period_later(void)
{
    assert_in_range(ran_after_change(2000, 5000), 2000 - SLACK, 2000 + SLACK);
}

static void test_a_smaller_budget_of_a_ready_thread_holds_at_once(void)
{
    assert_in_range(ran_after_change(5000, 2000), 2000 - SLACK, 2000 + SLACK);
}

static void test_a_blocked_threads_context_is_filled_anew(void)
{
    start_jobs(0, 0);
    job_at(0, 900);
    struct harness_thread thread = thread_with(OWN + 1, 2000, 0, 0);
    ran_us = 0;
    assert_ok(configure(thread.sc, 5000, PERIOD, 0, 0)); /* inactive */
    start = harness_now_us();
    harness_start(&thread, runner, 0, 0);
    until(PERIOD - 1000);
    assert_in_range(ran_us, 5000 - SLACK, 5000 + SLACK);
}

static void test_yield_gives_up_the_whole_head_refill(void)
{
    assert_ok(configure(seL4_CapInitThreadSC, BUDGET, PERIOD, 0, 0));
    seL4_Yield();
    (void)seL4_SchedContext_Consumed(seL4_CapInitThreadSC);
    start = harness_now_us();
    harness_compute_us(300);
    seL4_Yield();
    assert_in_range(harness_now_us() - start, PERIOD - SLACK, PERIOD + SLACK);
    /* Only what was really used counts as consumed. */
    assert_in_range(seL4_SchedContext_Consumed(seL4_CapInitThreadSC).consumed, 300, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_what_was_used_comes_back_a_period_later),
        HARNESS_TEST(test_each_piece_comes_back_in_its_own_time),
        HARNESS_TEST(test_with_a_full_list_pieces_merge_into_the_last),
        HARNESS_TEST(test_a_rest_below_the_least_budget_joins_the_next_refill),
        HARNESS_TEST(test_unused_time_does_not_add_up),
        HARNESS_TEST(test_a_preempted_sporadic_context_keeps_its_dates),
        HARNESS_TEST(test_a_preempted_context_of_constant_bandwidth_starts_anew),
        HARNESS_TEST(test_a_larger_budget_of_a_ready_thread_comes_a_period_later),
        HARNESS_TEST(test_a_smaller_budget_of_a_ready_thread_holds_at_once),
        HARNESS_TEST(test_a_blocked_threads_context_is_filled_anew),
        HARNESS_TEST(test_yield_gives_up_the_whole_head_refill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
