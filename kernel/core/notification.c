/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Notifications: a word of badges, waited for by threads or bound to one. */
#include <kernel/ipc.h>
#include <kernel/sched.h>

static void set_state(struct notification *notification, word_t state)
{
    KERNEL_ASSERT(notification->queue.head == NULL);
    notification->queue.tail_state = state;
}

/* The thread, already off every queue, gets the badges and may run. */
static void wake_with_badge(struct notification *notification, struct tcb *tcb, word_t badge)
{
    tcb_set_state(tcb, THREAD_RUNNING);
    tcb->context.regs[REG_BADGE] = badge;
    sc_maybe_donate_from_notification(tcb, notification);
    sched_wake(tcb);
}

void notification_signal(struct notification *notification, word_t badge)
{
    struct tcb *tcb;
    switch (ipc_queue_state(&notification->queue)) {
    case NOTIFICATION_IDLE:
        tcb = notification->bound_tcb;
        if (tcb != NULL && tcb->state == THREAD_BLOCKED_RECEIVE) {
            ipc_cancel(tcb);
            wake_with_badge(notification, tcb, badge);
        } else {
            notification->badges = badge;
            set_state(notification, NOTIFICATION_ACTIVE);
        }
        break;
    case NOTIFICATION_WAITING:
        tcb = notification->queue.head;
        ipc_queue_remove(&notification->queue, tcb);
        wake_with_badge(notification, tcb, badge);
        break;
    default:
        notification->badges |= badge;
        break;
    }
}

void notification_receive(struct notification *notification, struct tcb *tcb, bool blocking)
{
    if (ipc_queue_state(&notification->queue) == NOTIFICATION_ACTIVE) {
        tcb->context.regs[REG_BADGE] = notification->badges;
        notification->badges = 0;
        set_state(notification, NOTIFICATION_IDLE);
        sc_maybe_donate_from_notification(tcb, notification);
    } else if (blocking) {
        sc_maybe_return_to_notification(tcb, notification);
        ipc_queue_block(&notification->queue, tcb, THREAD_BLOCKED_NOTIFICATION,
                        NOTIFICATION_WAITING);
    } else {
        tcb->context.regs[REG_BADGE] = 0;
    }
}

void notification_bind_tcb(struct notification *notification, struct tcb *tcb)
{
    notification->bound_tcb = tcb;
    tcb->bound_notification = notification;
}

void notification_unbind_tcb(struct notification *notification)
{
    if (notification->bound_tcb != NULL) {
        notification->bound_tcb->bound_notification = NULL;
        notification->bound_tcb = NULL;
    }
}

void notification_finalise(struct cap cap)
{
    struct notification *notification = cap_ptr(cap);
    if (notification->sc != NULL) {
        sc_unbind_notification(notification->sc);
    }
    notification_unbind_tcb(notification);
}
