/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the CPU holds of the current thread besides its registers: address space, TLS, FPU trap. */
#include "kernel_map.h"
#include "trap.h"

#include <arch/asid.h>
#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>

/* ---- the current address space ---- */

/* What TTBR0_EL1 holds; the register itself is slow to read on some cores. */
static word_t active_ttbr;

static void activate(struct cap vspace)
{
    word_t ttbr = kernel_empty_table_paddr();
    if (cap_tag(vspace) == ABI_CAP_VSPACE && LIKELY(asid_cap_is_live(vspace))) {
        ttbr = kptr_to_paddr(cap_kptr(vspace)) | cap_mapped_asid(vspace) << 48;
    }
    if (ttbr != active_ttbr) {
        active_ttbr = ttbr;
        sysreg_write(ttbr0_el1, ttbr);
        barrier_instruction();
    }
}

void vspace_activate_current(void)
{
    struct tcb *current = node()->current;
    if (current != NULL && current->state != THREAD_IDLE) {
        activate(current->slots[TCB_VSPACE].cap);
    } else {
        activate(cap_null());
    }
}

void arch_vspace_changed(struct tcb *tcb)
{
    if (tcb == node()->current) {
        activate(tcb->slots[TCB_VSPACE].cap);
    }
}

/* ---- switching threads ---- */

void arch_switch_thread(struct tcb *from, struct tcb *to)
{
    from->context.regs[REG_TLS_BASE] = sysreg_read(tpidr_el0);
    sysreg_write(tpidr_el0, to->context.regs[REG_TLS_BASE]);
    sysreg_write(tpidrro_el0, to->context.regs[REG_TPIDRRO]);
    if (to->state == THREAD_IDLE) {
        return; /* runs in the kernel's half; keep what is loaded */
    }
    activate(to->slots[TCB_VSPACE].cap);
    fpu_set_trap(to);
}
