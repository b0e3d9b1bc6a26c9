/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The simulated machine: clock and console; hooks that have nothing to do in a process. */
#include "machine.h"
#include "../aarch64/trap.h"

#include <arch/cache.h>
#include <arch/host_kernel.h>
#include <arch/timer.h>
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
