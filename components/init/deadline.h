/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Deadlines without a timer device. A deadline is a thread of init with a scheduling context of its
 * own whose period is the delay: it yields, which spends the whole budget, so the kernel runs it
 * again one period later; then it signals a notification and sleeps. Arming again is: suspend,
 * configure the scheduling context, restart the thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sel4/sel4.h>

#include <kaal/error.h>

#include "helper.h"

/** Never. */
#define DEADLINE_NEVER UINT64_MAX

/** A deadline; zeroed = never used. The thread is made at the first arming. */
struct deadline {
    struct helper helper;
    bool armed;
};

/**
 * Arms a deadline, replacing what it was armed for.
 *   when_ns  in kaal_now_ns() time; a past one signals at once; DEADLINE_NEVER only disarms
 *   signal   notification capability (write) that is signalled once
 * Returns KAAL_OK; KAAL_ERR_NO_SPACE if its thread cannot be made (no memory, slot).
 */
MUST_CHECK int deadline_arm(struct deadline *deadline, uint64_t when_ns, seL4_CPtr signal);

/** Disarms; a signal that was sent already stays sent. */
void deadline_disarm(struct deadline *deadline);
