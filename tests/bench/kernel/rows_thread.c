/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows with a second thread, and those of the scheduler. A helper thread shares this image's
 * memory, also from an address space of its own, so times are taken on either side. It has no
 * thread-local storage: it uses only stubs that need none.
 */
#include "rows.h"
#include "world.h"

#define HELPER_PRIORITY 200
#define OWN_PRIORITY    100 /* while the helper is to run first */

static struct thread helpers[8];
static unsigned helper_count;
static volatile uint64_t arrived;
static volatile uint64_t replied;
static seL4_CPtr to_helper;
static seL4_CPtr from_helper;
static seL4_CPtr endpoint;
static seL4_CPtr reply;

static struct thread *helper_start(bool other_space, void (*function)(uint64_t), seL4_Word priority)
{
    struct thread *helper = &helpers[helper_count++];
    seL4_CPtr vspace = other_space ? world_clone_vspace() : seL4_CapInitThreadVSpace;
    world_thread_start(helper, vspace, function, 0, priority);
    return helper;
}

static void wait_on(seL4_CPtr notification)
{
    seL4_WaitWithMRs(notification, NULL, NULL, NULL, NULL, NULL);
}

uint64_t row_yield_alone(void)
{
    seL4_Yield();
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        seL4_Yield();
    }
    return arch_counter() - start;
}

uint64_t row_set_priority_self(void)
{
    world_own_priority(seL4_MaxPrio);
    uint64_t start = arch_counter();
    for (int i = 0; i < ROUNDS; i++) {
        (void)seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio);
    }
    return arch_counter() - start;
}

uint64_t row_wait_pending(void)
{
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    uint64_t ticks = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        seL4_Signal(notification);
        uint64_t start = arch_counter_start(i);
        wait_on(notification);
        uint64_t end = arch_counter();
        if (i >= 0) {
            ticks += end - start;
        }
    }
    return ticks;
}

static void note_arrivals(uint64_t argument)
{
    (void)argument;
    for (;;) {
        wait_on(to_helper);
        arrived = arch_counter();
    }
}

uint64_t row_signal_to_waiter(void)
{
    to_helper = world_object(seL4_NotificationObject, 0);
    struct thread *helper = helper_start(false, note_arrivals, HELPER_PRIORITY);
    world_own_priority(OWN_PRIORITY); /* the helper runs until it waits */
    uint64_t ticks = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t start = arch_counter_start(i);
        seL4_Signal(to_helper);
        if (i >= 0) {
            ticks += arrived - start;
        }
    }
    world_own_priority(seL4_MaxPrio);
    world_thread_stop(helper);
    return ticks;
}

static void answer_signals(uint64_t argument)
{
    (void)argument;
    for (;;) {
        wait_on(to_helper);
        seL4_Signal(from_helper);
    }
}

uint64_t row_notification_ping_pong(void)
{
    to_helper = world_object(seL4_NotificationObject, 0);
    from_helper = world_object(seL4_NotificationObject, 0);
    struct thread *helper = helper_start(true, answer_signals, seL4_MaxPrio);
    uint64_t start = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        if (i == 0) {
            start = arch_counter();
        }
        seL4_Signal(to_helper);
        wait_on(from_helper);
    }
    uint64_t ticks = arch_counter() - start;
    world_thread_stop(helper);
    return ticks;
}

static void serve_timed(uint64_t argument)
{
    (void)argument;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    for (;;) {
        replied = arch_counter();
        seL4_ReplyRecvWithMRs(endpoint, info, NULL, NULL, NULL, NULL, NULL, reply);
        arrived = arch_counter();
    }
}

/* Ticks of ROUNDS calls until the server runs, or of its answers until the caller does. */
static uint64_t time_one_way(bool answer)
{
    endpoint = world_object(seL4_EndpointObject, 0);
    reply = world_object(seL4_ReplyObject, 0);
    struct thread *helper = helper_start(true, serve_timed, seL4_MaxPrio);
    seL4_Yield(); /* it runs until it waits */
    world_make_passive(helper);
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    uint64_t ticks = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        uint64_t start = arch_counter_start(i);
        seL4_CallWithMRs(endpoint, info, NULL, NULL, NULL, NULL);
        uint64_t end = arch_counter();
        if (i >= 0) {
            ticks += answer ? end - replied : arrived - start;
        }
    }
    world_thread_stop(helper);
    return ticks;
}

uint64_t row_call_one_way(void)
{
    return time_one_way(false);
}

uint64_t row_reply_one_way(void)
{
    return time_one_way(true);
}

static void touch_nothing(uint64_t argument)
{
    (void)argument;
    volatile int *volatile nowhere = (volatile int *)0x10;
    *nowhere = 1;
}

static void call_nothing(uint64_t argument)
{
    (void)argument;
    arch_unknown_syscall();
}

static void execute_nothing(uint64_t argument)
{
    (void)argument;
    arch_undefined_instruction();
}

/*
 * An empty answer lets the thread repeat what it faulted with, so one ReplyRecv is one round:
 * answer, restart, fault, delivery.
 */
static uint64_t time_fault(void (*function)(uint64_t), seL4_Word label)
{
    endpoint = world_object(seL4_EndpointObject, 0);
    reply = world_object(seL4_ReplyObject, 0);
    struct thread *helper = helper_start(true, function, HELPER_PRIORITY);
    seL4_Error error = seL4_TCB_SetSchedParams(helper->tcb, seL4_CapInitThreadTCB, seL4_MaxPrio,
                                               HELPER_PRIORITY, helper->sched_context, endpoint);
    world_check(error == seL4_NoError, "fault endpoint");
    seL4_MessageInfo_t tag = seL4_Recv(endpoint, NULL, reply);
    world_check(seL4_MessageInfo_get_label(tag) == label, "first fault");
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    uint64_t start = 0;
    for (int i = -WARM_ROUNDS; i < ROUNDS; i++) {
        if (i == 0) {
            start = arch_counter();
        }
        tag = seL4_ReplyRecvWithMRs(endpoint, info, NULL, NULL, NULL, NULL, NULL, reply);
    }
    uint64_t ticks = arch_counter() - start;
    world_check(seL4_MessageInfo_get_label(tag) == label, "last fault");
    world_thread_stop(helper);
    return ticks;
}

uint64_t row_vm_fault(void)
{
    return time_fault(touch_nothing, seL4_Fault_VMFault);
}

uint64_t row_unknown_syscall(void)
{
    return time_fault(call_nothing, seL4_Fault_UnknownSyscall);
}

uint64_t row_undefined_instruction(void)
{
    return time_fault(execute_nothing, seL4_Fault_UserException);
}
