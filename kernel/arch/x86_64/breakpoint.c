/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debug registers: four breakpoints, each for instructions or data. Source: Intel SDM vol. 3B
 * 17.2 (debug registers), 17.3.1 (debug exceptions; RF), vol. 2 (INT3).
 */
#include <kernel/breakpoint.h>

#include <arch/cpu.h>
#include <kernel/entry.h>
#include <kernel/node.h>

#define write_debug_register(number, value) __asm__ volatile("mov %0, %%dr" #number : : "r"(value))

/* Access and length as DR7 wants them. */
static word_t dr7_field(const struct breakpoint *breakpoint)
{
    static const uint8_t lengths[] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
    if (breakpoint->type == seL4_InstructionBreakpoint) {
        return 0;
    }
    return (breakpoint->access == seL4_BreakOnWrite ? 1u : 3u) | (word_t)lengths[breakpoint->size]
                                                                     << 2;
}

static_assert(BREAKPOINT_COUNT == 4, "DR0 to DR3");

void arch_debug_load(const struct tcb *tcb)
{
    static bool loaded;
    word_t control = DR7_RESERVED;
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        if (breakpoint->enabled) {
            control |= DR7_LOCAL(n) | dr7_field(breakpoint) << DR7_FIELD(n);
        }
    }
    bool wanted = control != DR7_RESERVED;
    if (wanted || loaded) {
        write_debug_register(0, tcb->debug.breakpoints[0].vaddr);
        write_debug_register(1, tcb->debug.breakpoints[1].vaddr);
        write_debug_register(2, tcb->debug.breakpoints[2].vaddr);
        write_debug_register(3, tcb->debug.breakpoints[3].vaddr);
        write_debug_register(7, control);
        loaded = wanted;
    }
}

void arch_debug_set_stepping(struct tcb *tcb, bool on)
{
    word_t *flags = &tcb->context.regs[REG_RFLAGS];
    *flags = on ? *flags | RFLAGS_TRAP : *flags & ~(word_t)RFLAGS_TRAP;
}

bool arch_debug_exception(word_t vector, vaddr_t unused)
{
    struct tcb *tcb = node()->current;
    word_t hit;
    if (vector == EXCEPTION_BREAKPOINT) {
        kernel_handle_fault(fault_debug(seL4_SoftwareBreakRequest, 0, 0));
        return true;
    }
    if (vector != EXCEPTION_DEBUG) {
        return false;
    }
    __asm__ volatile("mov %%dr6, %0" : "=r"(hit));
    write_debug_register(6, (word_t)DR6_CLEAR);
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        if ((hit & BIT(n)) != 0 && breakpoint->enabled) {
            if (breakpoint->type == seL4_InstructionBreakpoint) {
                tcb->context.regs[REG_RFLAGS] |= RFLAGS_RESUME; /* not again at once */
            }
            kernel_handle_fault(fault_debug(breakpoint->type, breakpoint->vaddr, n));
            return true;
        }
    }
    if ((hit & DR6_SINGLE_STEP) == 0 || tcb->debug.steps == 0) {
        return false; /* the trap flag that a thread has set itself */
    }
    if (breakpoint_step_is_due(tcb)) {
        kernel_handle_fault(fault_debug(seL4_SingleStep, 0, 0));
    }
    return true;
}
