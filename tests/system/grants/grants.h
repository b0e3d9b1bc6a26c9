/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the parts of the parent share, and its messages to the peer.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/broker.h>
#include <kaal/channel.h>

/* Parent: look at this memory. Peer: what it saw in its first word. */
struct share {
    uint64_t handle;
    uint64_t word;
};

KAAL_CHANNEL(share_channel, struct share, 16);

/* Logs one result. */
void say(const char *what, bool good);

void test_memory(void);   /* memory.c */
void test_children(void); /* children.c */
