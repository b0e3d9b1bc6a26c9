/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels: indices, events, and the copying forms. See the header for the idea.
 *
 * Index arithmetic is modulo 2^32: produced - consumed is the number of messages in the ring,
 * whatever the indices are. Of the peer's words only its two indices decide anything, and each is
 * loaded once and checked against the capacity before it is used; the event indices can only cost
 * the peer its own wake-ups.
 */
#include <string.h>

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

/* Pairs with the release stores of kaal_channel_commit() at the other end: messages are visible. */
static uint32_t peer_produced(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->peer->produced, memory_order_acquire);
}

/* Pairs with the release store of kaal_channel_consume(): the peer has done with the slots. */
static uint32_t peer_consumed(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->peer->consumed, memory_order_acquire);
}

static void publish_produced(struct kaal_channel *channel)
{
    atomic_store_explicit(&channel->own->produced, channel->produced, memory_order_release);
}

static void publish_consumed(struct kaal_channel *channel)
{
    atomic_store_explicit(&channel->own->consumed, channel->consumed, memory_order_release);
}

static bool indices_fit(const struct kaal_channel *channel)
{
    return peer_produced(channel) - channel->consumed <= channel->capacity &&
           channel->produced - peer_consumed(channel) <= channel->capacity;
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
    channel->produced = atomic_load_explicit(&channel->own->produced, memory_order_relaxed);
    channel->consumed = atomic_load_explicit(&channel->own->consumed, memory_order_relaxed);
    if (!indices_fit(channel)) {
        channel->produced = peer_consumed(channel);
        channel->consumed = peer_produced(channel);
        publish_produced(channel);
        publish_consumed(channel);
    }
    channel->notified_produced = channel->produced;
    channel->notified_consumed = channel->consumed;
    /* An earlier instance may have died between publishing and ringing. */
    channel->doorbells++;
    seL4_Signal(channel->doorbell);
    return KAAL_OK;
}

int kaal_channel_count(struct kaal_channel *channel)
{
    uint32_t count = peer_produced(channel) - channel->consumed;
    if (channel->broken || count > channel->capacity) {
        channel->broken = true;
        return KAAL_ERR_PEER;
    }
    return (int)count;
}

int kaal_channel_room(struct kaal_channel *channel)
{
    uint32_t used = channel->produced - peer_consumed(channel);
    if (channel->broken || used > channel->capacity) {
        channel->broken = true;
        return KAAL_ERR_PEER;
    }
    return (int)(channel->capacity - used);
}

/* Of `available` slots from free-running `index` on, those before the end of the ring. */
static uint32_t adjacent(const struct kaal_channel *channel, uint32_t index, uint32_t available)
{
    uint32_t before_end = channel->capacity - (index & (channel->capacity - 1));
    return available < before_end ? available : before_end;
}

static size_t slot_offset(const struct kaal_channel *channel, uint32_t index)
{
    return (size_t)(index & (channel->capacity - 1)) * channel->message_bytes;
}

void *kaal_channel_reserve(struct kaal_channel *channel, uint32_t *count)
{
    int room = kaal_channel_room(channel);
    *count = room <= 0 ? 0 : adjacent(channel, channel->produced, (uint32_t)room);
    return *count == 0 ? NULL : channel->own->messages + slot_offset(channel, channel->produced);
}

void kaal_channel_commit(struct kaal_channel *channel, uint32_t count)
{
    ASSERT(count <= channel->capacity);
    channel->produced += count;
    publish_produced(channel);
}

const void *kaal_channel_peek(struct kaal_channel *channel, uint32_t *count)
{
    int available = kaal_channel_count(channel);
    *count = available <= 0 ? 0 : adjacent(channel, channel->consumed, (uint32_t)available);
    return *count == 0 ? NULL : channel->peer->messages + slot_offset(channel, channel->consumed);
}

void kaal_channel_consume(struct kaal_channel *channel, uint32_t count)
{
    ASSERT(count <= channel->capacity);
    channel->consumed += count;
    publish_consumed(channel);
}

/* True if an index that moved from `before` to `now` passed `event`: before <= event < now. */
static bool passed(uint32_t event, uint32_t before, uint32_t now)
{
    return now - event - 1 < now - before;
}

void kaal_channel_notify(struct kaal_channel *channel)
{
    if (channel->produced == channel->notified_produced &&
        channel->consumed == channel->notified_consumed) {
        return;
    }
    /* Our index before its event: pairs with the fence of kaal_channel_prepare_*(). */
    atomic_thread_fence(memory_order_seq_cst);
    uint32_t data_event = atomic_load_explicit(&channel->peer->wake_data, memory_order_relaxed);
    uint32_t room_event = atomic_load_explicit(&channel->peer->wake_room, memory_order_relaxed);
    bool ring = passed(data_event, channel->notified_produced, channel->produced) ||
                passed(room_event, channel->notified_consumed, channel->consumed);
    channel->notified_produced = channel->produced;
    channel->notified_consumed = channel->consumed;
    if (ring) {
        channel->doorbells++;
        seL4_Signal(channel->doorbell);
    }
}

bool kaal_channel_prepare_receive(struct kaal_channel *channel)
{
    kaal_channel_notify(channel); /* nobody sleeps on news that it did not tell */
    atomic_store_explicit(&channel->own->wake_data, channel->consumed, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* pairs with kaal_channel_notify() */
    return kaal_channel_count(channel) <= 0;   /* KAAL_ERR_PEER also sleeps */
}

bool kaal_channel_prepare_send(struct kaal_channel *channel, uint32_t room)
{
    ASSERT(room >= 1 && room <= channel->capacity);
    kaal_channel_notify(channel); /* as above */
    uint32_t event = channel->produced - channel->capacity + room - 1;
    atomic_store_explicit(&channel->own->wake_room, event, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* pairs with kaal_channel_notify() */
    return kaal_channel_room(channel) < (int)room;
}

int kaal_channel_send(struct kaal_channel *channel, const void *message)
{
    int room = kaal_channel_room(channel);
    if (room <= 0) {
        return room == 0 ? KAAL_ERR_FULL : room;
    }
    memcpy(channel->own->messages + slot_offset(channel, channel->produced), message,
           channel->message_bytes);
    kaal_channel_commit(channel, 1);
    kaal_channel_notify(channel);
    return KAAL_OK;
}

int kaal_channel_try_recv(struct kaal_channel *channel, void *message)
{
    int count = kaal_channel_count(channel);
    if (count <= 0) {
        return count == 0 ? KAAL_ERR_EMPTY : count;
    }
    memcpy(message, channel->peer->messages + slot_offset(channel, channel->consumed),
           channel->message_bytes);
    kaal_channel_consume(channel, 1);
    kaal_channel_notify(channel);
    return KAAL_OK;
}

int kaal_channel_send_blocking(struct kaal_channel *channel, const void *message,
                               uint64_t deadline_ns)
{
    for (;;) {
        int error = kaal_channel_send(channel, message);
        if (error != KAAL_ERR_FULL) {
            return error;
        }
        if (kaal_channel_peer_changed(channel)) {
            return KAAL_ERR_PEER;
        }
        if (kaal_channel_prepare_send(channel, 1)) {
            error = kaal_event_sleep(deadline_ns);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
}

int kaal_channel_recv_blocking(struct kaal_channel *channel, void *message, uint64_t deadline_ns)
{
    for (;;) {
        int error = kaal_channel_try_recv(channel, message);
        if (error != KAAL_ERR_EMPTY) {
            return error;
        }
        if (kaal_channel_peer_changed(channel)) {
            return KAAL_ERR_PEER;
        }
        if (kaal_channel_prepare_receive(channel)) {
            error = kaal_event_sleep(deadline_ns);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
}

bool kaal_channel_peer_changed(const struct kaal_channel *channel)
{
    return peer_generation(channel) != channel->generation;
}

bool kaal_channel_peer_alive(const struct kaal_channel *channel)
{
    return __atomic_load_n(&channel->resource->peer_alive, __ATOMIC_ACQUIRE) != 0;
}

int kaal_channel_reconnect(struct kaal_channel *channel)
{
    uint32_t generation = peer_generation(channel);
    if (!indices_fit(channel)) {
        return KAAL_ERR_PEER;
    }
    channel->generation = generation;
    channel->broken = false;
    /* The new instance has seen none of our doorbells. */
    channel->doorbells++;
    seL4_Signal(channel->doorbell);
    return KAAL_OK;
}
