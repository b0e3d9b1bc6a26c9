/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of threads in every state, and what reading, writing and copying do to the state. */
#include "harness.h"

#include <string.h>

enum {
    CONTEXT_WORDS = sizeof(seL4_UserContext) / sizeof(seL4_Word),
    PC = 0
};

static seL4_UserContext context;

static seL4_Word read_pc(seL4_CPtr tcb, bool suspend)
{
    assert_ok(seL4_TCB_ReadRegisters(tcb, suspend, 0, CONTEXT_WORDS, &context));
    return ((const seL4_Word *)&context)[PC];
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

static void worker(seL4_Word event, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    for (;;) {
        harness_compute_us(100);
        harness_log((char)event);
        seL4_Yield();
    }
}

static void test_reading_a_blocked_thread_leaves_it_blocked(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    seL4_Word at = read_pc(thread.tcb, false);
    assert_int_not_equal(at, (seL4_Word)waiter);
    seL4_Signal(ntfn);
    /* Woken, but not yet run: still at the system call, as far as it can be seen. */
    assert_int_equal(read_pc(thread.tcb, false), at);
    harness_let_run();
    assert_string_equal(harness_log_text(), "w");
    assert_int_equal(read_pc(thread.tcb, false), at);
}

static void test_suspending_a_woken_thread_moves_it_behind_its_call(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    seL4_Word at = read_pc(thread.tcb, false);
    seL4_Signal(ntfn);
    assert_true(read_pc(thread.tcb, true) > at);
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_TCB_Resume(thread.tcb)); /* the signal is not lost */
    harness_let_run();
    assert_string_equal(harness_log_text(), "w");
}

static void test_suspending_a_blocked_thread_stops_it_at_its_call(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    seL4_Word at = read_pc(thread.tcb, false);
    assert_int_equal(read_pc(thread.tcb, true), at);
    seL4_Signal(ntfn);
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_TCB_Resume(thread.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "w");
}

static void test_reading_without_call_suspends_all_the_same(void)
{
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, worker, 'w', 0);
    seL4_SetMR(0, 1);
    seL4_SetMR(1, 1);
    seL4_Send(thread.tcb, seL4_MessageInfo_new(TCBReadRegisters, 0, 0, 2));
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
}

static void test_a_short_write_changes_only_its_words(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_UserContext written;
    seL4_Word *words = (seL4_Word *)&written;
    for (int i = 0; i < CONTEXT_WORDS; i++) {
        words[i] = 0x1000;
    }
    assert_ok(seL4_TCB_WriteRegisters(thread.tcb, false, 0, 2, &written));
    assert_int_equal(read_pc(thread.tcb, false), 0x1000);
    assert_int_equal(((seL4_Word *)&context)[1], 0x1000);
    assert_int_equal(((seL4_Word *)&context)[3], 0);
    assert_ok(seL4_TCB_WriteRegisters(thread.tcb, false, 0, 0, &written)); /* nothing at all */
}

static void test_a_count_beyond_the_context_is_cut_when_writing(void)
{
    struct harness_thread thread = harness_thread(10);
    for (int i = 0; i < CONTEXT_WORDS + 6; i++) {
        seL4_SetMR(i, 0x2000);
    }
    seL4_SetMR(0, 0);
    seL4_SetMR(1, CONTEXT_WORDS + 4);
    seL4_MessageInfo_t info =
        seL4_Call(thread.tcb, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, CONTEXT_WORDS + 6));
    assert_int_equal(info.words[0], 0);
    assert_int_equal(read_pc(thread.tcb, false), 0x2000);
}

static void test_reading_more_than_registers_without_buffer_gives_four(void)
{
    struct harness_thread thread = harness_thread(10);
    assert_ok(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0, seL4_CapNull));
    seL4_SetMR(0, 0);
    seL4_SetMR(1, CONTEXT_WORDS);
    seL4_MessageInfo_t info =
        seL4_Call(thread.tcb, seL4_MessageInfo_new(TCBReadRegisters, 0, 0, 2));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_NoError);
    assert_int_equal(seL4_MessageInfo_get_length(info), 4);
}

static void test_long_invocations_without_buffer_are_truncated(void)
{
    struct harness_thread thread = harness_thread(10);
    assert_ok(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0, seL4_CapNull));
    seL4_SetMR(0, 0);
    seL4_SetMR(1, 3);
    seL4_MessageInfo_t info =
        seL4_Call(thread.tcb, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, 10));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
    seL4_SetMR(1, 2);
    info = seL4_Call(thread.tcb, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, 10));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_NoError);
}

static void test_copying_suspends_the_source_and_resumes_the_destination(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    struct harness_thread source = harness_thread(10);
    struct harness_thread dest = harness_thread(10);
    harness_start(&source, waiter, ntfn, 's');
    harness_start(&dest, waiter, ntfn, 'd');
    assert_ok(seL4_TCB_Suspend(dest.tcb));
    /* Nothing is transferred: only the states change. */
    assert_ok(seL4_TCB_CopyRegisters(dest.tcb, source.tcb, true, true, false, false, 0));
    seL4_Signal(ntfn);
    harness_let_run();
    assert_string_equal(harness_log_text(), "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_reading_a_blocked_thread_leaves_it_blocked),
        HARNESS_TEST(test_suspending_a_woken_thread_moves_it_behind_its_call),
        HARNESS_TEST(test_suspending_a_blocked_thread_stops_it_at_its_call),
        HARNESS_TEST(test_reading_without_call_suspends_all_the_same),
        HARNESS_TEST(test_a_short_write_changes_only_its_words),
        HARNESS_TEST(test_a_count_beyond_the_context_is_cut_when_writing),
        HARNESS_TEST(test_reading_more_than_registers_without_buffer_gives_four),
        HARNESS_TEST(test_long_invocations_without_buffer_are_truncated),
        HARNESS_TEST(test_copying_suspends_the_source_and_resumes_the_destination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
