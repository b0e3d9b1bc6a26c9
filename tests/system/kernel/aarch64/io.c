/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Caches, interrupts, SGIs, the secure monitor, and the order of all tests. */
#include "arch_test.h"

#define UART_VADDR   UINT64_C(0x60000000) /* where world's arch_aarch64.c maps the PL011 */
#define UART_IMSC    (0x38 / 4)
#define UART_ICR     (0x44 / 4)
#define UART_DR      0
#define UART_TX      (1u << 5)
#define UART_IRQ     33 /* QEMU virt: SPI 1 */
#define TIMER_IRQ    27
#define IRQ_MAX      159
#define SGI          3
#define PSCI_VERSION UINT64_C(0x84000000)
#define PSCI_OTHER   UINT64_C(0x84000006) /* MIGRATE_INFO_TYPE */

/* ---- caches ---- */

void test_caches(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr space = seL4_CapInitThreadVSpace;
    check_equal(seL4_ARM_Page_Clean_Data(frame, 0, 64), seL4_IllegalOperation,
                "an unmapped page has no cache operations");
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it");
    check(seL4_ARM_Page_Clean_Data(frame, 0, PAGE_BYTES) == seL4_NoError &&
              seL4_ARM_Page_Invalidate_Data(frame, 0, 64) == seL4_NoError &&
              seL4_ARM_Page_CleanInvalidate_Data(frame, 64, 65) == seL4_NoError &&
              seL4_ARM_Page_Unify_Instruction(frame, 0, PAGE_BYTES) == seL4_NoError,
          "then all four work");
    check_equal(seL4_ARM_Page_Clean_Data(frame, 64, 64), seL4_InvalidArgument, "an empty range");
    check_equal(seL4_GetMR(0), 1, "its end is wrong");
    check_equal(seL4_ARM_Page_Clean_Data(frame, 0, PAGE_BYTES + 1), seL4_InvalidArgument,
                "a range beyond the page");
    check_equal(seL4_GetMR(0), 0, "its start is named");
    check(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR, TEST_VADDR + PAGE_BYTES) == seL4_NoError &&
              seL4_ARM_VSpace_Invalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) == seL4_NoError &&
              seL4_ARM_VSpace_CleanInvalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) ==
                  seL4_NoError &&
              seL4_ARM_VSpace_Unify_Instruction(space, TEST_VADDR, TEST_VADDR + 1) == seL4_NoError,
          "and the four by virtual address");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR + 8, TEST_VADDR + PAGE_BYTES + 1),
                seL4_RangeError, "a range that leaves its page");
    check(seL4_GetMR(0) == TEST_VADDR + 8 && seL4_GetMR(1) == TEST_VADDR + PAGE_BYTES - 1,
          "the page's rest is the range");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR, UINT64_C(0x800000000001)),
                seL4_IllegalOperation, "a range above the user half");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR + 16 * PAGE_BYTES,
                                           TEST_VADDR + 17 * PAGE_BYTES),
                seL4_NoError, "an unmapped page is no error");
    check_equal(page_map(frame, TEST_VADDR, seL4_CanRead, 3), seL4_NoError, "map it read-only");
    check(seL4_ARM_VSpace_Invalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) ==
                  seL4_IllegalOperation &&
              seL4_ARM_Page_Invalidate_Data(frame, 0, 64) == seL4_IllegalOperation,
          "then it cannot be invalidated");

    /* Code written as data: ret, after `mov x0, #42`. */
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it writable");
    volatile uint32_t *code = (volatile uint32_t *)TEST_VADDR;
    code[0] = 0xd2800540;
    code[1] = 0xd65f03c0;
    check_equal(seL4_ARM_Page_Unify_Instruction(frame, 0, 64), seL4_NoError, "write code, unify");
    check_equal(((uint64_t(*)(void))TEST_VADDR)(), 42, "and execute it");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmap it");
    uint64_t cache_type;
    uint64_t counter;
    __asm__ volatile("mrs %0, ctr_el0; mrs %1, cntvct_el0" : "=r"(cache_type), "=r"(counter));
    check(cache_type != 0 && counter != 0, "users read CTR_EL0 and CNTVCT_EL0");
}

/* ---- interrupts ---- */

static seL4_Word poll(seL4_CPtr notification)
{
    seL4_Word badge;
    (void)seL4_Poll(notification, &badge);
    return badge;
}

/* The machine may take a moment from the device's register to the interrupt. */
static seL4_Word poll_soon(seL4_CPtr notification)
{
    seL4_Word badge = 0;
    for (int tries = 0; tries < 1000 && badge == 0; tries++) {
        badge = poll(notification);
    }
    return badge;
}

static seL4_Error irq_get(seL4_Word irq, seL4_CPtr slot)
{
    return seL4_IRQControl_Get(seL4_CapIRQControl, irq, seL4_CapInitThreadCNode, slot,
                               seL4_WordBits);
}

void test_irq_errors(void)
{
    check_equal(irq_get(IRQ_MAX + 1, world_slot()), seL4_RangeError, "interrupt 160");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == IRQ_MAX, "of 0 to 159");
    check_equal(irq_get(TIMER_IRQ, world_slot()), seL4_RevokeFirst, "the kernel's timer is taken");
    check_equal(irq_get(UART_IRQ, seL4_CapInitThreadTCB), seL4_DeleteFirst, "a full slot");
    check_equal(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, 16, 0, seL4_CapInitThreadCNode,
                                               world_slot(), seL4_WordBits),
                seL4_RangeError, "SGI 16");
}

void test_uart_interrupt(void)
{
    volatile uint32_t *uart = (volatile uint32_t *)UART_VADDR;
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr badged = mint_of(notification, 0x40);
    seL4_CPtr handler = world_slot();
    check_equal(seL4_IRQControl_GetTrigger(seL4_CapIRQControl, UART_IRQ, 0, seL4_CapInitThreadCNode,
                                           handler, seL4_WordBits),
                seL4_NoError, "issue the UART's interrupt");
    check_equal(irq_get(UART_IRQ, world_slot()), seL4_RevokeFirst, "only once");
    check_equal(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError, "bind it");
    check_equal(poll(notification), 0, "nothing yet");
    uart[UART_IMSC] = UART_TX;
    uart[UART_DR] = '\n';
    check_equal(poll_soon(notification), 0x40, "sending a byte raises it, with its badge");
    check_equal(poll_soon(notification), 0, "and only once before the acknowledgement");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge");
    check_equal(poll_soon(notification), 0x40, "the line is still up: it fires again");
    uart[UART_IMSC] = 0;
    uart[UART_ICR] = UART_TX;
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "silence the device, acknowledge");
    check_equal(poll_soon(notification), 0, "then it is quiet");
    check_equal(seL4_IRQHandler_Clear(handler), seL4_NoError, "unbind it");
    check_equal(delete_slot(handler), seL4_NoError, "delete the handler");
    check_equal(irq_get(UART_IRQ, handler), seL4_NoError, "then it can be issued again");
    check_equal(delete_slot(handler), seL4_NoError, "and deleted");
}

void test_sgi(void)
{
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = world_slot();
    seL4_CPtr signal = world_slot();
    check_equal(irq_get(SGI, handler), seL4_NoError, "a handler for a software interrupt");
    check_equal(seL4_IRQHandler_SetNotification(handler, mint_of(notification, 0x80)), seL4_NoError,
                "bind it");
    check_equal(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, SGI, 0, seL4_CapInitThreadCNode,
                                               signal, seL4_WordBits),
                seL4_NoError, "a capability to send it");
    check_equal(poll(notification), 0, "nothing yet");
    seL4_Signal(signal);
    check_equal(poll_soon(notification), 0x80, "sending raises it");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge");
    check_equal(poll_soon(notification), 0, "once");
    check_equal(delete_slot(handler), seL4_NoError, "delete the handler");
}

/* ---- secure monitor calls ---- */

void test_smc(void)
{
    seL4_ARM_SMCContext request = {.x0 = PSCI_VERSION};
    seL4_ARM_SMCContext answer = {0};
    check_equal(seL4_ARM_SMC_Call(seL4_CapSMC, &request, &answer), seL4_NoError, "PSCI_VERSION");
    check(answer.x0 == 0x2 || (answer.x0 >= 0x10000 && answer.x0 < 0x20000), "0.2 or 1.x");
    seL4_CPtr limited = mint_of(seL4_CapSMC, PSCI_VERSION);
    check_equal(seL4_ARM_SMC_Call(limited, &request, &answer), seL4_NoError,
                "a capability minted for that function may do it");
    request.x0 = PSCI_OTHER;
    check_equal(seL4_ARM_SMC_Call(limited, &request, &answer), seL4_IllegalOperation,
                "but no other");
    check_equal(seL4_ARM_SMC_Call(seL4_CapSMC, &request, &answer), seL4_NoError,
                "which the original may");
    seL4_CPtr copy = world_slot();
    check_equal(seL4_CNode_Mint(seL4_CapInitThreadCNode, copy, seL4_WordBits,
                                seL4_CapInitThreadCNode, limited, seL4_WordBits, seL4_AllRights,
                                PSCI_OTHER),
                seL4_IllegalOperation, "a function is given once");
    check_equal(seL4_CNode_Mutate(seL4_CapInitThreadCNode, copy, seL4_WordBits,
                                  seL4_CapInitThreadCNode, limited, seL4_WordBits, 0),
                seL4_IllegalOperation, "and not changed");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits,
                                seL4_CapInitThreadCNode, limited, seL4_WordBits, seL4_AllRights),
                seL4_NoError, "copy the limited one");
    check_equal(seL4_CNode_Revoke(seL4_CapInitThreadCNode, limited, seL4_WordBits), seL4_NoError,
                "revoke it");
    check_equal(seL4_ARM_SMC_Call(copy, &request, &answer), seL4_InvalidCapability,
                "that takes the copy");
    check_equal(delete_slot(limited), seL4_NoError, "delete it");
    check_equal(seL4_ARM_SMC_Call(seL4_CapSMC, &request, &answer), seL4_NoError,
                "the original stays");
}

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
    test_large_pages();
    test_asids();
    test_caches();
    test_irq_errors();
    test_uart_interrupt();
    test_sgi();
    test_smc();
}

void arch_reset(void)
{
    arch_power_off();
}
