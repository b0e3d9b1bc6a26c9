/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* TCB invocations: registers, spaces, buffers, flags, suspend and resume, and their errors. */
#include "harness.h"
#include "inspect.h"

#include <string.h>

enum {
    CONTEXT_WORDS = sizeof(seL4_UserContext) / sizeof(seL4_Word),
    PC = 0,
    SP = 1,
    FLAGS = 2,
    FRAME_WORD = 3,                   /* copied with the frame registers */
    INTEGER_WORD = CONTEXT_WORDS - 1, /* with the others */
};

static void waiter(seL4_Word ntfn, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_log((char)event);
    }
}

static void test_registers_come_back_as_written(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_UserContext written;
    seL4_UserContext read;
    seL4_Word *words = (seL4_Word *)&written;
    for (seL4_Word i = 0; i < CONTEXT_WORDS; i++) {
        words[i] = 0x1000 + i;
    }
    words[FLAGS] = ~0ul;
    assert_ok(seL4_TCB_WriteRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &written));
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &read));
    words[FLAGS] = HARNESS_FLAGS_WRITTEN;
    assert_memory_equal(&read, &written, sizeof(read));
    memset(&read, 0, sizeof(read));
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, 2, &read));
    assert_int_equal(((seL4_Word *)&read)[SP], 0x1001);
    assert_int_equal(((seL4_Word *)&read)[FLAGS], 0);
}

static void test_register_errors(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_UserContext context = {0};
    assert_range_error(seL4_TCB_ReadRegisters(thread.tcb, false, 0, 0, &context), 1, CONTEXT_WORDS);
    assert_range_error(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS + 1, &context), 1,
                       CONTEXT_WORDS);
    assert_error(seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, false, 0, 1, &context),
                 seL4_IllegalOperation);
    assert_error(seL4_TCB_WriteRegisters(seL4_CapInitThreadTCB, false, 0, 1, &context),
                 seL4_IllegalOperation);
    seL4_SetMR(0, 0);
    seL4_SetMR(1, 5);
    seL4_MessageInfo_t info =
        seL4_Call(thread.tcb, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, 6));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_TruncatedMessage);
    assert_error_word(seL4_TCB_CopyRegisters(thread.tcb, thread.sc, false, false, true, true, 0),
                      seL4_InvalidCapability, 1);
}

static void test_copy_registers_copies_the_chosen_half(void)
{
    struct harness_thread from = harness_thread(10);
    struct harness_thread to = harness_thread(10);
    seL4_UserContext context = {0};
    seL4_UserContext copied;
    const seL4_Word *words = (const seL4_Word *)&copied;
    ((seL4_Word *)&context)[PC] = 0x111000;
    ((seL4_Word *)&context)[FRAME_WORD] = 7;
    ((seL4_Word *)&context)[INTEGER_WORD] = 9;
    assert_ok(seL4_TCB_WriteRegisters(from.tcb, false, 0, CONTEXT_WORDS, &context));
    assert_ok(seL4_TCB_CopyRegisters(to.tcb, from.tcb, false, false, true, false, 0));
    assert_ok(seL4_TCB_ReadRegisters(to.tcb, false, 0, CONTEXT_WORDS, &copied));
    assert_int_equal(words[PC], 0x111000);
    assert_int_equal(words[FRAME_WORD], 7);
    assert_int_equal(words[INTEGER_WORD], 0);
    assert_ok(seL4_TCB_CopyRegisters(to.tcb, from.tcb, false, false, false, true, 0));
    assert_ok(seL4_TCB_ReadRegisters(to.tcb, false, 0, CONTEXT_WORDS, &copied));
    assert_int_equal(words[INTEGER_WORD], 9);
}

static void test_configure_errors_in_order(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    seL4_CPtr frame = harness_object(HARNESS_PAGE, 0);
    seL4_CPtr root = seL4_CapInitThreadVSpace;
    seL4_CPtr bare_root = harness_object(HARNESS_VSPACE, 0);
    /* Buffer first, then its alignment, then the CSpace, then the VSpace. */
    assert_error(seL4_TCB_Configure(tcb, tcb, 0, tcb, 0, 0x1001, tcb), seL4_IllegalOperation);
    assert_error(seL4_TCB_Configure(tcb, tcb, 0, tcb, 0, 0x1200, frame), seL4_AlignmentError);
    assert_error(seL4_TCB_Configure(tcb, tcb, 0, root, 0, 0x1400, frame), seL4_IllegalOperation);
    assert_error(seL4_TCB_Configure(tcb, seL4_CapNull, 0, root, 0, 0, frame),
                 seL4_IllegalOperation);
    assert_error(seL4_TCB_Configure(tcb, ROOT, 0, bare_root, 0, 0, frame), seL4_IllegalOperation);
    seL4_Word guard_too_big = seL4_CNode_CapData_new(0, 63).words[0];
    assert_error(seL4_TCB_Configure(tcb, ROOT, guard_too_big, root, 0, 0, frame),
                 seL4_IllegalOperation);
    assert_error_word(seL4_TCB_SetSpace(tcb, frame, ROOT, 0, root, 0), seL4_InvalidCapability, 1);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr weak = harness_mint(ep, seL4_CanWrite, 0);
    assert_error_word(seL4_TCB_SetSpace(tcb, weak, ROOT, 0, root, 0), seL4_InvalidCapability, 1);
    assert_ok(seL4_TCB_SetSpace(tcb, ep, ROOT, 0, root, 0));
    assert_ok(seL4_TCB_Configure(tcb, ROOT, 0, root, 0, 0, frame));
}

static void test_the_tcb_holds_copies_of_its_spaces(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    seL4_CPtr cnode = harness_object(seL4_CapTableObject, 4);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    assert_ok(seL4_CNode_Move(cnode, 3, 4, ROOT, ep, DEPTH));
    assert_ok(seL4_TCB_Configure(tcb, cnode, seL4_CNode_CapData_new(0, 60).words[0],
                                 seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull));
    /* The original is not the last capability; revoking it takes the copy away. */
    assert_ok(harness_revoke(cnode));
    assert_ok(seL4_CNode_Move(ROOT, ep, DEPTH, cnode, 3, 4));
    assert_int_equal(harness_tag(ep), 4);
    inspect_tree();
}

static void test_suspend_and_resume(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    harness_start(&thread, waiter, ntfn, 'w');
    harness_let_run();
    assert_ok(seL4_TCB_Suspend(thread.tcb));
    seL4_Signal(ntfn);
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_TCB_Resume(thread.tcb)); /* waits again, and finds the signal */
    harness_let_run();
    assert_string_equal(harness_log_text(), "w");
    assert_ok(seL4_TCB_Resume(thread.tcb)); /* blocked: repeats its wait */
    harness_let_run();
    assert_string_equal(harness_log_text(), "w");
}

static void self_suspender(seL4_Word own_tcb, seL4_Word event, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    harness_log((char)event);
    seL4_TCB_Suspend(own_tcb);
    harness_log('!');
}

/* It stopped inside a system call, so it is resumed like one that was blocked: there. */
static void test_a_thread_that_suspended_itself_does_so_again_when_resumed(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_UserContext before;
    seL4_UserContext after;
    harness_start(&thread, self_suspender, thread.tcb, 's');
    harness_let_run();
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &before));
    assert_ok(seL4_TCB_Resume(thread.tcb));
    harness_let_run();
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &after));
    assert_memory_equal(&before, &after, sizeof(before));
    assert_string_equal(harness_log_text(), "s");
}

static void test_flags_are_kept_and_returned(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_TCB_SetFlags_t result = seL4_TCB_SetFlags(thread.tcb, 0, ~0ul);
    assert_ok(result.error);
    assert_int_equal(result.flags, seL4_TCBFlag_fpuDisabled);
    assert_int_equal(seL4_TCB_SetFlags(thread.tcb, 0, 0).flags, seL4_TCBFlag_fpuDisabled);
    assert_int_equal(seL4_TCB_SetFlags(thread.tcb, ~0ul, 0).flags, 0);
}

static void test_tls_base_is_a_register(void)
{
    struct harness_thread thread = harness_thread(10);
    seL4_UserContext context;
    assert_ok(seL4_TCB_SetTLSBase(thread.tcb, 0x123456780));
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, CONTEXT_WORDS, &context));
    assert_int_equal(((seL4_Word *)&context)[HARNESS_CONTEXT_TLS], 0x123456780);
}

static void test_null_and_unknown_labels_are_refused(void)
{
    seL4_CPtr tcb = harness_object(seL4_TCBObject, 0);
    seL4_MessageInfo_t info = seL4_Call(tcb, seL4_MessageInfo_new(UntypedRetype, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_IllegalOperation);
    info = seL4_Call(seL4_CapNull, seL4_MessageInfo_new(TCBSuspend, 0, 0, 0));
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_InvalidCapability);
    assert_int_equal(seL4_MessageInfo_get_length(info), 1);
    assert_int_equal(seL4_GetMR(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_registers_come_back_as_written),
        HARNESS_TEST(test_register_errors),
        HARNESS_TEST(test_copy_registers_copies_the_chosen_half),
        HARNESS_TEST(test_configure_errors_in_order),
        HARNESS_TEST(test_the_tcb_holds_copies_of_its_spaces),
        HARNESS_TEST(test_suspend_and_resume),
        HARNESS_TEST(test_a_thread_that_suspended_itself_does_so_again_when_resumed),
        HARNESS_TEST(test_flags_are_kept_and_returned),
        HARNESS_TEST(test_tls_base_is_a_register),
        HARNESS_TEST(test_null_and_unknown_labels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
