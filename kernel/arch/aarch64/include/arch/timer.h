/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtual timer: CNTVCT_EL0 counts PLATFORM_TIMER_KHZ, CNTV_CVAL_EL0 is an absolute deadline.
 * Source: Arm Architecture Reference Manual (Armv8-A), D11.2.
 */
#pragma once

#include <arch/irq.h>

#define TIMER_TICKS        PLATFORM_TIMER_KHZ
#define TIMER_US           1000
#define TIMER_PRECISION_US 0

static inline ticks_t arch_timer_now(void)
{
    return sysreg_read(cntvct_el0);
}

/* UINT64_MAX is no deadline: then the timer is off, for some machines cannot wait that long. */
static inline void arch_timer_set_deadline(ticks_t deadline)
{
    sysreg_write(cntv_cval_el0, deadline);
    sysreg_write(cntv_ctl_el0, deadline == UINT64_MAX ? 0ul : CNTV_CTL_ENABLE);
}

/* Silence the level-triggered interrupt; arch_irq_delivered() ends it afterwards. */
static inline void arch_timer_ack(void)
{
    sysreg_write(cntv_ctl_el0, 0ul);
    barrier_instruction();
}
