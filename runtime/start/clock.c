/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Counter values to nanoseconds.
 */
#include <arch_start.h>
#include <kaal/clock.h>

#include "start_internal.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static struct kaal_clock clock_state;

void kaal_clock_set(uint64_t hz, uint64_t start_ticks)
{
    clock_state = (struct kaal_clock){.hz = hz, .start_ticks = start_ticks};
}

const struct kaal_clock *kaal_clock(void)
{
    return &clock_state;
}

uint64_t kaal_clock_ticks(void)
{
    return arch_ticks();
}

uint64_t kaal_clock_ns(uint64_t ticks)
{
    uint64_t hz = clock_state.hz == 0 ? NS_PER_SECOND : clock_state.hz;
    return ticks / hz * NS_PER_SECOND + ticks % hz * NS_PER_SECOND / hz;
}

uint64_t kaal_now_ns(void)
{
    return kaal_clock_ns(kaal_clock_ticks() - clock_state.start_ticks);
}
