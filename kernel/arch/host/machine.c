/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The simulated machine: clock, console, interrupt controller; hooks that have nothing to do here.
 */
#include "machine.h"
#include "../aarch64/gic.h"
#include "../aarch64/trap.h"

#include <arch/cache.h>
#include <arch/host_kernel.h>
#include <kernel/arch_hooks.h>
#include <kernel/fpu.h>
#include <kernel/memory.h>
#include <stdio.h>

/* ---- clock ---- */

static ticks_t now;
static ticks_t timer_deadline;

ticks_t arch_timer_now(void)
{
    return now;
}

void arch_timer_set_deadline(ticks_t deadline)
{
    timer_deadline = deadline;
}

void arch_timer_ack(void)
{
    timer_deadline = UINT64_MAX;
}

ticks_t machine_timer_deadline(void)
{
    return timer_deadline;
}

void machine_advance(ticks_t ticks)
{
    now += ticks;
}

uint64_t kernel_host_now(void)
{
    return now;
}

/* ---- console ---- */

#define CONSOLE_BYTES 4096

static char console[CONSOLE_BYTES];
static size_t console_length;
static bool console_quiet;

void arch_console_putchar(char byte)
{
    if (byte == '\r') {
        return;
    }
    if (console_length == CONSOLE_BYTES - 1) {
        __builtin_memmove(console, console + CONSOLE_BYTES / 2, CONSOLE_BYTES / 2);
        console_length -= CONSOLE_BYTES / 2;
    }
    console[console_length++] = byte;
    console[console_length] = '\0';
    if (!console_quiet) {
        fputc(byte, stderr);
    }
}

const char *kernel_host_console(void)
{
    return console;
}

void machine_reset(bool quiet)
{
    now = 0;
    timer_deadline = UINT64_MAX;
    console_length = 0;
    console[0] = '\0';
    console_quiet = quiet;
}

/* ---- caches: none, but what would be done is counted ---- */

static uint64_t cache_bytes;

void cache_operate(enum cache_operation operation, kptr_t start, kptr_t end)
{
    cache_bytes += end - start;
}

uint64_t kernel_host_cache_bytes(void)
{
    return cache_bytes;
}

/* ---- interrupts: pending until taken, taken only while unmasked ---- */

static struct {
    bool pending[IRQ_COUNT];
    bool enabled[IRQ_COUNT];
    irq_t later_irq; /* becomes pending after so many looks; none while that is 0 */
    unsigned later_looks;
    uint64_t taken;
} gic;

void gic_init(void)
{
    memset(&gic, 0, sizeof(gic));
}

void gic_set_enabled(irq_t irq, bool enabled)
{
    gic.enabled[irq] = enabled;
}

void gic_set_trigger(irq_t irq, bool edge)
{
}

void arch_irq_release(irq_t irq)
{
    gic_set_enabled(irq, false);
    gic.pending[irq] = false;
}

bool gic_sgi_target_valid(word_t target)
{
    return target < 8;
}

void gic_send_sgi(word_t sgi, word_t target)
{
    if (target == 0) {
        gic.pending[sgi] = true;
    }
}

void kernel_host_raise_irq(unsigned irq)
{
    KERNEL_ASSERT(irq < IRQ_COUNT);
    gic.pending[irq] = true;
}

void kernel_host_raise_irq_after(unsigned irq, unsigned looks)
{
    KERNEL_ASSERT(irq < IRQ_COUNT && looks > 0);
    gic.later_irq = irq;
    gic.later_looks = looks;
}

uint64_t kernel_host_interrupts(void)
{
    return gic.taken;
}

static irq_t first_pending(void)
{
    for (irq_t irq = 0; irq < IRQ_COUNT; irq++) {
        if (gic.pending[irq] && gic.enabled[irq]) {
            return irq;
        }
    }
    return IRQ_NONE;
}

bool arch_irq_pending(void)
{
    if (gic.later_looks > 0 && --gic.later_looks == 0) {
        gic.pending[gic.later_irq] = true;
    }
    return machine_timer_due() || first_pending() != IRQ_NONE;
}

irq_t arch_irq_get_active(void)
{
    if (machine_timer_due()) {
        return IRQ_TIMER;
    }
    irq_t irq = first_pending();
    if (irq != IRQ_NONE) {
        gic.pending[irq] = false;
        gic.taken++;
    }
    return irq;
}

void arch_irq_delivered(irq_t irq)
{
    if (irq != IRQ_TIMER) {
        gic_set_enabled(irq, false);
    }
}

void arch_irq_ack(irq_t irq)
{
    gic_set_enabled(irq, true);
}

/* ---- nothing to do ---- */

void arch_memory_clear(kptr_t base, word_t bytes)
{
    memset((void *)base, 0, bytes);
}

void arch_memory_written(kptr_t base, word_t bytes)
{
}

void arch_idle_init(struct tcb *idle)
{
}

void fpu_switch_slow(const struct tcb *to)
{
}

void fpu_flags_changed(struct tcb *tcb)
{
}

/* There is no SMC capability on the host (CONFIG_ALLOW_SMC_CALLS is 0), so nothing gets here. */
void smc_call(word_t registers[8])
{
    kernel_panic("secure monitor call on the host", __FILE__, __LINE__);
}
