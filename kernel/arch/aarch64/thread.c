/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the CPU holds of the current thread besides its registers: address space, TLS, FPU trap. */
#include "cpu_loaded.h"
#include "kernel_map.h"
#include "trap.h"

#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/node.h>
#include <kernel/vspace.h>

struct cpu_loaded cpu_loaded;

/* ---- the current address space ---- */

/* TTBR0_EL1 for a root table capability with an ASID; for anything else some other value. */
static word_t ttbr_of(struct cap vspace)
{
    return ((vspace.w0 - DIRECT_MAP_BASE) & MASK(CAP_PTR_BITS)) | cap_mapped_asid(vspace) << 48;
}

/*
 * Load an address space. What is loaded is alive, since asid_forget_root() and asid_forget_pool()
 * load another one, so the common case of an unchanged address space needs one comparison.
 */
static void activate(struct cap vspace)
{
    word_t ttbr = ttbr_of(vspace);
    if (cap_tag(vspace) != CAP_VSPACE || !asid_is_live(vspace)) {
        ttbr = kernel_empty_table_paddr();
    }
    if (ttbr != cpu_loaded.ttbr) {
        cpu_loaded.ttbr = ttbr;
        sysreg_write(ttbr0_el1, ttbr);
        barrier_instruction();
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
    struct cap vspace = to->slots[TCB_VSPACE].cap;
    if (ttbr_of(vspace) != cpu_loaded.ttbr) {
        if (UNLIKELY(cap_is_null(vspace) && to->state == THREAD_IDLE)) {
            return; /* runs in the kernel's half; keep what is loaded */
        }
        activate(vspace);
    }
    fpu_set_trap(to);
}
