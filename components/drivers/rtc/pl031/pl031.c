/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arm's PL031 clock: a counter of seconds that keeps running whoever drives it. Its alarm stays
 * off.
 */
#include <kaal/class/rtc.h>

#include "pl031_regs.h"

struct pl031 {
    struct pl031_registers regs;
};

static int pl031_probe(struct pl031 *clock)
{
    return pl031_read_id0(&clock->regs) == PL031_ID0_PART &&
                   (pl031_read_id1(&clock->regs) & PL031_ID1_MASK) == PL031_ID1_PART
               ? KAAL_OK
               : KAAL_ERR_NOT_FOUND;
}

/* Starting a clock that runs has no effect (3.3.4). */
static int pl031_start(struct pl031 *clock)
{
    pl031_write_imsc(&clock->regs, 0);
    pl031_write_cr(&clock->regs, PL031_CR_START);
    return KAAL_OK;
}

static int pl031_read(struct pl031 *clock, uint64_t *seconds)
{
    *seconds = pl031_read_dr(&clock->regs);
    return KAAL_OK;
}

static int pl031_set(struct pl031 *clock, uint64_t seconds)
{
    if (seconds > UINT32_MAX) {
        return KAAL_ERR_RANGE;
    }
    pl031_write_lr(&clock->regs, (uint32_t)seconds);
    return KAAL_OK;
}

KAAL_RTC_DRIVER(pl031, KAAL_MATCH(KAAL_COMPATIBLE("arm,pl031")), KAAL_RESOURCES(KAAL_MMIO(regs, 0)),
                .probe = pl031_probe, .start = pl031_start, .read = pl031_read, .set = pl031_set);
