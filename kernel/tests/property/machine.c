/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entering the kernel. Time passes in STEP_COMPUTE only, so that no timer strikes within a system
 * call; what else interrupts one is asked for by the step.
 */
#include "machine.h"

#include "fail.h"
#include <arch/host_kernel.h>
#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/ipc.h>
#include <kernel/node.h>
#include <kernel/table.h>
#include <kernel/timer.h>
#include <string.h>

#include "../../arch/aarch64/gic.h"
#include "../../arch/host/machine.h"

#define ENTRIES_MAX 1000   /* of the kernel in one step */
#define IP_FAULT    0x3000 /* where a thread that faults is in its code */

struct model_object *machine_current(void)
{
    struct tcb *tcb = node()->current;
    return tcb == node()->idle ? NULL : model_object_at(kptr_to_paddr((kptr_t)tcb));
}

/* True if the current thread's budget does not suffice for an entry now. */
static bool budget_is_used_up(void)
{
    const struct node *self = node();
    const struct sched_context *sc = self->current_sc;
    ticks_t used = self->consumed + arch_timer_now() - self->now;
    if (sc->refill_max == 0) {
        return false;
    }
    ticks_t amount = sc->refills[sc->refill_head].amount;
    return amount < used + us_to_ticks(MIN_BUDGET_US);
}

static bool lazy;

void machine_compare(bool each_step)
{
    lazy = !each_step;
}

static void compare_after_entry(void)
{
    struct model_object *tcb = machine_current();
    if (tcb != NULL) {
        model_activate(tcb);
    }
    compare_adopt_times();
    model_objects_sweep();
    if (!lazy) {
        compare_step();
    }
}

static void set_ips(struct model_object *tcb, uint64_t fault_ip, uint64_t next_ip)
{
    word_t *regs = node()->current->context.regs;
    regs[REG_FAULT_IP] = fault_ip;
    regs[REG_NEXT_IP] = next_ip;
    tcb->tcb.fault_ip = fault_ip;
    tcb->tcb.next_ip = next_ip;
}

/* Serve interrupts as the CPU does while user code would run. */
static void take_interrupts(void)
{
    for (unsigned i = 0; arch_irq_pending(); i++) {
        struct model_object *tcb = machine_current();
        unsigned irq = MODEL_IRQ_TIMER;
        check(i < ENTRIES_MAX, "interrupts without end");
        if (!machine_timer_due()) {
            irq = 0;
            while (!model()->irqs[irq].pending || !model()->irqs[irq].enabled) {
                irq++;
                check(irq < MODEL_IRQS, "an interrupt strikes that is not pending or masked");
            }
        }
        if (tcb != NULL) {
            set_ips(tcb, tcb->tcb.next_ip, tcb->tcb.next_ip);
        }
        model_interrupt(tcb, irq, tcb != NULL && budget_is_used_up());
        kernel_handle_interrupt();
        compare_after_entry();
    }
}

/* Time passes: for the thread that runs up to the timer, when nobody runs to it. */
static void compute(uint64_t ticks)
{
    ticks_t left = machine_timer_deadline() - arch_timer_now();
    if (node()->current != node()->idle) {
        machine_advance(ticks < left ? ticks : left);
    } else if (machine_timer_deadline() != UINT64_MAX) {
        machine_advance(left);
    }
}

static void raise_interrupt(uint64_t number)
{
    if (number < MODEL_IRQS && number != MACHINE_PREEMPT_IRQ && number != MODEL_IRQ_TIMER) {
        kernel_host_raise_irq((unsigned)number);
        model()->irqs[number].pending = true;
    }
}

/* The thread writes its registers and its buffer, in the machine's memory and in the model's. */
static void write_user_state(const struct step *step, struct model_object *tcb)
{
    struct tcb *kernel_tcb = node()->current;
    word_t *buffer = tcb_ipc_buffer(kernel_tcb, false);
    uint64_t *copy = model_buffer(tcb, false);
    memcpy(kernel_tcb->context.regs, step->x, sizeof(step->x));
    memcpy(tcb->tcb.x, step->x, sizeof(step->x));
    check((buffer == NULL) == (copy == NULL), "one of kernel and model sees an IPC buffer");
    if (buffer == NULL) {
        return;
    }
    for (uint64_t *to = buffer;; to = copy) {
        memcpy(&to[IPC_BUFFER_MESSAGE + seL4_FastMessageRegisters], step->words,
               sizeof(step->words));
        memcpy(&to[IPC_BUFFER_CAPS], step->caps, sizeof(step->caps));
        memcpy(&to[IPC_BUFFER_RECEIVE], step->path, sizeof(step->path));
        if (to == copy) {
            break;
        }
    }
}

/* Let an interrupt strike at the first preemption point after so many units of work. */
static void arm_preemption(uint64_t units)
{
    node()->work_units = CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION - 1 - units;
    kernel_host_raise_irq_after(MACHINE_PREEMPT_IRQ, 1);
}

/* Enter the kernel; a call that an interrupt preempted is repeated until it is done. */
static void enter_syscall(const struct step *step, bool expired)
{
    const struct tcb *tcb = node()->current;
    bool preempts = step->preempt_times != 0 && tcb->priority == seL4_MaxPrio && !expired;
    uint64_t units = step->preempt_units % CONFIG_MAX_NUM_WORK_UNITS_PER_PREEMPTION;
    if (preempts) {
        arm_preemption(units);
    }
    kernel_handle_syscall(step->x[7]);
    for (uint64_t i = 1;
         preempts && node()->current == tcb && tcb->context.regs[REG_NEXT_IP] == MACHINE_IP_SYSCALL;
         i++) {
        check(i < ENTRIES_MAX, "a preempted call never ends");
        model_counts()->preempted++;
        kernel_handle_interrupt();
        arch_irq_ack(MACHINE_PREEMPT_IRQ);
        if (i < step->preempt_times) {
            arm_preemption(units);
        }
        node()->current->context.regs[REG_NEXT_IP] = MACHINE_IP_BEHIND;
        kernel_handle_syscall(step->x[7]);
    }
    /* The last may have come too late. */
    kernel_host_raise_irq_after(MACHINE_PREEMPT_IRQ, UINT32_MAX); /* that is, never */
    arch_irq_release(MACHINE_PREEMPT_IRQ);
    gic_set_enabled(MACHINE_PREEMPT_IRQ, true);
}

static void system_call(const struct step *step, struct model_object *tcb)
{
    bool expired = budget_is_used_up();
    write_user_state(step, tcb);
    set_ips(tcb, MACHINE_IP_SYSCALL, MACHINE_IP_BEHIND);
    model_syscall(tcb, expired);
    enter_syscall(step, expired);
    machine_plant_after(step);
}

static void fault(const struct step *step, struct model_object *tcb)
{
    bool expired = budget_is_used_up();
    const uint64_t *x = step->x;
    set_ips(tcb, IP_FAULT, IP_FAULT);
    if (step->kind == STEP_VM_FAULT) {
        struct model_fault model_fault = {.kind = seL4_Fault_VMFault,
                                          .words = {x[0], x[1] & 1, x[2]}};
        model_raise_fault(tcb, model_fault, expired);
        kernel_handle_fault(fault_vm(x[0], (x[1] & 1) != 0, x[2]));
    } else {
        struct model_fault model_fault = {.kind = seL4_Fault_UserException, .words = {x[0], x[1]}};
        model_raise_fault(tcb, model_fault, expired);
        kernel_handle_fault(fault_user_exception(x[0], x[1]));
    }
}

void machine_step(const struct step *step)
{
    struct model_object *tcb = machine_current();
    check(tcb != NULL || node()->current == node()->idle, "a thread runs that is not alive");
    if (step->kind == STEP_INTERRUPT) {
        raise_interrupt(step->x[0]);
    } else if (step->kind == STEP_COMPUTE || tcb == NULL) {
        compute(step->x[0]);
    } else {
        if (step->kind == STEP_SYSCALL) {
            system_call(step, tcb);
        } else {
            fault(step, tcb);
        }
        compare_after_entry();
    }
    take_interrupts();
}
