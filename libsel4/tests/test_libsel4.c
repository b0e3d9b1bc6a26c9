/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Accessors of packed words and faults, and where stubs put their arguments. The kernel entry is
 * a recorder (fake_kernel.c), so the registers of every call can be looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sel4/sel4.h>

#include "fake_kernel.h"

static seL4_IPCBuffer buffer;

static int set_up(void **state)
{
    (void)state;
    memset(&buffer, 0, sizeof(buffer));
    memset(&fake_kernel_in, 0, sizeof(fake_kernel_in));
    memset(&fake_kernel_out, 0, sizeof(fake_kernel_out));
    seL4_SetIPCBuffer(&buffer);
    return 0;
}

static void test_message_info_fields_do_not_overlap(void **state)
{
    (void)state;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0xabcdef0123456, 5, 2, 99);
    assert_int_equal(info.words[0], 0xabcdef0123456ul << 12 | 5 << 9 | 2 << 7 | 99);
    assert_int_equal(seL4_MessageInfo_get_label(info), 0xabcdef0123456);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 5);
    assert_int_equal(seL4_MessageInfo_get_extraCaps(info), 2);
    assert_int_equal(seL4_MessageInfo_get_length(info), 99);
    info = seL4_MessageInfo_set_length(info, 7);
    assert_int_equal(seL4_MessageInfo_get_length(info), 7);
    assert_int_equal(seL4_MessageInfo_get_label(info), 0xabcdef0123456);
    seL4_MessageInfo_ptr_set_label(&info, 1);
    assert_int_equal(seL4_MessageInfo_ptr_get_label(&info), 1);
    assert_int_equal(seL4_MessageInfo_get_capsUnwrapped(info), 5);
}

static void test_message_info_cuts_values_that_do_not_fit(void **state)
{
    (void)state;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 7, 0x180);
    assert_int_equal(info.words[0], 3 << 7);
}

static void test_rights_constants_have_their_bits(void **state)
{
    (void)state;
    assert_int_equal(seL4_CanWrite.words[0], 1);
    assert_int_equal(seL4_CanRead.words[0], 2);
    assert_int_equal(seL4_CanGrant.words[0], 4);
    assert_int_equal(seL4_CanGrantReply.words[0], 8);
    assert_int_equal(seL4_ReadWrite.words[0], 3);
    assert_int_equal(seL4_AllRights.words[0], 0xf);
    assert_int_equal(seL4_NoWrite.words[0], 0xe);
    assert_int_equal(seL4_NoRead.words[0], 0xd);
    assert_int_equal(seL4_NoRights.words[0], 0);
    seL4_CapRights_t rights = seL4_CapRights_set_capAllowGrant(seL4_CanRead, 1);
    assert_int_equal(rights.words[0], 6);
    assert_int_equal(seL4_CapRights_get_capAllowRead(rights), 1);
    assert_int_equal(seL4_CapRights_get_capAllowWrite(rights), 0);
}

static void test_cnode_data_is_guard_above_six_size_bits(void **state)
{
    (void)state;
    seL4_CNode_CapData_t data = seL4_CNode_CapData_new(0x123, 52);
    assert_int_equal(data.words[0], 0x123 << 6 | 52);
    assert_int_equal(seL4_CNode_CapData_get_guard(data), 0x123);
    assert_int_equal(seL4_CNode_CapData_get_guardSize(data), 52);
}

static void test_faults_are_read_from_the_buffer(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        seL4_SetMR(i, 100 + (seL4_Word)i);
    }
    seL4_MessageInfo_t tag = seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, seL4_VMFault_Length);
    assert_true(seL4_isVMFault_tag(tag));
    assert_false(seL4_isCapFault_tag(tag));
    seL4_Fault_t fault = seL4_getFault(tag);
    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    assert_int_equal(seL4_Fault_VMFault_get_IP(fault), 100);
    assert_int_equal(seL4_Fault_VMFault_get_Addr(fault), 101);
    assert_int_equal(seL4_Fault_VMFault_get_PrefetchFault(fault), 102);
    assert_int_equal(seL4_Fault_VMFault_get_FSR(fault), 103);

    fault = seL4_getFault(
        seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, seL4_UnknownSyscall_Length));
    assert_int_equal(seL4_Fault_UnknownSyscall_get_FaultIP(fault),
                     100 + seL4_UnknownSyscall_FaultIP);
    assert_int_equal(seL4_Fault_UnknownSyscall_get_Syscall(fault),
                     100 + seL4_UnknownSyscall_Syscall);

    /* Absent words are zero; a label that is no fault gives the null fault. */
    fault = seL4_getFault(seL4_MessageInfo_new(seL4_Fault_Timeout, 0, 0, 1));
    assert_int_equal(seL4_Fault_Timeout_get_data(fault), 100);
    assert_int_equal(seL4_Fault_Timeout_get_consumed(fault), 0);
    fault = seL4_getFault(seL4_MessageInfo_new(77, 0, 0, 4));
    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_NullFault);
}

static void test_fault_constructors_agree_with_accessors(void **state)
{
    (void)state;
    seL4_Fault_t fault = seL4_Fault_CapFault_new(1, 2, 1, seL4_GuardMismatch, 4, 5, 6);
    assert_int_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_CapFault);
    assert_int_equal(seL4_Fault_CapFault_get_Addr(fault), 2);
    assert_int_equal(seL4_Fault_CapFault_get_LookupFailureType(fault), seL4_GuardMismatch);
    assert_int_equal(seL4_Fault_CapFault_get_MR6(fault), 6);
    fault = seL4_Fault_UserException_new(10, 20, 30, 6, 0);
    assert_int_equal(seL4_Fault_UserException_get_Stack(fault), 20);
    assert_int_equal(seL4_Fault_UserException_get_Number(fault), 6);
    fault = seL4_Fault_UserException_set_Number(fault, 13);
    assert_int_equal(seL4_Fault_UserException_get_Number(fault), 13);
}

static void test_call_fills_registers_and_buffer(void **state)
{
    (void)state;
    fake_kernel_out.x[1] = seL4_NoError << 12;
    assert_int_equal(seL4_Untyped_Retype(40, seL4_EndpointObject, 0, 2, 3, 64, 500, 6),
                     seL4_NoError);
    assert_int_equal((int64_t)fake_kernel_in.x[7], seL4_SysCall);
    assert_int_equal(fake_kernel_in.x[0], 40);
    assert_int_equal(fake_kernel_in.x[1], seL4_MessageInfo_new(UntypedRetype, 0, 1, 6).words[0]);
    assert_int_equal(fake_kernel_in.x[2], seL4_EndpointObject);
    assert_int_equal(fake_kernel_in.x[4], 3);
    assert_int_equal(fake_kernel_in.x[5], 64);
    assert_int_equal(buffer.msg[4], 500);
    assert_int_equal(buffer.msg[5], 6);
    assert_int_equal(buffer.caps_or_badges[0], 2);
}

static void test_failed_call_leaves_details_in_the_buffer(void **state)
{
    (void)state;
    fake_kernel_out.x[1] = (uint64_t)seL4_RangeError << 12 | 2;
    fake_kernel_out.x[2] = 20;
    fake_kernel_out.x[3] = 1000;
    assert_int_equal(seL4_SchedControl_Configure(5, 6, 1, 2, 3, 4), seL4_RangeError);
    assert_int_equal(fake_kernel_in.x[5], 4);
    assert_int_equal(buffer.msg[4], 0);
    assert_int_equal(seL4_GetMR(0), 20);
    assert_int_equal(seL4_GetMR(1), 1000);
}

static void test_registers_travel_in_context_order(void **state)
{
    (void)state;
    seL4_UserContext regs;
    seL4_Word *words = (seL4_Word *)&regs;
    for (size_t i = 0; i < sizeof(regs) / sizeof(seL4_Word); i++) {
        words[i] = 1000 + i;
    }
    assert_int_equal(seL4_TCB_WriteRegisters(9, 1, 0, 36, &regs), seL4_NoError);
    assert_int_equal(seL4_MessageInfo_get_length((seL4_MessageInfo_t){{fake_kernel_in.x[1]}}), 38);
    assert_int_equal(fake_kernel_in.x[2], 1);
    assert_int_equal(fake_kernel_in.x[3], 36);
    assert_int_equal(fake_kernel_in.x[4], 1000);
    assert_int_equal(buffer.msg[4], 1002);
    assert_int_equal(buffer.msg[37], 1035);

    for (int i = 0; i < 4; i++) {
        fake_kernel_out.x[2 + i] = 70 + (uint64_t)i;
        buffer.msg[4 + i] = 74 + (seL4_Word)i;
    }
    assert_int_equal(seL4_TCB_ReadRegisters(9, 0, 0, 8, &regs), seL4_NoError);
    assert_int_equal(regs.pc, 70);
    assert_int_equal(regs.x4, 77);
    assert_int_equal(regs.x5, 1008); /* not asked for */
}

static void test_words_beyond_the_length_are_not_sent(void **state)
{
    (void)state;
    seL4_Word mr0 = 1;
    seL4_Word mr1 = 2;
    seL4_Word mr2 = 3;
    fake_kernel_out.x[2] = 11;
    fake_kernel_out.x[3] = 12;
    seL4_CallWithMRs(7, seL4_MessageInfo_new(0, 0, 0, 2), &mr0, &mr1, &mr2, seL4_Null);
    assert_int_equal(fake_kernel_in.x[2], 1);
    assert_int_equal(fake_kernel_in.x[3], 2);
    assert_int_equal(fake_kernel_in.x[4], 0);
    assert_int_equal(mr0, 11);
    assert_int_equal(mr1, 12);
}

static void test_compound_calls_name_both_capabilities(void **state)
{
    (void)state;
    seL4_Word sender = 0;
    fake_kernel_out.x[0] = 0x8000000000000001;
    seL4_NBSendRecv(3, seL4_MessageInfo_new(1, 0, 0, 0), 4, &sender, 5);
    assert_int_equal((int64_t)fake_kernel_in.x[7], seL4_SysNBSendRecv);
    assert_int_equal(fake_kernel_in.x[0], 4);
    assert_int_equal(fake_kernel_in.x[6], 5);
    assert_int_equal(fake_kernel_in.x[8], 3);
    assert_int_equal(sender, 0x8000000000000001);

    seL4_NBSendWait(3, seL4_MessageInfo_new(1, 0, 0, 0), 4, &sender);
    assert_int_equal((int64_t)fake_kernel_in.x[7], seL4_SysNBSendWait);
    assert_int_equal(fake_kernel_in.x[0], 4);
    assert_int_equal(fake_kernel_in.x[6], 3);

    seL4_ReplyRecv(4, seL4_MessageInfo_new(1, 0, 0, 0), &sender, 5);
    assert_int_equal((int64_t)fake_kernel_in.x[7], seL4_SysReplyRecv);
    assert_int_equal(fake_kernel_in.x[6], 5);
}

static void test_extra_refills_follow_the_object_size(void **state)
{
    (void)state;
    assert_int_equal(seL4_MaxExtraRefills(7), 0);
    assert_int_equal(seL4_MaxExtraRefills(8), 8);
    assert_int_equal(seL4_MaxExtraRefills(12), 248);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_message_info_fields_do_not_overlap, set_up),
        cmocka_unit_test_setup(test_message_info_cuts_values_that_do_not_fit, set_up),
        cmocka_unit_test_setup(test_rights_constants_have_their_bits, set_up),
        cmocka_unit_test_setup(test_cnode_data_is_guard_above_six_size_bits, set_up),
        cmocka_unit_test_setup(test_faults_are_read_from_the_buffer, set_up),
        cmocka_unit_test_setup(test_fault_constructors_agree_with_accessors, set_up),
        cmocka_unit_test_setup(test_call_fills_registers_and_buffer, set_up),
        cmocka_unit_test_setup(test_failed_call_leaves_details_in_the_buffer, set_up),
        cmocka_unit_test_setup(test_registers_travel_in_context_order, set_up),
        cmocka_unit_test_setup(test_words_beyond_the_length_are_not_sent, set_up),
        cmocka_unit_test_setup(test_compound_calls_name_both_capabilities, set_up),
        cmocka_unit_test_setup(test_extra_refills_follow_the_object_size, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
