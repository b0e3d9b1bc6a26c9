/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The entries of the kernel: system calls, faults, interrupts. Each reads the clock, does its work,
 * and ends in leave(), which chooses the thread to return to.
 */
#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/ipc.h>
#include <kernel/irq.h>
#include <kernel/node.h>
#include <kernel/syscall.h>
#include <kernel/timer.h>

static void leave(void)
{
    schedule();
    schedule_activate();
}

/* ---- receiving ---- */

/* The reply object that the thread offers; null, after a fault, if there is none. */
static struct reply *find_reply(struct tcb *tcb)
{
    cptr_t cptr = tcb->context.regs[REG_REPLY];
    struct slot *slot;
    enum kernel_result result = cspace_lookup(tcb, cptr, &slot);
    if (result == KRES_OK && slot->cap.tag != CAP_REPLY) {
        result = lookup_missing(0);
    }
    if (result != KRES_OK) {
        fault_send_cap_fault(tcb, cptr, true);
        return NULL;
    }
    return cap_ptr(slot->cap);
}

/* Whatever comes of it, the system call is done. */
static enum kernel_result receive(bool blocking, bool with_reply)
{
    struct tcb *tcb = node()->current;
    cptr_t cptr = tcb->context.regs[REG_CAP];
    struct slot *slot;
    if (cspace_lookup(tcb, cptr, &slot) != KRES_OK) {
        fault_send_cap_fault(tcb, cptr, true);
        return KRES_OK;
    }
    struct cap cap = slot->cap;
    struct notification *notification = cap_ptr(cap);
    bool readable = (cap.rights & RIGHT_READ) != 0;
    if (cap.tag == CAP_ENDPOINT && readable) {
        struct reply *reply = with_reply ? find_reply(tcb) : NULL;
        if (reply != NULL || !with_reply) {
            endpoint_receive(cap_ptr(cap), tcb, reply, blocking);
        }
    } else if (cap.tag == CAP_NOTIFICATION && readable &&
               (notification->bound_tcb == NULL || notification->bound_tcb == tcb)) {
        notification_receive(notification, tcb, blocking);
    } else {
        (void)lookup_missing(0);
        fault_send_cap_fault(tcb, cptr, true);
    }
    return KRES_OK;
}

/* ---- system calls ---- */

static enum kernel_result send(bool blocking, bool call)
{
    struct syscall_invoke_flags flags = {.blocking = blocking, .call = call, .can_donate = call};
    return syscall_invoke(node()->current->context.regs[REG_CAP], flags);
}

/* NBSend with donation, then Recv or Wait; the first phase's errors are nobody's business. */
static enum kernel_result send_and_receive(cptr_t dest, bool with_reply)
{
    struct syscall_invoke_flags flags = {.can_donate = true, .first_phase = true};
    enum kernel_result result = syscall_invoke(dest, flags);
    return result == KRES_PREEMPTED ? result : receive(true, with_reply);
}

static enum kernel_result dispatch(word_t number)
{
    const word_t *regs = node()->current->context.regs;
    struct fault unknown;
    switch ((int64_t)number) {
    case seL4_SysCall:
        return send(true, true);
    case seL4_SysReplyRecv:
        return send_and_receive(regs[REG_REPLY], true);
    case seL4_SysNBSendRecv:
        return send_and_receive(regs[REG_DEST], true);
    case seL4_SysNBSendWait:
        return send_and_receive(regs[REG_REPLY], false);
    case seL4_SysSend:
        return send(true, false);
    case seL4_SysNBSend:
        return send(false, false);
    case seL4_SysRecv:
        return receive(true, true);
    case seL4_SysNBRecv:
        return receive(false, true);
    case seL4_SysWait:
        return receive(true, false);
    case seL4_SysNBWait:
        return receive(false, false);
    case seL4_SysYield:
        sched_yield_current();
        return KRES_OK;
    default:
        unknown = fault_unknown_syscall(number);
        fault_send(node()->current, &unknown);
        return KRES_OK;
    }
}

/* The thread will repeat its system call; first serve what interrupted it. */
static void restart_preempted(void)
{
    struct tcb *current = node()->current;
    if (tcb_is_runnable(current)) {
        tcb_set_state(current, THREAD_RESTART);
    }
    sched_update_time();
    sched_check_budget();
}

NOINLINE void syscall_dispatch(word_t number)
{
    if (dispatch(number) == KRES_PREEMPTED) {
        restart_preempted();
    }
    leave();
}

NOINLINE void syscall_slow(word_t number)
{
    if ((CONFIG_PRINTING || CONFIG_DEBUG_BUILD) && (int64_t)number <= seL4_SysDebugPutChar &&
        debug_syscall(number)) {
        return;
    }
    sched_update_time();
    if (LIKELY(sched_check_budget_restart())) {
        syscall_dispatch(number);
    } else {
        leave();
    }
}

/* What quick entry code does on its way out. */
static void take_message_registers(void)
{
    const struct user_context *from = node()->message_from;
    struct user_context *to = &node()->current->context;
    for (word_t i = 0; i < seL4_FastMessageRegisters; i++) {
        context_set_message_word(to, i, context_message_word(from, i));
    }
}

void kernel_handle_syscall(word_t number)
{
    switch ((int64_t)number) {
    case seL4_SysCall:
        fastpath_call();
        take_message_registers();
        break;
    case seL4_SysReplyRecv:
        fastpath_reply_recv();
        take_message_registers();
        break;
    case seL4_SysSend:
    case seL4_SysNBSend:
    case seL4_SysWait:
    case seL4_SysNBWait:
        fastpath_notification(number);
        break;
    default:
        if ((int64_t)number >= 0) { /* no system call, in any configuration */
            kernel_handle_fault(fault_unknown_syscall(number));
        } else {
            syscall_slow(number);
        }
        break;
    }
}

void kernel_handle_fault(struct fault fault)
{
    if (fastpath_fault(&fault)) {
        return;
    }
    sched_update_time();
    if (sched_check_budget_restart()) {
        fault_send(node()->current, &fault);
    }
    leave();
}

/* ---- interrupts ---- */

void kernel_handle_interrupt(void)
{
    irq_t irq = arch_irq_get_active();
    if (irq < IRQ_COUNT && fastpath_interrupt(irq)) {
        return;
    }
    sched_update_time();
    if (irq == IRQ_TIMER) {
        arch_timer_ack();
        node()->armed_deadline = UINT64_MAX;
        node()->reprogram_timer = true;
        arch_irq_delivered(irq);
    } else if (irq != IRQ_NONE) {
        irq_deliver(irq);
    }
    if (tcb_is_runnable(node()->current)) {
        sched_check_budget();
    }
    leave();
}
