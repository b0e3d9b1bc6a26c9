/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Capability faults: which system call faults when, and the words of the message. */
#include "harness.h"

enum {
    HANDLER_BADGE = 0x77,
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

static void cap_faulter(seL4_Word cptr, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    seL4_Send(cptr, seL4_MessageInfo_new(0, 0, 0, 0));
    harness_log('s');
    seL4_Wait(cptr, NULL);
    harness_log('r');
}

static void test_an_unresolvable_pointer_faults_in_both_phases(void)
{
    struct harness_thread thread = supervised();
    seL4_CPtr fixed = harness_object(seL4_CapTableObject, 4);
    seL4_CPtr beyond = 1ul << CONFIG_ROOT_CNODE_SIZE_BITS;
    harness_start(&thread, cap_faulter, beyond, 0);
    next_fault(seL4_Fault_CapFault, 7);
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), beyond);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), 0);
    assert_int_equal(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_GuardMismatch);
    assert_int_equal(seL4_GetMR(seL4_CapFault_BitsLeft), 64);
    assert_int_equal(seL4_GetMR(seL4_CapFault_GuardMismatch_GuardFound), 0);
    assert_int_equal(seL4_GetMR(seL4_CapFault_GuardMismatch_BitsFound),
                     64 - CONFIG_ROOT_CNODE_SIZE_BITS);
    /* With another CSpace the send goes to an empty slot, quietly; the wait faults. */
    seL4_CNode_CapData_t guard = seL4_CNode_CapData_new(0, 60);
    assert_ok(seL4_TCB_SetSpace(thread.tcb, handler_ep, fixed, guard.words[0],
                                seL4_CapInitThreadVSpace, 0));
    answer(0, 0);
    assert_string_equal(harness_log_text(), "");
}

static void test_an_empty_slot_faults_when_received_on(void)
{
    struct harness_thread thread = supervised();
    harness_start(&thread, cap_faulter, seL4_CapNull, 0);
    next_fault(seL4_Fault_CapFault, 5);
    assert_string_equal(harness_log_text(), "s"); /* sending to it is silent */
    assert_int_equal(seL4_GetMR(seL4_CapFault_Addr), seL4_CapNull);
    assert_int_equal(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    assert_int_equal(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
    assert_int_equal(seL4_GetMR(seL4_CapFault_BitsLeft), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_an_unresolvable_pointer_faults_in_both_phases),
        HARNESS_TEST(test_an_empty_slot_faults_when_received_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
