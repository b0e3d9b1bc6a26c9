/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Faults as messages, what replies restore, and threads without a handler. The host only, where a
 * thread faults by a call; tests/system/kernel has the real ones.
 */
#include "harness.h"

#include <string.h>

enum {
    HANDLER_BADGE = 0x77,
    BAD_SYSCALL = -100
};

static seL4_CPtr handler_ep;
static seL4_CPtr reply;

/* A thread whose faults come to handler_ep with HANDLER_BADGE. */
static struct harness_thread supervised(void)
{
    struct harness_thread thread = harness_thread(10);
    handler_ep = harness_object(seL4_EndpointObject, 0);
    reply = harness_object(seL4_ReplyObject, 0);
    seL4_CPtr cap = harness_mint(handler_ep, seL4_AllRights, HANDLER_BADGE);
    assert_ok(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, 0, 10, thread.sc, cap));
    return thread;
}

static seL4_MessageInfo_t next_fault(seL4_Word label, seL4_Word length)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(handler_ep, &badge, reply);
    assert_int_equal(badge, HANDLER_BADGE);
    assert_int_equal(seL4_MessageInfo_get_label(info), label);
    assert_int_equal(seL4_MessageInfo_get_length(info), length);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 0);
    return info;
}

static void answer(seL4_Word label, seL4_Word length)
{
    seL4_Send(reply, seL4_MessageInfo_new(label, 0, 0, length));
    harness_let_run();
}

/* ---- page faults ---- */

static void page_faulter(seL4_Word address, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    kernel_host_fault_vm(address, false, 0x92000046);
    harness_log('v');
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_a_page_fault_restarts_after_any_reply(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, page_faulter, 0xdead000, 0);
    next_fault(seL4_Fault_VMFault, seL4_VMFault_Length);
    assert_int_equal(seL4_GetMR(seL4_VMFault_Addr), 0xdead000);
    assert_int_equal(seL4_GetMR(seL4_VMFault_PrefetchFault), 0);
    assert_int_equal(seL4_GetMR(seL4_VMFault_FSR), 0x92000046);
    answer(99, 0); /* the label does not matter */
    assert_string_equal(harness_log_text(), "v");
    next_fault(seL4_Fault_CapFault, 5);
}

/* ---- unknown system calls and exceptions ---- */

static void bad_caller(seL4_Word value, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    struct kernel_host_regs regs = {.x = {value, 1, 2, 3, 4, 5, 6, (uint64_t)BAD_SYSCALL, 8}};
    (void)unused1;
    (void)unused2;
    (void)unused3;
    kernel_host_syscall(&regs);
    harness_log((char)regs.x[0]);
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_an_unknown_system_call_is_emulated_by_its_handler(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, bad_caller, 'a', 0);
    next_fault(seL4_Fault_UnknownSyscall, seL4_UnknownSyscall_Length);
    assert_int_equal(seL4_GetMR(seL4_UnknownSyscall_X0), 'a');
    assert_int_equal(seL4_GetMR(seL4_UnknownSyscall_X6), 6);
    assert_int_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)BAD_SYSCALL);
    answer(0, 0); /* unchanged: the system call happens again */
    next_fault(seL4_Fault_UnknownSyscall, seL4_UnknownSyscall_Length);
    seL4_SetMR(seL4_UnknownSyscall_X0, 'z');
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_FaultIP) + 4);
    answer(0, seL4_UnknownSyscall_FaultIP + 1);
    assert_string_equal(harness_log_text(), "z");
}

static void test_a_reply_with_a_label_stops_the_thread(void)
{
    struct harness_thread thread = supervised();
    seL4_UserContext context;
    harness_start(&thread, bad_caller, 'a', 0);
    next_fault(seL4_Fault_UnknownSyscall, seL4_UnknownSyscall_Length);
    answer(1, 0);
    assert_string_equal(harness_log_text(), "");
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, 36, &context));
    assert_int_equal(context.x0, 'a');
    assert_ok(seL4_TCB_Resume(thread.tcb));
    next_fault(seL4_Fault_UnknownSyscall, seL4_UnknownSyscall_Length);
}

static void exception_raiser(seL4_Word number, seL4_Word unused1, seL4_Word unused2,
                             seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    kernel_host_fault_exception(number, 0);
    harness_log('e');
    seL4_Wait(seL4_CapNull, NULL);
}

static void test_an_exception_reply_restores_ip_sp_and_flags(void)
{
    struct harness_thread thread = supervised();
    seL4_UserContext context;
    harness_start(&thread, exception_raiser, 0xf2000000, 0);
    next_fault(seL4_Fault_UserException, seL4_UserException_Length);
    assert_int_equal(seL4_GetMR(seL4_UserException_Number), 0xf2000000);
    seL4_SetMR(seL4_UserException_SP, 0x1234560);
    seL4_SetMR(seL4_UserException_SPSR, ~0ul);
    answer(0, 3);
    assert_string_equal(harness_log_text(), "e");
    assert_ok(seL4_TCB_ReadRegisters(thread.tcb, false, 0, 36, &context));
    assert_int_equal(context.sp, 0x1234560);
    assert_int_equal(context.spsr, 0xf0000000ul | 0x40); /* only the condition flags are taken */
}

/* ---- handlers ---- */

static void test_a_thread_without_handler_stops_with_a_message(void)
{
    struct harness_thread thread = harness_thread(10);
    harness_start(&thread, page_faulter, 0xdead000, 0);
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
    assert_non_null(strstr(kernel_host_console(), "VMFault of 'child of: 'rootserver''"));
    assert_non_null(strstr(kernel_host_console(), ": 0xdead000 0x0 "));
    assert_ok(seL4_TCB_Resume(thread.tcb));
    harness_let_run();
    assert_string_equal(harness_log_text(), "v");
}

static void test_a_handler_without_reply_object_loses_the_thread(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, page_faulter, 1, 0);
    seL4_MessageInfo_t info = seL4_Wait(handler_ep, NULL);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_VMFault);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
}

static void test_a_fault_waits_for_its_handler(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, page_faulter, 2, 0);
    harness_let_run();
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_NBRecv(handler_ep, &badge, reply);
    assert_int_equal(badge, HANDLER_BADGE);
    assert_int_equal(seL4_MessageInfo_get_label(info), seL4_Fault_VMFault);
    answer(0, 0);
    assert_string_equal(harness_log_text(), "v");
}

static void test_deleting_the_handler_endpoint_stops_the_faulted_thread(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, page_faulter, 3, 0);
    harness_let_run();
    assert_ok(harness_revoke(handler_ep));
    assert_ok(harness_delete(handler_ep));
    harness_let_run();
    assert_string_equal(harness_log_text(), "");
}

static void test_a_long_fault_message_without_buffer_is_cut(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, bad_caller, 'a', 0);
    assert_ok(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0, seL4_CapNull));
    seL4_MessageInfo_t info = seL4_Recv(handler_ep, NULL, reply);
    assert_int_equal(seL4_MessageInfo_get_length(info), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_a_page_fault_restarts_after_any_reply),
        HARNESS_TEST(test_an_unknown_system_call_is_emulated_by_its_handler),
        HARNESS_TEST(test_a_reply_with_a_label_stops_the_thread),
        HARNESS_TEST(test_an_exception_reply_restores_ip_sp_and_flags),
        HARNESS_TEST(test_a_thread_without_handler_stops_with_a_message),
        HARNESS_TEST(test_a_handler_without_reply_object_loses_the_thread),
        HARNESS_TEST(test_a_fault_waits_for_its_handler),
        HARNESS_TEST(test_deleting_the_handler_endpoint_stops_the_faulted_thread),
        HARNESS_TEST(test_a_long_fault_message_without_buffer_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
