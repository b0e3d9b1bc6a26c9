/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The channels of the system description. Their frames are made once, before any component runs,
 * and survive both ends; an instance of a component is connected to them when it is built.
 */
#pragma once

#include <kaal/error.h>
#include <kaal/startup.h>

#include "component.h"

/**
 * Makes every channel's frames and badge bits. Channels that cannot be made are logged and left
 * out; the rest goes on.
 * Returns KAAL_OK, or KAAL_ERR_NO_MEMORY if not even the records fit.
 */
MUST_CHECK int channels_create(const struct kaal_system *system);

/**
 * Connects the present instance of a component to all its channels and adds them to its start-up
 * page. Returns KAAL_OK or the first error, logged with the channel's name.
 */
MUST_CHECK int channels_connect(struct component *component);

/**
 * Tells the other end of each of a component's channels that an instance started, ended, or that
 * none will be started any more: writes generation and peer_state in its start-up page, then
 * signals it. An end must be announced as KAAL_PEER_STOPPED before anything else of it is.
 */
void channels_announce(struct component *component, enum kaal_peer_state state);
