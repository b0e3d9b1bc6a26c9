/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the CPU holds of the running thread beside what an entry saves: its address space, the
 * registers that user code writes without the kernel's help, the FPU, breakpoints.
 */
#include <arch/thread.h>
#include <kernel/fpu.h>
#include <kernel/vspace.h>

/* Out of line, or the compiler works it out on the way to every switch. */
NOINLINE static word_t root_of(struct cap vspace)
{
    return vspace.tag == CAP_VSPACE && asid_is_live(vspace) ? arch_root_of(vspace)
                                                            : arch_root_empty();
}

static void load_root(word_t root)
{
    if (root != node()->loaded_root) {
        node()->loaded_root = root;
        arch_root_load(root);
    }
}

void tcb_vspace_changed(struct tcb *tcb)
{
    if (tcb == node()->current) {
        load_root(root_of(tcb->slots[TCB_VSPACE].cap));
    }
}

void tcb_context_sync(struct tcb *tcb)
{
    context_complete(&tcb->context);
    if (tcb == node()->current) {
        arch_registers_save(&tcb->context);
    }
}

void tcb_context_reload(struct tcb *tcb)
{
    if (tcb == node()->current) {
        arch_registers_load(&tcb->context);
    }
}

/* What a thread's address space is changes rarely. */
NOINLINE static void remember_root_and_switch(struct tcb *from, struct tcb *to)
{
    if (to->state != THREAD_IDLE) { /* it stays in whatever address space there is */
        struct cap vspace = to->slots[TCB_VSPACE].cap;
        to->vspace.root = root_of(vspace);
        to->vspace.key = vspace.w0 ^ kernel_state.vspace_epoch;
        tcb_switch(from, to);
    }
}

void tcb_switch(struct tcb *from, struct tcb *to)
{
    arch_registers_save(&from->context);
    if (UNLIKELY((to->slots[TCB_VSPACE].cap.w0 ^ kernel_state.vspace_epoch) != to->vspace.key)) {
        remember_root_and_switch(from, to);
        return;
    }
    load_root(to->vspace.root);
    arch_registers_load(&to->context);
    fpu_switch(to);
    if (CONFIG_HARDWARE_DEBUG_API) {
        arch_debug_load(to);
    }
}
