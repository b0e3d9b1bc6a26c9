/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Domains: errors of the three invocations, and who runs when. The second half needs more than one
 * domain: -DKAAL_KERNEL_NUM_DOMAINS=2.
 */
#include "harness.h"

enum {
    OTHER = CONFIG_NUM_DOMAINS - 1,
    OWN_US = 10000,
    OTHER_US = 5000,
    SLACK_US = 500
};

static volatile uint64_t ran_us;

/* Computes for ever. */
static void worker(seL4_Word unused0, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
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

static void waiter(seL4_Word ntfn, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_log((char)event);
    }
}

static seL4_Error entry(seL4_Word index, seL4_Word domain, uint64_t us)
{
    return seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, index, (seL4_Uint8)domain,
                                            harness_ticks(us));
}

/* Ours, the other one's, ours again. */
static void take_turns(void)
{
    assert_ok(entry(0, 0, OWN_US));
    assert_ok(entry(1, OTHER, OTHER_US));
    assert_ok(entry(2, 0, OWN_US));
    assert_ok(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
}

static void end_turns(void)
{
    assert_ok(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
    assert_ok(entry(1, 0, 0));
    assert_ok(entry(2, 0, 0));
}

/* ---- errors ---- */

static void test_set_errors(void)
{
    assert_error_word(seL4_DomainSet_Set(seL4_CapDomain, CONFIG_NUM_DOMAINS, seL4_CapInitThreadTCB),
                      seL4_InvalidArgument, 0);
    assert_error_word(seL4_DomainSet_Set(seL4_CapDomain, 0, seL4_CapDomain), seL4_InvalidArgument,
                      1);
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, 0, seL4_CapInitThreadTCB));
    /* A wrong domain comes before a missing capability. */
    seL4_SetMR(0, CONFIG_NUM_DOMAINS);
    seL4_MessageInfo_t info =
        seL4_Call(seL4_CapDomain, seL4_MessageInfo_new(DomainSetSet, 0, 0, 1));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidArgument);
    seL4_SetMR(0, 0);
    info = seL4_Call(seL4_CapDomain, seL4_MessageInfo_new(DomainSetSet, 0, 0, 1));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
}

static void test_schedule_errors(void)
{
    enum {
        LAST = CONFIG_NUM_DOMAIN_SCHEDULES - 1
    };
    assert_range_error(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, LAST, 0, 1), 0, LAST - 1);
    assert_error_word(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, 1ul << 56),
                      seL4_InvalidArgument, 2);
    assert_error_word(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, 0),
                      seL4_InvalidArgument, 2);
    assert_error_word(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, LAST), seL4_InvalidArgument,
                      0);
    assert_range_error(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, LAST + 1), 0, LAST);
    assert_ok(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
    if (CONFIG_NUM_DOMAINS > 1) {
        assert_error_word(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 1, OTHER, 0),
                          seL4_InvalidArgument, 1);
        assert_range_error(
            seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 1, CONFIG_NUM_DOMAINS, 1), 0,
            CONFIG_NUM_DOMAINS - 1);
    }
}

/* ---- turns ---- */

static void test_domains_take_turns_as_the_schedule_says(void)
{
    struct harness_thread thread = harness_thread(255); /* the priority does not help it */
    if (CONFIG_NUM_DOMAINS == 1) {
        return;
    }
    harness_start(&thread, worker, 0, 0);
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, OTHER, thread.tcb));
    assert_ok(entry(0, 0, OWN_US));
    assert_ok(entry(1, OTHER, OTHER_US));
    assert_ok(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0));
    ran_us = 0;
    uint64_t start = harness_now_us();
    harness_compute_us(95000); /* nine turns of ours and a half */
    assert_in_range(harness_now_us() - start, 138000, 142000);
    assert_in_range(ran_us, 9 * OTHER_US - SLACK_US, 9 * OTHER_US + SLACK_US);
    assert_ok(entry(1, 0, 0)); /* the end of the list */
    ran_us = 0;
    harness_compute_us(50000);
    assert_int_equal(ran_us, 0);
}

static void test_setting_the_start_switches_at_once(void)
{
    struct harness_thread thread = harness_thread(10);
    if (CONFIG_NUM_DOMAINS == 1) {
        return;
    }
    harness_start(&thread, worker, 0, 0);
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, OTHER, thread.tcb));
    take_turns();
    ran_us = 0;
    assert_ok(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 1)); /* its turn, then ours */
    assert_in_range(ran_us, OTHER_US - SLACK_US, OTHER_US + SLACK_US);
    end_turns();
}

static void test_a_woken_thread_waits_for_its_domains_turn(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread thread = harness_thread(255);
    if (CONFIG_NUM_DOMAINS == 1) {
        return;
    }
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, OTHER, thread.tcb));
    take_turns();
    harness_set_own_priority(1);
    seL4_Signal(ntfn);
    assert_string_equal(harness_log_text(), "");
    harness_compute_us(OWN_US);
    assert_string_equal(harness_log_text(), "w");
    end_turns();
}

static void test_moving_the_caller_gives_its_turn_away(void)
{
    struct harness_thread thread = harness_thread(10);
    if (CONFIG_NUM_DOMAINS == 1) {
        return;
    }
    harness_start(&thread, worker, 0, 0); /* has the rest of our own domain's turn */
    take_turns();
    ran_us = 0;
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, OTHER, seL4_CapInitThreadTCB));
    assert_in_range(ran_us, OWN_US - SLACK_US, OWN_US + SLACK_US);
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, 0, seL4_CapInitThreadTCB));
    end_turns();
}

/* A thread is made in the domain that runs. */
static void test_a_new_thread_belongs_to_the_running_domain(void)
{
    if (CONFIG_NUM_DOMAINS == 1) {
        return;
    }
    take_turns();
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, OTHER, seL4_CapInitThreadTCB));
    struct harness_thread thread = harness_thread(255);
    assert_ok(seL4_DomainSet_Set(seL4_CapDomain, 0, seL4_CapInitThreadTCB));
    ran_us = 0;
    harness_set_own_priority(1);
    harness_start(&thread, worker, 0, 0);
    harness_compute_us(1000);
    assert_int_equal(ran_us, 0);
    harness_compute_us(OWN_US * 2);
    assert_true(ran_us >= OTHER_US - SLACK_US);
    end_turns();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_set_errors),
        HARNESS_TEST(test_schedule_errors),
        HARNESS_TEST(test_domains_take_turns_as_the_schedule_says),
        HARNESS_TEST(test_setting_the_start_switches_at_once),
        HARNESS_TEST(test_a_woken_thread_waits_for_its_domains_turn),
        HARNESS_TEST(test_moving_the_caller_gives_its_turn_away),
        HARNESS_TEST(test_a_new_thread_belongs_to_the_running_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
