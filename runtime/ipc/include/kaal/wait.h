/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Waiting for several channels at once: many producers are one channel each, fanned in here. For a
 * loop that also has interrupts and timers, see <kaal/event.h>; both may be used in one component.
 *
 * Typical use:
 *     struct kaal_wait waits[2] = {{.channel = &a.channel, .receive = true},
 *                                  {.channel = &b.channel, .receive = true}};
 *     uint32_t index = 0;
 *     while ((error = kaal_channel_wait(waits, 2, KAAL_NO_DEADLINE, &index)) == KAAL_OK) { ... }
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/channel.h>

/** One channel of a wait, and what it is waited for. */
struct kaal_wait {
    struct kaal_channel *channel; /**< NULL: this entry is skipped */
    bool receive;                 /**< until a message is there */
    uint32_t room;                /**< until so many messages can be sent; 0: not for room */
    bool told;                    /**< private: that the channel is dead was reported */
};

/**
 * Waits until one of several channels has what it is waited for. Channels that are ready take
 * turns.
 *   waits        [count];  deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 *   index        in: the entry served last, looked at last;  out: the entry the result is about
 * Returns KAAL_OK; KAAL_ERR_PEER about an entry (its peer was replaced: kaal_channel_reconnect()
 * it; or its channel broke or its peer is gone for ever, which is reported once, after what it
 * sent); KAAL_ERR_TIMEOUT, or a timer error, about no entry. Context: component thread; other event
 * sources keep their wake-ups. Ownership: borrows the entries.
 */
MUST_CHECK int kaal_channel_wait(struct kaal_wait *waits, uint32_t count, uint64_t deadline_ns,
                                 uint32_t *index);
