/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the CPU holds of the current thread besides its registers: address space, TLS, FPU trap. */
#include "kernel_map.h"
#include "trap.h"

#include <arch/cpu_regs.h>
#include <arch/sysreg.h>
#include <kernel/arch_hooks.h>
#include <kernel/fpu.h>
#include <kernel/vspace.h>

/* ---- the current address space ---- */

/* TTBR0_EL1 for a root table capability with an ASID; for anything else some other value. */
static word_t ttbr_of(struct cap vspace)
{
    return ((vspace.w0 - DIRECT_MAP_BASE) & MASK(CAP_PTR_BITS)) | cap_mapped_asid(vspace) << 48;
}

/* The root register's value for any capability: unusable ones get the empty address space. */
static word_t usable_ttbr_of(struct cap vspace)
{
    if (cap_tag(vspace) != CAP_VSPACE || !asid_is_live(vspace)) {
        return kernel_empty_table_paddr();
    }
    return ttbr_of(vspace);
}

static void load(word_t ttbr)
{
    if (ttbr != node()->loaded_root) {
        node()->loaded_root = ttbr;
        sysreg_write(ttbr0_el1, ttbr);
        barrier_instruction();
    }
}

static void activate(struct cap vspace)
{
    load(usable_ttbr_of(vspace));
}

void arch_vspace_changed(struct tcb *tcb)
{
    if (tcb == node()->current) {
        activate(tcb->slots[TCB_VSPACE].cap);
    }
}

/* ---- the FPU ---- */

/* Only users are trapped: the kernel may save at any time. */
void arch_fpu_set_trap(bool on)
{
    sysreg_write(cpacr_el1, on ? CPACR_FPEN_TRAP_USER : CPACR_FPEN_ALL);
    barrier_instruction();
}

/* ---- switching threads ---- */

static_assert(offsetof(struct node, current) == 0 && offsetof(struct node, message_from) == 8,
              "entry.S loads both at once");

/* What a thread's address space is changes rarely. */
NOINLINE static void remember_root_and_switch(struct tcb *from, struct tcb *to)
{
    if (to->state != THREAD_IDLE) { /* it runs in the kernel's half; keep what is loaded */
        struct cap vspace = to->slots[TCB_VSPACE].cap;
        to->vspace.root = usable_ttbr_of(vspace);
        to->vspace.key = vspace.w0 ^ kernel_state.vspace_epoch;
        arch_switch_thread(from, to);
    }
}

void arch_switch_thread(struct tcb *from, struct tcb *to)
{
    from->context.regs[REG_TLS_BASE] = sysreg_read(tpidr_el0);
    if (UNLIKELY((to->slots[TCB_VSPACE].cap.w0 ^ kernel_state.vspace_epoch) != to->vspace.key)) {
        remember_root_and_switch(from, to);
        return;
    }
    load(to->vspace.root);
    sysreg_write(tpidr_el0, to->context.regs[REG_TLS_BASE]);
    sysreg_write(tpidrro_el0, to->context.regs[REG_TPIDRRO]);
    fpu_switch(to);
    if (CONFIG_HARDWARE_DEBUG_API) {
        arch_debug_load(to);
    }
}
