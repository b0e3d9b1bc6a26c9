/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the spinner shows to the measuring driver: the time of its latest turn, in the first message
 * slot of its own region, never committed.
 */
#pragma once

#include <kaal/channel.h>

struct stamp {
    uint64_t now_ns; /* kaal_now_ns() of the spinner's latest turn */
};

KAAL_CHANNEL(stamp_channel, struct stamp, 2);
