/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The PIT's channel 0 counts down once and raises IOAPIC pin 2. Meanwhile the caller reads the TSC
 * in a loop of four instructions, so the last value is two instructions, in the mean, before the
 * strike. Source: Intel 82C54 datasheet, mode 0 (interrupt on terminal count).
 */
#include "timer.h"
#include "world.h"

#define PIT_CHANNEL0     0x40
#define PIT_CONTROL      0x43
#define PIT_ONE_SHOT     0x30 /* channel 0, low byte then high byte, mode 0 */
#define PIT_PIN          2
#define PIT_STRIKE_TICKS 50 /* of 1,193,182 Hz: longer than the way from here into the loop */
#define EDGE_TRIGGERED   0
#define ACTIVE_HIGH      0
#define VECTOR           0

static seL4_CPtr ports;

seL4_CPtr timer_open(seL4_CPtr handler_vspace)
{
    (void)handler_vspace; /* ports are capabilities */
    ports = world_slot();
    seL4_Error error =
        seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, PIT_CHANNEL0, PIT_CONTROL,
                                     seL4_CapInitThreadCNode, ports, seL4_WordBits);
    world_check(error == seL4_NoError, "the PIT's ports");
    seL4_CPtr handler = world_slot();
    error =
        seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, handler,
                                  seL4_WordBits, 0, PIT_PIN, EDGE_TRIGGERED, ACTIVE_HIGH, VECTOR);
    world_check(error == seL4_NoError, "the PIT's interrupt");
    return handler;
}

void timer_strike(volatile uint32_t *seen, int round, uint64_t *before, uint64_t *after)
{
    (void)round; /* the PIT's own tick changes the phase */
    *seen = 0;
    (void)seL4_X86_IOPort_Out8(ports, PIT_CONTROL, PIT_ONE_SHOT);
    (void)seL4_X86_IOPort_Out8(ports, PIT_CHANNEL0, PIT_STRIKE_TICKS);
    (void)seL4_X86_IOPort_Out8(ports, PIT_CHANNEL0, 0);
    uint32_t last, now;
    __asm__ volatile("rdtsc\n"
                     "1:\tmovl %%eax, %0\n\t"
                     "rdtsc\n\t"
                     "cmpl $0, %2\n\t"
                     "je 1b"
                     : "=&r"(last), "=&a"(now)
                     : "m"(*seen)
                     : "rdx", "cc", "memory");
    uint64_t end = arch_counter();
    uint32_t turn = now - last;
    uint64_t now64 = end - (uint32_t)((uint32_t)end - now);
    /* It struck in the longer of the last two intervals. */
    bool before_now = turn > end - now64;
    *before = before_now ? now64 - turn : now64;
    *after = before_now ? now64 : end;
}

void timer_quiet(void)
{
}
