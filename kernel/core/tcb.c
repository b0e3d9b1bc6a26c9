/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads: their life, from a zeroed object to the last capability. */
#include <kernel/arch_hooks.h>
#include <kernel/fpu.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/queue.h>

static void name_after(struct tcb *tcb, const struct tcb *parent)
{
    static const char prefix[] = "child of: '";
    word_t length = sizeof(prefix) - 1;
    memcpy(tcb->name, prefix, length);
    for (const char *from = parent->name; *from != '\0' && length < TCB_NAME_BYTES - 2; from++) {
        tcb->name[length++] = *from;
    }
    tcb->name[length++] = '\'';
    tcb->name[length] = '\0';
}

/* ---- life ---- */

void tcb_init(struct tcb *tcb, const struct tcb *parent)
{
    context_init(&tcb->context);
    tcb->domain = (uint8_t)node()->domain;
    if (CONFIG_DEBUG_BUILD) {
        queue_insert(&kernel_state.debug_tcbs, LINK_DEBUG, tcb, NULL);
        if (parent != NULL) {
            name_after(tcb, parent);
        }
    }
}

void tcb_set_state(struct tcb *tcb, enum thread_state state)
{
    tcb->state = (uint8_t)state;
    if (!tcb_is_runnable(tcb)) {
        sched_dequeue(tcb);
        sched_release_remove(tcb);
    }
}

void tcb_suspend(struct tcb *tcb)
{
    ipc_cancel(tcb);
    /* The current thread is inside the system call that suspends it, and will repeat that. */
    if (tcb->state == THREAD_RUNNING && tcb != node()->current) {
        tcb->context.regs[REG_FAULT_IP] = tcb->context.regs[REG_NEXT_IP];
        context_written(&tcb->context);
    }
    tcb->progress = 0;
    sc_cancel_yield_to(tcb);
    tcb_set_state(tcb, THREAD_INACTIVE);
}

void tcb_resume(struct tcb *tcb)
{
    if (tcb->state != THREAD_INACTIVE && !tcb_is_blocked(tcb)) {
        return;
    }
    ipc_cancel(tcb);
    tcb_set_state(tcb, THREAD_RESTART);
    sched_wake(tcb);
}

void tcb_finalise(struct cap cap)
{
    struct tcb *tcb = cap_ptr(cap);
    if (tcb->bound_notification != NULL) {
        notification_unbind_tcb(tcb->bound_notification);
    }
    if (tcb->sc != NULL) {
        if (tcb->sc->yield_from != NULL) {
            sc_complete_yield_to(tcb->sc->yield_from);
        }
        sc_unbind_tcb(tcb->sc);
    }
    tcb_suspend(tcb);
    fpu_forget(tcb);
    if (CONFIG_DEBUG_BUILD) {
        queue_remove(&kernel_state.debug_tcbs, LINK_DEBUG, tcb);
    }
}

/* ---- priority ---- */

void tcb_set_priority(struct tcb *tcb, uint8_t priority)
{
    struct ipc_queue *queue = tcb->blocked_on;
    if (tcb_is_blocked(tcb) && tcb->state != THREAD_BLOCKED_REPLY) {
        word_t state = ipc_queue_state(queue);
        ipc_queue_remove(queue, tcb);
        tcb->priority = priority;
        ipc_queue_insert(queue, tcb, state);
    } else if (tcb->in_ready_queue || tcb == node()->current) {
        sched_dequeue(tcb);
        tcb->priority = priority;
        if (sched_is_schedulable(tcb)) {
            sched_enqueue(tcb);
        }
        schedule_needed();
    } else {
        tcb->priority = priority;
    }
}
