/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The channels of the system description. Their frames are made once, before any component runs,
 * and survive both ends; an instance of a component is connected to them when it is built.
 */
#pragma once

#include <stdbool.h>

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

/** One channel as reports see it. */
struct channel_line {
    const char *name;          /* of the channel; a child's: of the child */
    struct component *ends[2]; /* a child's: its parent, itself */
    seL4_CPtr headers[2];      /* first frame of each end's region, not mapped for init */
    uint32_t message_bytes;    /* size of one message */
    uint32_t capacity;         /* messages per direction */
    uint32_t generations[2];   /* of each end, as its peer is told */
};

/**
 * The index-th channel: those of the description that could be made, then those of children.
 * Returns false past the last.
 */
bool channels_at(uint32_t index, struct channel_line *line);

/**
 * Tells the other end of each of a component's channels that an instance started, ended, or that
 * none will be started any more: writes generation and peer_state in its start-up page, then
 * signals it. An end must be announced as KAAL_PEER_STOPPED before anything else of it is.
 */
void channels_announce(struct component *component, enum kaal_peer_state state);
