/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtual timer: CNTVCT_EL0 counts PLATFORM_TIMER_KHZ, CNTV_CVAL_EL0 is an absolute deadline.
 * Source: Arm Architecture Reference Manual (Armv8-A), D11.2.
 */
#pragma once

#include <arch/irq.h>
#include <arch/sysreg.h>
#include <kernel/types.h>
#include <platform.h>

#define CNTV_CTL_ENABLE 1ul

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

static inline ticks_t arch_us_to_ticks(word_t us)
{
    return us * PLATFORM_TIMER_KHZ / 1000;
}

static inline word_t arch_ticks_to_us(ticks_t ticks)
{
    /* ticks * 1000 / kHz without overflow of the product; exact as the remainder is carried. */
    return ticks / PLATFORM_TIMER_KHZ * 1000 +
           ticks % PLATFORM_TIMER_KHZ * 1000 / PLATFORM_TIMER_KHZ;
}

static inline word_t arch_timer_max_us(void)
{
    return UINT64_MAX / PLATFORM_TIMER_KHZ;
}

static inline ticks_t arch_timer_precision(void)
{
    return 0;
}
