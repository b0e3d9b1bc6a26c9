/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The one loop of init: receives broker calls, faults and its own notifications on one endpoint.
 * It answers every call at once and never blocks on a component.
 */
#pragma once

#include <sel4/sel4.h>

#include <kaal/error.h>

#include "component.h"

/** Makes the endpoint, the Reply object and init's notification. */
MUST_CHECK int serve_start(seL4_CPtr sched_control_cap);

/** init's endpoint, all rights. */
seL4_CPtr broker_endpoint(void);
/** The kernel's capability for configuring scheduling contexts. */
seL4_CPtr sched_control(void);
/** init's notification, badged BADGE_INIT_BACKOFF: a back-off is over. */
seL4_CPtr backoff_signal(void);
/** The same, badged BADGE_INIT_WATCHDOG: a watchdog's period is over. */
seL4_CPtr watchdog_signal(void);

/** init's notification, all rights. */
seL4_CPtr init_notification(void);

/** Serves for ever. */
_Noreturn void serve(void);
