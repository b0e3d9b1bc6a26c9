/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C side of entries other than system calls: exceptions of users, which become faults, and of
 * the kernel, which are fatal unless they come from the two instructions that may fail.
 */
#include "trap.h"

#include <kernel/arch_hooks.h>
#include <kernel/entry.h>
#include <kernel/fpu.h>
#include <kernel/print.h>

static_assert(offsetof(struct node, current) == 0 && offsetof(struct node, message_from) == 8,
              "entry.S loads both at once");

void arch_idle_init(struct tcb *idle)
{
    idle->context.regs[REG_NEXT_IP] = (word_t)idle_loop;
    idle->context.regs[REG_FLAGS] = SPSR_EL1H_MASKED;
}

/* Only users are trapped: the kernel may save at any time. */
void arch_fpu_set_trap(bool on)
{
    sysreg_write(cpacr_el1, on ? CPACR_FPEN_TRAP_USER : CPACR_FPEN_ALL);
    barrier_instruction();
}

void user_fault_handle(word_t esr, word_t far)
{
    esr &= ESR_MASK;
    switch (esr >> ESR_CLASS_SHIFT) {
    case ESR_FP_ACCESS:
        if (fpu_first_use()) {
            return;
        }
        break;
    case ESR_INSTRUCTION_ABORT_USER:
        kernel_handle_fault(fault_vm(node()->current->context.regs[REG_FAULT_IP], true, esr));
        return;
    case ESR_DATA_ABORT_USER:
        kernel_handle_fault(fault_vm(far, false, esr));
        return;
    default:
        if (CONFIG_HARDWARE_DEBUG_API && arch_debug_exception(esr, far)) {
            return;
        }
        break;
    }
    kernel_handle_fault(fault_user_exception(esr, 0));
}

/* An asynchronous abort hits whoever runs; that thread's handler has to know. */
void user_serror_handle(word_t esr)
{
    kernel_handle_fault(fault_user_exception(esr & ESR_MASK, 0));
}

word_t kernel_fault_fixup(word_t esr, word_t elr, word_t far)
{
    if (elr == (word_t)kernel_probe_access) {
        return (word_t)kernel_probe_failed;
    }
    if (elr == (word_t)smc_instruction) {
        return (word_t)smc_undefined;
    }
    kernel_print("kernel exception: ESR %lx at %lx, FAR %lx, SPSR %lx\n", esr, elr, far,
                 sysreg_read(spsr_el1));
    kernel_panic("exception in the kernel", __FILE__, __LINE__);
}
