/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Components that others start and end at run time. A child's record, with its notification, Reply
 * object and start-up page, is used again for the next child, so that children cost nothing when
 * they are gone.
 */
#pragma once

#include <kaal/broker.h>

#include "component.h"

/** Sets the broker's end_child. After devices_start(), before the first component runs. */
void children_start(void);

/**
 * Builds and runs a child, as kaal_spawn() promises.
 *   request  as it came: not trusted;  handle  out: the parent's name for it
 */
MUST_CHECK int children_spawn(struct component *parent, const struct kaal_spawn_request *request,
                              kaal_handle *handle);

/** How a child is. Returns KAAL_OK or KAAL_ERR_NOT_FOUND. */
MUST_CHECK int children_status(const struct component *parent, kaal_handle handle,
                               struct kaal_child_status *status);

/** A component has ended by itself: tells who started it, if anybody did, also through
 * their channel. */
void children_ended(struct component *component);
