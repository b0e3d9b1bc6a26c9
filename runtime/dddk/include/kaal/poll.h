/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bounded polls. A device that never answers costs its driver a known time:
 *
 *     struct kaal_poll poll = kaal_poll_start(10 * KAAL_POLL_MS);
 *     while (!(uart_read_status(&regs) & READY)) {
 *         if (!kaal_poll_again(&poll)) {
 *             return KAAL_ERR_TIMEOUT;
 *         }
 *     }
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/startup.h>

/** A millisecond for kaal_poll_start(). */
#define KAAL_POLL_MS UINT64_C(1000000)
/** Looks after which a poll ends whatever the clock says. */
#define KAAL_POLL_LOOKS_MAX 50000000u

/** A poll at work. */
struct kaal_poll {
    uint64_t until_ns; /**< kaal_now_ns() time */
    uint32_t looks;    /**< so far */
};

/** Begins a poll. timeout_ns  from now */
static inline struct kaal_poll kaal_poll_start(uint64_t timeout_ns)
{
    return (struct kaal_poll){.until_ns = kaal_now_ns() + timeout_ns};
}

/** True while the poll may go on; the last look is after the time is over. */
static inline bool kaal_poll_again(struct kaal_poll *poll)
{
    bool over = poll->looks > 0 && kaal_now_ns() > poll->until_ns;
    poll->looks++;
    return !over && poll->looks < KAAL_POLL_LOOKS_MAX;
}
