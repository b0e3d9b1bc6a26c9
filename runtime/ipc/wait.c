/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The wait over many channels: look at each, then ask each to wake us (which looks again), then
 * sleep. A dead channel (broken, or its peer gone for ever) is reported once and never again wakes
 * anybody, so a liar cannot make the wait spin.
 */
#include <kaal/wait.h>

#include <kaal/event.h>

static bool is_dead(const struct kaal_channel *channel)
{
    return channel->broken || kaal_channel_peer_gone(channel);
}

/* KAAL_OK: ready. KAAL_ERR_EMPTY: not yet. KAAL_ERR_PEER: replaced, or newly dead. */
static int look(struct kaal_wait *wait)
{
    struct kaal_channel *channel = wait->channel;
    if (channel == NULL) {
        return KAAL_ERR_EMPTY;
    }
    if (kaal_channel_peer_changed(channel)) {
        return KAAL_ERR_PEER;
    }
    /* Before the look at the ring, so that what the peer sent last comes first. */
    bool gone = kaal_channel_peer_gone(channel);
    if (wait->receive && kaal_channel_count(channel) > 0) {
        return KAAL_OK;
    }
    if (wait->room > 0 && kaal_channel_room(channel) >= (int)wait->room) {
        return KAAL_OK;
    }
    bool dead = channel->broken || gone;
    bool tell = dead && !wait->told;
    wait->told = dead;
    return tell ? KAAL_ERR_PEER : KAAL_ERR_EMPTY;
}

/* Asks to be woken; false: there is something already. */
static bool prepare(struct kaal_wait *wait)
{
    bool sleep = true;
    if (wait->channel != NULL && wait->receive) {
        sleep = kaal_channel_prepare_receive(wait->channel);
    }
    if (wait->channel != NULL && wait->room > 0) {
        sleep = kaal_channel_prepare_send(wait->channel, wait->room) && sleep;
    }
    /* What was found just now is to be reported, not slept over. */
    return sleep && (wait->channel == NULL || is_dead(wait->channel) == wait->told);
}

int kaal_channel_wait(struct kaal_wait *waits, uint32_t count, uint64_t deadline_ns,
                      uint32_t *index)
{
    for (;;) {
        for (uint32_t i = 1; i <= count; i++) {
            uint32_t at = (*index + i) % count;
            int state = look(&waits[at]);
            if (state != KAAL_ERR_EMPTY) {
                *index = at;
                return state;
            }
        }
        bool sleep = true;
        for (uint32_t i = 0; i < count; i++) {
            sleep = prepare(&waits[i]) && sleep;
        }
        if (sleep) {
            int error = kaal_event_sleep(deadline_ns);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
}
