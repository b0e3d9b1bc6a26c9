/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Self-hosted debug: six breakpoints, numbers 0-5, and four watchpoints, 6-9, of a Cortex-A53, for
 * EL0 only. All trap before the instruction, so a handler takes them away to get past it. Source:
 * Arm ARM (Armv8-A), D2.9-D2.12, D13.3 (DBGBCR, DBGWCR, MDSCR).
 */
#include <kernel/breakpoint.h>

#include <kernel/entry.h>
#include <kernel/node.h>

#define ACCESS_BYTES_MAX 64 /* of one instruction (dc zva) that touches a watchpoint */

static word_t control_of(const struct breakpoint *breakpoint)
{
    static const word_t accesses[] = {DBGCR_LOAD, DBGCR_STORE, DBGCR_LOAD | DBGCR_STORE};
    if (!breakpoint->enabled) {
        return 0;
    }
    if (breakpoint->type == seL4_InstructionBreakpoint) {
        return DBGCR_ENABLE | DBGCR_EL0 | DBGCR_BYTES_OF_INSTR;
    }
    word_t bytes = MASK(breakpoint->size) << (breakpoint->vaddr & 7);
    return DBGCR_ENABLE | DBGCR_EL0 | accesses[breakpoint->access] | bytes << DBGCR_BYTES;
}

#define LOAD(kind, n, breakpoint, align_bits)                                         \
    sysreg_write(dbg##kind##vr##n##_el1, ALIGN_DOWN((breakpoint).vaddr, align_bits)); \
    sysreg_write(dbg##kind##cr##n##_el1, control_of(&(breakpoint)))

static_assert(seL4_FirstWatchpoint == 6 && BREAKPOINT_COUNT == 10, "as many as are loaded here");

void arch_debug_load(const struct tcb *tcb)
{
    static word_t loaded = ~0ul;
    word_t monitor = tcb->debug.steps > 0 ? MDSCR_SINGLE_STEP : 0;
    for (word_t n = 0; n < BREAKPOINT_COUNT; n++) {
        monitor |= tcb->debug.breakpoints[n].enabled ? MDSCR_MONITOR : 0;
    }
    if (monitor == 0 && loaded == 0) {
        return;
    }
    const struct breakpoint *all = tcb->debug.breakpoints;
    LOAD(b, 0, all[0], 2);
    LOAD(b, 1, all[1], 2);
    LOAD(b, 2, all[2], 2);
    LOAD(b, 3, all[3], 2);
    LOAD(b, 4, all[4], 2);
    LOAD(b, 5, all[5], 2);
    LOAD(w, 0, all[6], 3);
    LOAD(w, 1, all[7], 3);
    LOAD(w, 2, all[8], 3);
    LOAD(w, 3, all[9], 3);
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
