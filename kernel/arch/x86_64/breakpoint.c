/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debug registers: four breakpoints, each for instructions or data. Source: Intel SDM vol. 3B
 * 17.2 (debug registers), 17.3.1 (debug exceptions; RF), vol. 2 (INT3).
 */
#include <kernel/breakpoint.h>

#include <arch/cpu.h>
#include <arch/layout.h>
#include <kernel/entry.h>
#include <kernel/node.h>

#define VECTOR_DEBUG      1
#define VECTOR_BREAKPOINT 3

#define DR6_CLEAR       0xffff0ff0ul
#define DR6_SINGLE_STEP BIT(14)
#define DR7_RESERVED    BIT(10)
#define DR7_LOCAL(n)    BIT(2 * (n))
#define DR7_FIELD(n)    (16 + 4 * (n)) /* access in two bits, length in two */

#define write_debug_register(number, value) __asm__ volatile("mov %0, %%dr" #number : : "r"(value))

static void write_address(word_t n, vaddr_t vaddr)
{
    switch (n) {
    case 0:
        write_debug_register(0, vaddr);
        break;
    case 1:
        write_debug_register(1, vaddr);
        break;
    case 2:
        write_debug_register(2, vaddr);
        break;
    default:
        write_debug_register(3, vaddr);
        break;
    }
}

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

void arch_debug_load(const struct tcb *tcb)
{
    static bool loaded;
    word_t control = DR7_RESERVED;
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        if (breakpoint->enabled) {
            write_address(n, breakpoint->vaddr);
            control |= DR7_LOCAL(n) | dr7_field(breakpoint) << DR7_FIELD(n);
        }
    }
    bool wanted = control != DR7_RESERVED;
    if (wanted || loaded) {
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
    (void)unused;
    if (vector == VECTOR_BREAKPOINT) {
        kernel_handle_fault(fault_debug(seL4_SoftwareBreakRequest, 0, 0));
        return true;
    }
    if (vector != VECTOR_DEBUG) {
        return false;
    }
    __asm__ volatile("mov %%dr6, %0" : "=r"(hit));
    write_debug_register(6, DR6_CLEAR);
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
