/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The order in which the components of the description start, by their `after` lines; they end the
 * other way round. A component is ready when it has answered init's first question whether it is
 * alive, as it does when it first waits for events.
 */
#pragma once

#include "component.h"

/** Whether a component may start now. */
enum order_state {
    ORDER_READY,    /* everything before it is ready, or has ended as it should */
    ORDER_WAITS,    /* something before it is not ready, or waits to be started itself */
    ORDER_HOPELESS, /* something before it has failed for good */
};

/** Works it out. After components_create(). */
void order_create(const struct kaal_system *system);

/** The index-th component to start; index < order_count(). */
struct component *order_at(uint32_t index);
/** Components of the description. */
uint32_t order_count(void);

/** Whether others start after a component, so that init must know when it is ready. */
bool order_is_awaited(const struct component *component);

/**
 * Whether a component may start now.
 *   cause  out: the component before it because of which it may not
 */
enum order_state order_state(const struct component *component, const struct component **cause);
