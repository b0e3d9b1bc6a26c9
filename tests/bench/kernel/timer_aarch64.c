/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The PL031's alarm for the very second that it is strikes at the store that sets it.
 * Source: Arm PrimeCell RTC (PL031) manual DDI 0224, chapter 3.
 */
#include "timer.h"
#include "world.h"
#include "world_aarch64.h"

#define RTC_DR   0x00 /* seconds */
#define RTC_MR   0x04 /* alarm */
#define RTC_IMSC 0x10 /* 1: interrupt enabled */
#define RTC_ICR  0x1c /* 1: clear it */

#define SPI_FIRST 32

static volatile uint32_t *rtc;

seL4_CPtr timer_open(seL4_CPtr handler_vspace)
{
    uint32_t interrupt;
    rtc = arch_device("arm,pl031", &interrupt);
    world_check(rtc != NULL, "finding the PL031");
    arch_devices_share(handler_vspace);
    seL4_CPtr handler = world_slot();
    seL4_Error error = seL4_IRQControl_Get(seL4_CapIRQControl, SPI_FIRST + interrupt,
                                           seL4_CapInitThreadCNode, handler, seL4_WordBits);
    world_check(error == seL4_NoError, "the PL031's interrupt");
    rtc[RTC_IMSC / 4] = 1;
    return handler;
}

/* A second that ends between the two accesses makes an alarm in the past, which never comes. */
void timer_strike(volatile uint32_t *seen, int round, uint64_t *before, uint64_t *after)
{
    *seen = 0;
    do {
        uint32_t second = rtc[RTC_DR / 4];
        *before = arch_counter_start(round);
        rtc[RTC_MR / 4] = second;
        *after = arch_counter();
    } while (*seen == 0);
}

void timer_quiet(void)
{
    rtc[RTC_ICR / 4] = 1;
}
