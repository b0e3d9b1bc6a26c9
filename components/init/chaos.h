/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Faults on purpose, for components with `allow: [chaos]`: <kaal/chaos.h> says what each does.
 */
#pragma once

#include <kaal/chaos.h>

#include "component.h"

/** Does it to a component that runs; NULL for KAAL_CHAOS_LEAK. Results as kaal_chaos_act(). */
MUST_CHECK int chaos_act(struct component *component, enum kaal_chaos_action action,
                         uint64_t argument, uint64_t value, uint64_t *where);
