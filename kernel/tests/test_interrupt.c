/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupts: handlers, and long operations that they interrupt. The host only: it raises them at
 * will.
 */
#include "harness.h"
#include "inspect.h"

#include <string.h>

enum {
    IRQ = 50
};

/* ---- handlers ---- */

static void test_an_interrupt_signals_once_until_acknowledged(void)
{
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_slot();
    seL4_Word badge;
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_ok(seL4_IRQHandler_SetNotification(handler, harness_mint(ntfn, seL4_CanWrite, 0x20)));
    kernel_host_raise_irq(IRQ);
    seL4_Wait(ntfn, &badge);
    assert_int_equal(badge, 0x20);
    kernel_host_raise_irq(IRQ);
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 0);
    assert_ok(seL4_IRQHandler_Ack(handler));
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 0x20);
    assert_ok(seL4_IRQHandler_Clear(handler));
    assert_ok(seL4_IRQHandler_Ack(handler));
    kernel_host_raise_irq(IRQ);
    seL4_Poll(ntfn, &badge);
    assert_int_equal(badge, 0);
}

static void test_interrupt_handlers_are_issued_once(void)
{
    seL4_CPtr handler = harness_slot();
    seL4_CPtr second = harness_slot();
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    assert_range_error(seL4_IRQControl_Get(seL4_CapIRQControl, 160, ROOT, handler, DEPTH), 0, 159);
    assert_error(seL4_IRQControl_Get(seL4_CapIRQControl, 27, ROOT, handler, DEPTH),
                 seL4_RevokeFirst); /* the kernel's timer */
    assert_error(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, ntfn, DEPTH), seL4_DeleteFirst);
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_error(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, second, DEPTH),
                 seL4_RevokeFirst);
    assert_error_word(seL4_IRQHandler_SetNotification(handler, handler), seL4_InvalidCapability, 0);
    assert_ok(seL4_CNode_Copy(ROOT, second, DEPTH, ROOT, handler, DEPTH, seL4_AllRights));
    assert_ok(harness_delete(handler));
    assert_error(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH),
                 seL4_RevokeFirst);
    assert_ok(harness_delete(second));
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_ok(harness_revoke(seL4_CapIRQControl));
    assert_int_equal(harness_tag(handler), 0);
    inspect_tree();
}

/* ---- preemption ---- */

static void interrupted(seL4_Word ntfn, seL4_Word irq_handler, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    for (;;) {
        seL4_Wait(ntfn, NULL);
        harness_log('i');
        seL4_IRQHandler_Ack(irq_handler);
    }
}

/* A pending interrupt is served in the middle of a long revoke, which then goes on by itself. */
static void test_revoke_is_preempted_by_interrupts(void)
{
    enum {
        COPIES = 1000
    };
    struct harness_thread thread = harness_thread(255);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_slot();
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_ok(seL4_IRQHandler_SetNotification(handler, ntfn));
    harness_set_own_priority(254);
    harness_start(&thread, interrupted, ntfn, handler);

    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr last = 0;
    for (int i = 0; i < COPIES; i++) {
        last = harness_mint(ep, seL4_AllRights, (seL4_Word)i);
    }
    seL4_Word served_before = kernel_host_interrupts();
    kernel_host_raise_irq_after(IRQ, 3);
    assert_ok(harness_revoke(ep));
    assert_int_equal(kernel_host_interrupts(), served_before + 1);
    assert_string_equal(harness_log_text(), "i");
    assert_int_equal(harness_tag(last), 0);
    inspect_tree();
}

/* Zeroing is long work: an interrupt is served in between, and the call then ends as it should. */
static void test_clearing_is_preempted_by_interrupts(void)
{
    struct harness_thread thread = harness_thread(255);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_slot();
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_ok(seL4_IRQHandler_SetNotification(handler, ntfn));
    harness_set_own_priority(254);
    harness_start(&thread, interrupted, ntfn, handler);

    seL4_CPtr untyped = harness_untyped(seL4_LargePageBits);
    seL4_CPtr slot = harness_slot();
    assert_ok(seL4_Untyped_Retype(untyped, seL4_ARM_LargePageObject, 0, ROOT, 0, 0, slot, 1));
    unsigned char *page = harness_memory(slot);
    memset(page, 0xee, 1ul << seL4_LargePageBits);
    assert_ok(harness_delete(slot));
    kernel_host_raise_irq_after(IRQ, 5);
    assert_ok(seL4_Untyped_Retype(untyped, seL4_ARM_LargePageObject, 0, ROOT, 0, 0, slot, 1));
    assert_string_equal(harness_log_text(), "i");
    for (unsigned long i = 0; i < 1ul << seL4_LargePageBits; i++) {
        assert_true(page[i] == 0);
    }
    inspect_tree();
}

/* Capabilities issued for the same software interrupt are siblings; copies are children. */
static void test_software_interrupts_are_issued_again_and_again(void)
{
    seL4_CPtr first = harness_slot();
    seL4_CPtr second = harness_slot();
    assert_ok(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, 3, 0, ROOT, first, DEPTH));
    seL4_CPtr copy = harness_mint(first, seL4_AllRights, 0);
    assert_ok(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, 3, 0, ROOT, second, DEPTH));
    assert_ok(harness_revoke(second));
    assert_int_equal(harness_tag(first), harness_tag(second));
    assert_int_equal(harness_tag(copy), harness_tag(second));
    assert_ok(harness_revoke(first));
    assert_int_equal(harness_tag(copy), 0);
    assert_int_equal(harness_tag(second), harness_tag(first));
    assert_ok(harness_revoke(seL4_CapIRQControl));
    assert_int_equal(harness_tag(first), 0);
    assert_int_equal(harness_tag(second), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_an_interrupt_signals_once_until_acknowledged),
        HARNESS_TEST(test_interrupt_handlers_are_issued_once),
        HARNESS_TEST(test_software_interrupts_are_issued_again_and_again),
        HARNESS_TEST(test_revoke_is_preempted_by_interrupts),
        HARNESS_TEST(test_clearing_is_preempted_by_interrupts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
