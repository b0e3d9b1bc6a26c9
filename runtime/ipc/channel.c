/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels: indices, events, and the copying forms. See the header for the idea.
 *
 * Index arithmetic is modulo 2^32: produced - consumed is the number of messages in the ring,
 * whatever the indices are. Of the peer's words only its two indices decide anything, and each is
 * loaded once and checked against the capacity before it becomes what was "seen"; everything else
 * works with what was seen. The event indices can only cost the peer its own wake-ups.
 */
#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/channel.h>
#include <kaal/event.h>

#define MESSAGE_BYTES_MAX 4096u
#define CAPACITY_MAX      65536u

static uint32_t peer_generation(const struct kaal_channel *channel)
{
    return __atomic_load_n(&channel->resource->generation, __ATOMIC_ACQUIRE);
}

static uint32_t peer_state(const struct kaal_channel *channel)
{
    return __atomic_load_n(&channel->resource->peer_state, __ATOMIC_ACQUIRE);
}

static uint32_t peer_produced(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->peer->produced, memory_order_acquire);
}

static uint32_t peer_consumed(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->peer->consumed, memory_order_acquire);
}

/* The peer's indices, if ours fit them: then they are what was seen last. */
static bool adopt_peer_indices(struct kaal_channel *channel)
{
    uint32_t produced = peer_produced(channel);
    uint32_t consumed = peer_consumed(channel);
    if (produced - kaal_channel_consumed(channel) > channel->capacity ||
        kaal_channel_produced(channel) - consumed > channel->capacity) {
        return false;
    }
    channel->seen_produced = produced;
    channel->seen_consumed = consumed;
    return true;
}

/* Every call looks again from now on, and ends here, before it touches a message. Slots that are
 * committed later only make it less than nothing. */
int kaal_channel_break_off(struct kaal_channel *channel)
{
    channel->broken = true;
    channel->seen_produced = kaal_channel_consumed(channel);
    channel->seen_consumed = kaal_channel_produced(channel) - channel->capacity;
    return KAAL_ERR_PEER;
}

static bool describes_channel(const struct kaal_channel_resource *resource)
{
    return resource->own_vaddr != 0 && resource->peer_vaddr != 0 && resource->doorbell != 0 &&
           resource->message_bytes != 0 && resource->message_bytes <= MESSAGE_BYTES_MAX &&
           resource->capacity >= 2 && resource->capacity <= CAPACITY_MAX &&
           is_power_of_two(resource->capacity) &&
           resource->region_bytes >=
               kaal_channel_region_bytes(resource->message_bytes, resource->capacity);
}

static void ring(struct kaal_channel *channel)
{
    channel->doorbells++;
    seL4_Signal(channel->doorbell);
}

int kaal_channel_open(struct kaal_channel *channel, const struct kaal_resource *resource)
{
    if (resource == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    const struct kaal_channel_resource *description = &resource->channel;
    if (resource->kind != KAAL_RESOURCE_CHANNEL || !describes_channel(description)) {
        return KAAL_ERR_INVALID;
    }
    *channel = (struct kaal_channel){
        .own = (struct kaal_channel_region *)description->own_vaddr,
        .peer = (const struct kaal_channel_region *)description->peer_vaddr,
        .resource = description,
        .doorbell = description->doorbell,
        .message_bytes = description->message_bytes,
        .capacity = description->capacity,
    };
    /* The generation first: a peer that is replaced from here on is noticed. */
    channel->generation = peer_generation(channel);
    if (!adopt_peer_indices(channel)) {
        channel->seen_produced = peer_produced(channel);
        channel->seen_consumed = peer_consumed(channel);
        atomic_store_explicit(&channel->own->produced, channel->seen_consumed,
                              memory_order_release);
        atomic_store_explicit(&channel->own->consumed, channel->seen_produced,
                              memory_order_release);
    }
    channel->notified_produced = kaal_channel_produced(channel);
    channel->notified_consumed = kaal_channel_consumed(channel);
    /* What an earlier instance wanted to be woken for; this one does not sleep. */
    atomic_store_explicit(&channel->own->wake_data, kaal_channel_consumed(channel) - 1,
                          memory_order_relaxed);
    atomic_store_explicit(&channel->own->wake_room,
                          kaal_channel_produced(channel) - channel->capacity - 1,
                          memory_order_relaxed);
    /* An earlier instance may have died between publishing and ringing. */
    ring(channel);
    return KAAL_OK;
}

/* Of `available` slots from free-running `index` on, those before the end of the ring. */
static uint32_t adjacent(const struct kaal_channel *channel, uint32_t index, uint32_t available)
{
    uint32_t before_end = channel->capacity - (index & (channel->capacity - 1));
    return available < before_end ? available : before_end;
}

void *kaal_channel_reserve(struct kaal_channel *channel, uint32_t *count)
{
    uint32_t room = kaal_channel_free(channel, channel->capacity, 1);
    *count = adjacent(channel, kaal_channel_produced(channel), room);
    size_t offset = kaal_channel_offset(kaal_channel_produced(channel), channel->message_bytes,
                                        channel->capacity);
    return *count == 0 ? NULL : channel->own->messages + offset;
}

const void *kaal_channel_peek(struct kaal_channel *channel, uint32_t *count)
{
    *count = adjacent(channel, kaal_channel_consumed(channel), kaal_channel_ready(channel, 1));
    size_t offset = kaal_channel_offset(kaal_channel_consumed(channel), channel->message_bytes,
                                        channel->capacity);
    return *count == 0 ? NULL : channel->peer->messages + offset;
}

/* True if an index that moved from `before` to `now` passed `event`: before <= event < now. */
static bool passed(uint32_t event, uint32_t before, uint32_t now)
{
    return now - event - 1 < now - before;
}

/*
 * Publishing an index and then looking for the peer's wish, against the peer's stating its wish and
 * then looking for the index (kaal_channel_prepare_*()): all four accesses are sequentially
 * consistent, so at least one of the two sees the other. Storing the index a second time costs less
 * than a fence.
 */
void kaal_channel_notify(struct kaal_channel *channel)
{
    uint32_t produced = kaal_channel_produced(channel);
    uint32_t consumed = kaal_channel_consumed(channel);
    bool asked = false;
    if (produced != channel->notified_produced) {
        atomic_store_explicit(&channel->own->produced, produced, memory_order_seq_cst);
        uint32_t event = atomic_load_explicit(&channel->peer->wake_data, memory_order_seq_cst);
        asked = passed(event, channel->notified_produced, produced);
        channel->notified_produced = produced;
    }
    if (consumed != channel->notified_consumed) {
        atomic_store_explicit(&channel->own->consumed, consumed, memory_order_seq_cst);
        uint32_t event = atomic_load_explicit(&channel->peer->wake_room, memory_order_seq_cst);
        asked = passed(event, channel->notified_consumed, consumed) || asked;
        channel->notified_consumed = consumed;
    }
    if (asked) {
        ring(channel);
    }
}

bool kaal_channel_prepare_receive(struct kaal_channel *channel)
{
    kaal_channel_notify(channel); /* nobody sleeps on news that it did not tell */
    atomic_store_explicit(&channel->own->wake_data, kaal_channel_consumed(channel),
                          memory_order_seq_cst);
    return kaal_channel_count(channel) <= 0; /* KAAL_ERR_PEER also sleeps */
}

bool kaal_channel_prepare_send(struct kaal_channel *channel, uint32_t room)
{
    ASSERT(room >= 1 && room <= channel->capacity);
    kaal_channel_notify(channel); /* as above */
    uint32_t event = kaal_channel_produced(channel) - channel->capacity + room - 1;
    atomic_store_explicit(&channel->own->wake_room, event, memory_order_seq_cst);
    return kaal_channel_room(channel) < (int)room;
}

int kaal_channel_send(struct kaal_channel *channel, const void *message)
{
    int sent = kaal_channel_send_batch(channel, message, 1);
    return sent > 0 ? KAAL_OK : sent == 0 ? KAAL_ERR_FULL : sent;
}

int kaal_channel_try_recv(struct kaal_channel *channel, void *message)
{
    int received = kaal_channel_try_recv_batch(channel, message, 1);
    return received > 0 ? KAAL_OK : received == 0 ? KAAL_ERR_EMPTY : received;
}

int kaal_channel_send_batch(struct kaal_channel *channel, const void *messages, uint32_t count)
{
    uint32_t taken =
        kaal_channel_put(channel, messages, count, channel->message_bytes, channel->capacity);
    kaal_channel_notify(channel);
    return channel->broken ? KAAL_ERR_PEER : (int)taken;
}

int kaal_channel_try_recv_batch(struct kaal_channel *channel, void *messages, uint32_t count)
{
    uint32_t taken =
        kaal_channel_take(channel, messages, count, channel->message_bytes, channel->capacity);
    kaal_channel_notify(channel);
    return channel->broken ? KAAL_ERR_PEER : (int)taken;
}

int kaal_channel_await_message(struct kaal_channel *channel, uint64_t deadline_ns)
{
    while (kaal_channel_prepare_receive(channel)) {
        if (channel->broken) {
            return KAAL_ERR_PEER;
        }
        if (kaal_channel_peer_lost(channel)) {
            /* It may have sent something since the look at the ring. */
            return kaal_channel_count(channel) > 0 ? KAAL_OK : KAAL_ERR_PEER;
        }
        int error = kaal_event_sleep(deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
        if (kaal_channel_count(channel) > 0) {
            return KAAL_OK; /* sooner than by asking again */
        }
    }
    return KAAL_OK;
}

int kaal_channel_await_room(struct kaal_channel *channel, uint32_t room, uint64_t deadline_ns)
{
    while (kaal_channel_prepare_send(channel, room)) {
        if (channel->broken || kaal_channel_peer_lost(channel)) {
            return KAAL_ERR_PEER;
        }
        int error = kaal_event_sleep(deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return KAAL_OK;
}

int kaal_channel_send_blocking(struct kaal_channel *channel, const void *message,
                               uint64_t deadline_ns)
{
    int error;
    while ((error = kaal_channel_send(channel, message)) == KAAL_ERR_FULL) {
        error = kaal_channel_await_room(channel, 1, deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return error;
}

int kaal_channel_recv_blocking(struct kaal_channel *channel, void *message, uint64_t deadline_ns)
{
    int error;
    while ((error = kaal_channel_try_recv(channel, message)) == KAAL_ERR_EMPTY) {
        error = kaal_channel_await_message(channel, deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return error;
}

bool kaal_channel_peer_changed(const struct kaal_channel *channel)
{
    return peer_generation(channel) != channel->generation;
}

bool kaal_channel_peer_alive(const struct kaal_channel *channel)
{
    return peer_state(channel) == KAAL_PEER_RUNNING;
}

bool kaal_channel_peer_gone(const struct kaal_channel *channel)
{
    return peer_state(channel) == KAAL_PEER_GONE;
}

bool kaal_channel_peer_lost(const struct kaal_channel *channel)
{
    return kaal_channel_peer_changed(channel) || kaal_channel_peer_gone(channel);
}

int kaal_channel_reconnect(struct kaal_channel *channel)
{
    uint32_t generation = peer_generation(channel);
    if (!adopt_peer_indices(channel)) {
        return KAAL_ERR_PEER;
    }
    channel->generation = generation;
    channel->broken = false;
    /* The new instance has seen none of our doorbells. */
    ring(channel);
    return KAAL_OK;
}
