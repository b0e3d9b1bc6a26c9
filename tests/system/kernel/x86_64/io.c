/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* I/O ports, interrupts, the IOMMU's labels without an IOMMU, and the order of all tests. */
#include "arch_test.h"

#define VECTOR_TEST 20

static seL4_CPtr issue(seL4_Word first, seL4_Word last, seL4_Error expected, const char *name)
{
    seL4_CPtr slot = world_slot();
    check_equal(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last,
                                             seL4_CapInitThreadCNode, slot, 64),
                expected, name);
    return slot;
}

void test_ports(void)
{
    seL4_CPtr cmos = issue(0x70, 0x71, seL4_NoError, "issue ports 0x70..0x71");
    (void)issue(0x71, 0x80, seL4_RevokeFirst, "an overlapping range is refused");
    (void)issue(0x80, 0x7f, seL4_InvalidArgument, "so is a reversed one");
    check_equal(seL4_X86_IOPort_Out8(cmos, 0x70, 0x0b), seL4_NoError, "write a port");
    seL4_X86_IOPort_In8_t status = seL4_X86_IOPort_In8(cmos, 0x71);
    check(status.error == 0 && (status.result & 2) != 0, "read a port: the clock is in 24 h mode");
    check_equal((seL4_Word)seL4_X86_IOPort_In16(cmos, 0x71).error, seL4_IllegalOperation,
                "a wide access over the end is refused");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, cmos, 64), seL4_NoError,
                "delete the range");
    (void)issue(0x70, 0x71, seL4_NoError, "it can be issued again");
    seL4_CPtr last = issue(0xfff0, 0xffff, seL4_NoError, "up to the last port");
    seL4_CPtr copy = world_slot();
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, 64, seL4_CapInitThreadCNode, last,
                                64, seL4_AllRights),
                seL4_NoError, "copy a range");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, last, 64), seL4_NoError,
                "delete the original");
    (void)issue(0xffff, 0xffff, seL4_RevokeFirst, "its copy still has the ports");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, copy, 64), seL4_NoError,
                "delete the copy");
    (void)issue(0xffff, 0xffff, seL4_NoError, "then they are free");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, 64, seL4_CapInitThreadCNode,
                                seL4_CapIOPortControl, 64, seL4_AllRights),
                seL4_IllegalOperation, "the control capability can't be copied");
}

void test_interrupts(void)
{
    seL4_CPtr handler = world_slot();
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, handler, 64,
                                          0, 2, 0, 0, VECTOR_TEST),
                seL4_NoError, "handler for the interval timer's pin");
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                          64, 1, 2, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "there is one IOAPIC");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == 0, "numbers 0..0");
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                          64, 0, 24, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "it has 24 pins");
    check_equal(seL4_GetMR(1), 23, "0..23");
    check_equal(
        seL4_IRQControl_Get(seL4_CapIRQControl, 4, seL4_CapInitThreadCNode, world_slot(), 64),
        seL4_IllegalOperation, "plain Get is IllegalOperation");
    check_equal(seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                       64, 0, 32, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "MSI device 32 is out of range");
    check_equal(seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                       64, 0, 31, 7, 0, VECTOR_TEST + 1),
                seL4_NoError, "31 is not");

    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr badged = world_slot();
    check_equal(seL4_CNode_Mint(seL4_CapInitThreadCNode, badged, 64, seL4_CapInitThreadCNode,
                                notification, 64, seL4_AllRights, 0x40),
                seL4_NoError, "badge a notification");
    check_equal(seL4_IRQHandler_SetNotification(handler, seL4_CapInitThreadTCB),
                seL4_InvalidCapability, "a TCB is no notification");
    check_equal(seL4_GetMR(0), 0, "counted as capability 0");
    check_equal(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError, "set it");
    seL4_CPtr pit = issue(0x40, 0x43, seL4_NoError, "issue the interval timer's ports");
    (void)seL4_X86_IOPort_Out8(pit, 0x43, 0x34); /* channel 0, rate generator */
    (void)seL4_X86_IOPort_Out8(pit, 0x40, 0xff);
    (void)seL4_X86_IOPort_Out8(pit, 0x40, 0x03); /* about 0.9 ms */
    (void)seL4_IRQHandler_Ack(handler);          /* the BIOS's may have come before */
    seL4_Word badge = 0;
    seL4_Wait(notification, &badge);
    check_equal(badge, 0x40, "the interrupt arrives with the badge");
    for (int i = 0; i < 3; i++) {
        check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge it");
        seL4_Wait(notification, &badge);
    }
    uint64_t start = arch_counter();
    while (arch_counter() - start < 5000000) {
    }
    (void)seL4_Poll(notification, &badge);
    check_equal(badge, 0, "without acknowledgement there is no other");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge it");
    seL4_Wait(notification, &badge);
    check_equal(badge, 0x40, "with it there is");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, handler, 64), seL4_NoError,
                "delete the handler");
    /* For a pin that stays silent: the kernel would report the timer's interrupt as lost. */
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, handler, 64,
                                          0, 23, 0, 0, VECTOR_TEST),
                seL4_NoError, "the vector can be issued again");
}

#ifdef CONFIG_IOMMU
void test_iommu_labels(void)
{
    seL4_CPtr table = world_object(seL4_X86_IOPageTableObject, 0);
    seL4_CPtr frame = world_object(seL4_X86_4K, 0);
    check_equal(seL4_X86_IOPageTable_Map(table, seL4_CapIOSpace, 0), seL4_InvalidCapability,
                "an IO page table can't be mapped without an IO space");
    check_equal(seL4_GetMR(0), 0, "capability 0");
    check_equal(seL4_X86_IOPageTable_Unmap(table), seL4_NoError, "unmapping it succeeds");
    check_equal(seL4_X86_Page_MapIO(frame, seL4_CapIOSpace, seL4_AllRights, 0),
                seL4_InvalidCapability, "nor can a page");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), 64, seL4_CapInitThreadCNode,
                                table, 64, seL4_AllRights),
                seL4_IllegalOperation, "an unmapped IO page table can't be copied");
}
#endif

void arch_tests(void)
{
    test_exceptions();
    test_unknown_syscall();
    test_exception_reply();
    test_debug_syscalls();
    test_preemption();
    test_fpu();
    test_tls();
#ifdef CONFIG_HARDWARE_DEBUG_API
    test_breakpoints();
#endif
    test_pages();
    test_page_map_order();
    test_table_map_order();
    test_huge_page();
#ifdef CONFIG_DEBUG_BUILD
    test_identify();
#endif
    test_asids();
    test_ports();
    test_interrupts();
#ifdef CONFIG_IOMMU
    if (seL4_GetBootInfo()->numIOPTLevels > 0) {
        iommu_tests();
    } else {
        test_iommu_labels();
    }
#else
    check_equal(seL4_GetBootInfo()->numIOPTLevels, (seL4_Word)-1, "no IOMMU in this kernel");
#endif
}

_Noreturn void arch_reset(void)
{
    arch_power_off();
}
