/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupts: handlers, and long operations that they interrupt. The host only: it raises them at
 * will, and has room for hundreds of threads.
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

/* A thread more urgent than the test's own waits for the interrupt. */
static void start_interrupted(harness_function function)
{
    struct harness_thread thread = harness_thread(255);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = harness_slot();
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ, ROOT, handler, DEPTH));
    assert_ok(seL4_IRQHandler_SetNotification(handler, ntfn));
    harness_set_own_priority(254);
    harness_start(&thread, function, ntfn, handler);
}

/* A pending interrupt is served in the middle of a long revoke, which then goes on by itself. */
static void test_revoke_is_preempted_by_interrupts(void)
{
    enum {
        COPIES = 1000
    };
    start_interrupted(interrupted);

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

/* As soon as an interrupt is served, the device has the next one ready, until there were three. */
static void interrupted_again(seL4_Word ntfn, seL4_Word irq_handler, seL4_Word unused1,
                              seL4_Word unused2)
{
    (void)unused1;
    (void)unused2;
    for (int i = 0; i < 3; i++) {
        seL4_Wait(ntfn, NULL);
        harness_log('i');
        seL4_IRQHandler_Ack(irq_handler);
        kernel_host_raise_irq_after(IRQ, 3);
    }
}

/*
 * A revoke of the memory of a CNode that holds the last capability to another one, which is made of
 * other memory: that one ends, too, and all the while interrupts are served.
 */
static void test_a_preempted_revoke_ends_what_belongs_elsewhere(void)
{
    enum {
        OUTER_BITS = 3,
        INNER_BITS = 8
    };
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr inner = harness_object(seL4_CapTableObject, INNER_BITS);
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ + 1, inner, 1, INNER_BITS));
    for (seL4_Word i = 2; i < 1 << INNER_BITS; i++) {
        assert_ok(seL4_CNode_Copy(inner, i, INNER_BITS, ROOT, ep, DEPTH, seL4_AllRights));
    }
    seL4_CPtr arena = harness_untyped(12);
    seL4_CPtr outer = harness_slot();
    assert_ok(seL4_Untyped_Retype(arena, seL4_CapTableObject, OUTER_BITS, ROOT, 0, 0, outer, 1));
    assert_ok(seL4_CNode_Move(outer, 1, OUTER_BITS, ROOT, inner, DEPTH));
    start_interrupted(interrupted_again);
    kernel_host_raise_irq_after(IRQ, 3);
    assert_ok(harness_revoke(arena));
    assert_string_equal(harness_log_text(), "iii");
    assert_int_equal(harness_tag(outer), 0);
    /* What was worked off last is gone, too. */
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ + 1, ROOT, outer, DEPTH));
    inspect_tree();
}

/* Zeroing is long work: an interrupt is served in between, and the call then ends as it should. */
static void test_clearing_is_preempted_by_interrupts(void)
{
    start_interrupted(interrupted);

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

/* Cache operations show no trace in any object; all the same a preempted one goes on where it was.
 */
static void test_cleaning_a_large_page_is_preempted_by_interrupts(void)
{
    enum {
        VADDR = 0x40000000
    };
    const uint64_t page_bytes = 1ul << seL4_LargePageBits;
    start_interrupted(interrupted);
    seL4_CPtr table = harness_object(HARNESS_TABLE, 0);
    seL4_CPtr page = harness_slot(); /* the rest of the pool */
    assert_ok(seL4_Untyped_Retype(harness_untyped(seL4_LargePageBits), seL4_ARM_LargePageObject, 0,
                                  ROOT, 0, 0, page, 1));
    assert_ok(seL4_ARM_PageTable_Map(table, seL4_CapInitThreadVSpace, VADDR,
                                     seL4_ARM_Default_VMAttributes));
    assert_ok(seL4_ARM_Page_Map(page, seL4_CapInitThreadVSpace, VADDR, seL4_AllRights,
                                seL4_ARM_Default_VMAttributes));
    uint64_t before = kernel_host_cache_bytes();
    kernel_host_raise_irq_after(IRQ, 3);
    assert_ok(seL4_ARM_Page_Clean_Data(page, 0, page_bytes));
    assert_string_equal(harness_log_text(), "i");
    assert_int_equal(kernel_host_cache_bytes() - before, page_bytes);
    kernel_host_raise_irq_after(IRQ, 3);
    assert_ok(seL4_ARM_VSpace_Clean_Data(seL4_CapInitThreadVSpace, VADDR, VADDR + page_bytes));
    assert_string_equal(harness_log_text(), "ii");
    assert_int_equal(kernel_host_cache_bytes() - before, 2 * page_bytes);
}

/* ---- preemption while waiters are woken ---- */

enum {
    WAITERS = 250 /* more than are woken between two looks for interrupts */
};

static unsigned came_back;

static void waiter(seL4_Word object, seL4_Word send, seL4_Word reply, seL4_Word unused)
{
    (void)reply;
    (void)unused;
    if (send != 0) {
        seL4_Send(object, seL4_MessageInfo_new(0, 0, 0, 0));
        came_back++;
        seL4_TCB_Suspend(seL4_CapNull);
    }
    seL4_Wait(object, NULL); /* with the object gone, a fault that nobody handles */
}

/* Half of them at each object. */
static void start_waiters(seL4_CPtr one, seL4_CPtr other, bool send, seL4_Word priority)
{
    came_back = 0;
    harness_set_own_priority(255);
    for (unsigned i = 0; i < WAITERS; i++) {
        struct harness_thread thread = harness_thread(priority);
        harness_start(&thread, waiter, i % 2 == 0 ? one : other, send);
    }
    harness_let_run();
    harness_set_own_priority(254);
}

/* More urgent than the deleting thread, restarted ones send again at once: the object must be gone
 * for them. */
static void test_deleting_an_endpoint_is_preempted_by_interrupts(void)
{
    start_interrupted(interrupted);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    start_waiters(ep, ep, true, 200);
    harness_set_own_priority(100);
    kernel_host_raise_irq_after(IRQ, 1);
    assert_ok(harness_delete(ep));
    assert_string_equal(harness_log_text(), "i");
    assert_int_equal(came_back, WAITERS);
    inspect_tree();
    inspect_objects();
}

static void test_deleting_a_notification_is_preempted_by_interrupts(void)
{
    start_interrupted(interrupted);
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    start_waiters(ntfn, ntfn, false, 10);
    kernel_host_raise_irq_after(IRQ, 1);
    assert_ok(harness_delete(ntfn));
    assert_string_equal(harness_log_text(), "i");
    inspect_tree();
    inspect_objects();
}

/* The last capability of what they wait for is another interrupt's. */
static void test_clearing_a_handler_is_preempted_by_interrupts(void)
{
    start_interrupted(interrupted);
    seL4_CPtr other = harness_slot();
    seL4_CPtr ntfn = harness_object(seL4_NotificationObject, 0);
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ + 1, ROOT, other, DEPTH));
    assert_ok(seL4_IRQHandler_SetNotification(other, ntfn));
    start_waiters(ntfn, ntfn, false, 10);
    assert_ok(harness_delete(ntfn));
    kernel_host_raise_irq_after(IRQ, 1);
    assert_ok(harness_delete(other));
    assert_string_equal(harness_log_text(), "i");
    inspect_tree();
    inspect_objects();
    assert_ok(seL4_IRQControl_Get(seL4_CapIRQControl, IRQ + 1, ROOT, other, DEPTH));
}

static void test_cancelling_badged_sends_is_preempted_by_interrupts(void)
{
    start_interrupted(interrupted);
    seL4_CPtr ep = harness_object(seL4_EndpointObject, 0);
    seL4_CPtr one = harness_mint(ep, seL4_AllRights, 1);
    seL4_CPtr two = harness_mint(ep, seL4_AllRights, 2);
    start_waiters(one, two, true, 10);
    kernel_host_raise_irq_after(IRQ, 1);
    assert_ok(seL4_CNode_CancelBadgedSends(ROOT, one, DEPTH));
    assert_string_equal(harness_log_text(), "i");
    assert_ok(harness_delete(one)); /* so that they cannot send again */
    harness_let_run();
    assert_int_equal(came_back, WAITERS / 2);
    for (unsigned i = 0; i < WAITERS / 2; i++) {
        seL4_Word badge;
        seL4_Wait(ep, &badge);
        assert_int_equal(badge, 2);
    }
    inspect_objects();
}

/* ---- the timer's interrupt, for many threads at once ---- */

static void yielder(seL4_Word event, seL4_Word unused1, seL4_Word unused2, seL4_Word unused3)
{
    (void)unused1;
    (void)unused2;
    (void)unused3;
    seL4_Yield(); /* until the next period */
    came_back++;
    if (event != 0) {
        harness_log(came_back == 1 ? 'f' : 'l'); /* first or later */
    }
    seL4_TCB_Suspend(seL4_CapNull);
}

static void start_yielder(seL4_Word priority, seL4_Word event)
{
    struct harness_thread thread = harness_passive_thread(priority);
    seL4_CPtr sc = harness_object(seL4_SchedContextObject, seL4_MinSchedContextBits);
    assert_ok(seL4_SchedControl_ConfigureFlags(harness_bootinfo->schedcontrol.start, sc, 100, 5000,
                                               0, 0, 0));
    assert_ok(seL4_SchedContext_Bind(sc, thread.tcb));
    harness_start(&thread, yielder, event, 0);
}

/* More refills are due than the kernel handles in one entry: the most urgent thread's is among
 * those. */
static void test_the_most_urgent_of_many_due_threads_runs_first(void)
{
    came_back = 0;
    for (unsigned i = 0; i < WAITERS; i++) {
        start_yielder(10, 0);
    }
    start_yielder(20, 1);
    harness_let_run();
    harness_set_own_priority(5);
    harness_compute_us(6000);
    harness_set_own_priority(255);
    assert_string_equal(harness_log_text(), "f");
    assert_int_equal(came_back, WAITERS + 1);
    inspect_objects();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_an_interrupt_signals_once_until_acknowledged),
        HARNESS_TEST(test_interrupt_handlers_are_issued_once),
        HARNESS_TEST(test_software_interrupts_are_issued_again_and_again),
        HARNESS_TEST(test_revoke_is_preempted_by_interrupts),
        HARNESS_TEST(test_a_preempted_revoke_ends_what_belongs_elsewhere),
        HARNESS_TEST(test_clearing_is_preempted_by_interrupts),
        HARNESS_TEST(test_cleaning_a_large_page_is_preempted_by_interrupts),
        HARNESS_TEST(test_deleting_an_endpoint_is_preempted_by_interrupts),
        HARNESS_TEST(test_deleting_a_notification_is_preempted_by_interrupts),
        HARNESS_TEST(test_clearing_a_handler_is_preempted_by_interrupts),
        HARNESS_TEST(test_cancelling_badged_sends_is_preempted_by_interrupts),
        HARNESS_TEST(test_the_most_urgent_of_many_due_threads_runs_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
