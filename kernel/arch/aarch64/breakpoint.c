/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Self-hosted debug: six breakpoints, numbers 0-5, and four watchpoints, 6-9, of a Cortex-A53, for
 * EL0 only. All trap before the instruction, so a handler takes them away to get past it. Source:
 * Arm ARM (Armv8-A), D2.9-D2.12, D13.3 (DBGBCR, DBGWCR, MDSCR).
 */
#include <kernel/breakpoint.h>

#include <arch/cpu_regs.h>
#include <arch/sysreg.h>
#include <kernel/entry.h>
#include <kernel/node.h>

#define ACCESS_BYTES_MAX 64 /* of one instruction (dc zva) that touches a watchpoint */

#define WRITE_PAIR(kind, n, value, control)            \
    case n:                                            \
        sysreg_write(dbg##kind##vr##n##_el1, value);   \
        sysreg_write(dbg##kind##cr##n##_el1, control); \
        break

static void write_pair(word_t number, vaddr_t value, word_t control)
{
    if (number < seL4_FirstWatchpoint) {
        switch (number) {
            WRITE_PAIR(b, 0, value, control);
            WRITE_PAIR(b, 1, value, control);
            WRITE_PAIR(b, 2, value, control);
            WRITE_PAIR(b, 3, value, control);
            WRITE_PAIR(b, 4, value, control);
            WRITE_PAIR(b, 5, value, control);
        }
        return;
    }
    switch (number - seL4_FirstWatchpoint) {
        WRITE_PAIR(w, 0, value, control);
        WRITE_PAIR(w, 1, value, control);
        WRITE_PAIR(w, 2, value, control);
        WRITE_PAIR(w, 3, value, control);
    }
}

static word_t control_of(const struct breakpoint *breakpoint)
{
    static const word_t accesses[] = {DBGCR_LOAD, DBGCR_STORE, DBGCR_LOAD | DBGCR_STORE};
    if (breakpoint->type == seL4_InstructionBreakpoint) {
        return DBGCR_ENABLE | DBGCR_EL0 | DBGCR_BYTES_OF_INSTR;
    }
    word_t bytes = MASK(breakpoint->size) << (breakpoint->vaddr & 7);
    return DBGCR_ENABLE | DBGCR_EL0 | accesses[breakpoint->access] | bytes << DBGCR_BYTES;
}

void arch_debug_load(const struct tcb *tcb)
{
    static word_t loaded = ~0ul;
    word_t monitor = tcb->debug.steps > 0 ? MDSCR_SINGLE_STEP : 0;
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        if (breakpoint->enabled) {
            monitor |= MDSCR_MONITOR;
        }
    }
    if (monitor == 0 && loaded == 0) {
        return;
    }
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        vaddr_t mask = breakpoint->type == seL4_DataBreakpoint ? MASK(3) : MASK(2);
        write_pair(n, breakpoint->vaddr & ~mask, breakpoint->enabled ? control_of(breakpoint) : 0);
    }
    sysreg_write(oslar_el1, 0); /* the lock is on after a reset */
    sysreg_write(mdscr_el1, monitor);
    barrier_instruction();
    loaded = monitor;
}

void arch_debug_set_stepping(struct tcb *tcb, bool on)
{
    word_t *flags = &tcb->context.regs[REG_FLAGS];
    *flags = on ? *flags | SPSR_SINGLE_STEP : *flags & ~SPSR_SINGLE_STEP;
}

static void send(word_t reason, vaddr_t address, word_t number)
{
    kernel_handle_fault(fault_debug(reason, address, number));
}

/* The enabled breakpoint of the type that is nearest at or above the address within reach. */
static word_t find(const struct tcb *tcb, word_t type, vaddr_t address, vaddr_t reach)
{
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[n];
        if (breakpoint->enabled && breakpoint->type == type &&
            breakpoint->vaddr + breakpoint->size - address <= reach) {
            return n;
        }
    }
    return BREAKPOINT_COUNT;
}

bool arch_debug_exception(word_t esr, vaddr_t far)
{
    struct tcb *tcb = node()->current;
    word_t number;
    switch (esr >> ESR_CLASS_SHIFT) {
    case ESR_BRK:
        send(seL4_SoftwareBreakRequest, 0, 0);
        return true;
    case ESR_STEP:
        if (breakpoint_step_is_due(tcb)) {
            send(seL4_SingleStep, 0, 0);
        }
        return true;
    case ESR_BREAKPOINT:
        number = find(tcb, seL4_InstructionBreakpoint, tcb->context.regs[REG_FAULT_IP], 0);
        break;
    case ESR_WATCHPOINT:
        number = find(tcb, seL4_DataBreakpoint, far, ACCESS_BYTES_MAX);
        break;
    default:
        return false;
    }
    if (number < BREAKPOINT_COUNT) {
        const struct breakpoint *breakpoint = &tcb->debug.breakpoints[number];
        send(breakpoint->type, breakpoint->vaddr, number);
    }
    return true; /* of a breakpoint that is gone by now: nothing to tell */
}
