/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers that entry.S leaves in the CPU, and the idle thread. */
#include "trap.h"

#include <arch/context.h>
#include <arch/cpu_regs.h>
#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

void arch_context_sync(struct tcb *tcb)
{
    if (tcb == node()->current) {
        tcb->context.regs[REG_TLS_BASE] = sysreg_read(tpidr_el0);
    }
}

void arch_context_reload(struct tcb *tcb)
{
    if (tcb == node()->current) {
        sysreg_write(tpidr_el0, tcb->context.regs[REG_TLS_BASE]);
        sysreg_write(tpidrro_el0, tcb->context.regs[REG_TPIDRRO]);
    }
}

void arch_idle_init(struct tcb *idle)
{
    idle->context.regs[REG_NEXT_IP] = (word_t)idle_loop;
    idle->context.regs[REG_FLAGS] = SPSR_EL1H_MASKED;
}
