/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels: a ring of fixed-size messages in each direction between two components.
 *
 * Each end owns one shared region: its producer index, its consumer index, its two event indices
 * and the messages it sends. The peer maps that region read-only, so the MMU keeps it from changing
 * anything of ours. What the peer's region says is read once, checked, then used; a peer whose
 * indices are impossible breaks the channel (KAAL_ERR_PEER) and nothing else.
 *
 * Waking: whoever wants to sleep publishes an event index ("wake me when your index passes this");
 * the other side rings the doorbell once when it does so, however long the burst.
 *
 * Life cycle: kaal_channel_open() -> any calls below -> (peer died: kaal_channel_reconnect()).
 * Regions survive the death of either end: a new instance goes on at the indices in its own region.
 * All calls of one channel come from one thread.
 *
 * Typical use, typed:
 *     KAAL_CHANNEL(packet_channel, struct packet, 256);
 *     struct packet_channel ch;
 *     error = packet_channel_open(&ch, kaal_resource_find("rx", KAAL_RESOURCE_CHANNEL));
 *     error = packet_channel_recv_blocking(&ch, &packet, KAAL_NO_DEADLINE);
 * In place, by batches: reserve -> fill -> commit (index only), then notify once; peek -> consume.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>

/** A deadline that never passes. */
#define KAAL_NO_DEADLINE UINT64_MAX

/** Bytes of a region before its messages. */
#define KAAL_CHANNEL_HEADER_BYTES 256u

/**
 * One end's region, as both ends see it. Exactly one end writes it; free-running indices, each pair
 * on a cache line of its own. init hands it out zeroed and never touches it again.
 */
struct kaal_channel_region {
    _Alignas(64) _Atomic uint32_t produced;  /**< messages published by this end */
    _Alignas(64) _Atomic uint32_t consumed;  /**< messages of the peer that this end is done with */
    _Alignas(64) _Atomic uint32_t wake_data; /**< ring when your produced index passes this */
    _Atomic uint32_t wake_room;              /**< ring when your consumed index passes this */
    _Alignas(64) uint8_t reserved[64];       /**< zero */
    _Alignas(64) uint8_t messages[];         /**< [capacity][message_bytes] */
};
_Static_assert(sizeof(struct kaal_channel_region) == KAAL_CHANNEL_HEADER_BYTES, "shared layout");

/** One end of a channel; private to its component. */
struct kaal_channel {
    struct kaal_channel_region *own;        /**< the region this end writes */
    const struct kaal_channel_region *peer; /**< the peer's, read-only */
    const struct kaal_channel_resource
        *resource;              /**< in the start-up page: generation, peer_alive */
    uint64_t doorbell;          /**< Notification capability that wakes the peer */
    uint32_t message_bytes;     /**< size of one message */
    uint32_t capacity;          /**< messages per direction */
    uint32_t produced;          /**< our producer index; the shared copy is for the peer */
    uint32_t consumed;          /**< our consumer index */
    uint32_t notified_produced; /**< produced when the peer was last told */
    uint32_t notified_consumed; /**< consumed when the peer was last told */
    uint32_t generation;        /**< generation of the peer that we talk to */
    bool broken;                /**< the peer lied; until kaal_channel_reconnect() */
    uint64_t doorbells;         /**< statistics: times we rang */
};

/**
 * Bytes that one region needs; what init allocates, rounded up to pages.
 *   message_bytes  1..4096;  capacity  a power of two
 */
static inline uint64_t kaal_channel_region_bytes(uint32_t message_bytes, uint32_t capacity)
{
    return KAAL_CHANNEL_HEADER_BYTES + (uint64_t)message_bytes * capacity;
}

/**
 * Opens this component's end. A first instance finds zeroed regions; a later one goes on where its
 * own region says. Own indices that do not fit the peer's (a crash in mid-write) are set to the
 * peer's, which drops what was in flight. Rings the peer once.
 *   channel  out;  resource  from kaal_resource_find(), may be NULL
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (resource is NULL), KAAL_ERR_INVALID (it describes no
 * channel). Context: component thread, never blocks. Ownership: keeps a pointer to the resource.
 */
MUST_CHECK int kaal_channel_open(struct kaal_channel *channel,
                                 const struct kaal_resource *resource);

/**
 * Messages waiting to be received.
 * Returns 0..capacity, or KAAL_ERR_PEER.
 */
int kaal_channel_count(struct kaal_channel *channel);

/**
 * Messages that can be sent now.
 * Returns 0..capacity, or KAAL_ERR_PEER.
 */
int kaal_channel_room(struct kaal_channel *channel);

/**
 * The next free message slots, to be filled in place. Nothing is sent before kaal_channel_commit().
 *   count  out: how many slots are free and adjacent from the returned one on
 * Returns the first slot, or NULL with count 0 if the channel is full or broken.
 */
void *kaal_channel_reserve(struct kaal_channel *channel, uint32_t *count);

/**
 * Publishes filled slots; costs one store. Ring with kaal_channel_notify() after a batch.
 *   count  at most what kaal_channel_reserve() gave
 */
void kaal_channel_commit(struct kaal_channel *channel, uint32_t count);

/**
 * The oldest received messages, in place. They lie in the peer's memory and a hostile peer may
 * change them while you look: copy what you check. count  out: how many messages are there and
 * adjacent from the returned one on Returns the first message, or NULL with count 0 if the channel
 * is empty or broken.
 */
const void *kaal_channel_peek(struct kaal_channel *channel, uint32_t *count);

/**
 * Gives slots back to the peer; costs one store. Ring with kaal_channel_notify() after a batch.
 *   count  at most what kaal_channel_peek() gave
 */
void kaal_channel_consume(struct kaal_channel *channel, uint32_t count);

/**
 * Tells the peer of everything committed and consumed since the last call: rings its doorbell if it
 * sleeps for it, and at most once.
 * Context: never blocks; a system call only if the peer sleeps.
 */
void kaal_channel_notify(struct kaal_channel *channel);

/**
 * Asks to be woken when a message arrives; first tells the peer what it was not told yet.
 * Returns true if there is none now, so that the caller may sleep on its notification; also true
 * for a broken channel (never spin for a liar). False: look again instead of sleeping.
 */
bool kaal_channel_prepare_receive(struct kaal_channel *channel);

/**
 * Asks to be woken when at least `room` messages can be sent; first tells the peer what it was not
 * told yet.
 *   room  1..capacity; more than 1 saves wake-ups
 * Returns true if there is less room now, so that the caller may sleep; also for a broken channel.
 */
bool kaal_channel_prepare_send(struct kaal_channel *channel, uint32_t room);

/**
 * Copies one message into the channel and tells the peer.
 *   message  [message_bytes]
 * Returns KAAL_OK, KAAL_ERR_FULL or KAAL_ERR_PEER. Never blocks.
 */
MUST_CHECK int kaal_channel_send(struct kaal_channel *channel, const void *message);

/**
 * Takes the oldest message out of the channel and tells the peer.
 *   message  out, [message_bytes]
 * Returns KAAL_OK, KAAL_ERR_EMPTY or KAAL_ERR_PEER. Never blocks.
 */
MUST_CHECK int kaal_channel_try_recv(struct kaal_channel *channel, void *message);

/**
 * As kaal_channel_send(), waiting for room.
 *   deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 * Returns KAAL_OK, KAAL_ERR_TIMEOUT, or KAAL_ERR_PEER (broken, or the peer was replaced while we
 * waited: kaal_channel_reconnect() and decide what to send again). Context: component thread; other
 * event sources keep their wake-ups (<kaal/event.h>).
 */
MUST_CHECK int kaal_channel_send_blocking(struct kaal_channel *channel, const void *message,
                                          uint64_t deadline_ns);

/**
 * As kaal_channel_try_recv(), waiting for a message.
 *   deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 * Returns KAAL_OK, KAAL_ERR_TIMEOUT, or KAAL_ERR_PEER as kaal_channel_send_blocking().
 */
MUST_CHECK int kaal_channel_recv_blocking(struct kaal_channel *channel, void *message,
                                          uint64_t deadline_ns);

/**
 * True if the peer was replaced by a new instance since kaal_channel_open() or the last
 * kaal_channel_reconnect(). Costs one load.
 */
bool kaal_channel_peer_changed(const struct kaal_channel *channel);

/** True while an instance of the peer runs. Costs one load. */
bool kaal_channel_peer_alive(const struct kaal_channel *channel);

/**
 * Accepts the peer's present instance. Messages that were committed before it came stay in the ring
 * and reach it; a broken channel becomes usable again if the indices fit now.
 * Returns KAAL_OK, or KAAL_ERR_PEER if they still do not: the channel stays broken and
 * kaal_channel_peer_changed() stays true, so the next wake-up finds both.
 */
int kaal_channel_reconnect(struct kaal_channel *channel);

/**
 * Byte streams (message_bytes 1): sends as many bytes as fit, and tells the peer.
 *   bytes  [length]
 * Returns how many were taken (0..length), or KAAL_ERR_PEER.
 */
int kaal_stream_write(struct kaal_channel *channel, const void *bytes, uint32_t length);

/**
 * Byte streams (message_bytes 1): takes up to length bytes, and tells the peer.
 *   bytes  out, [length]
 * Returns how many there were (0..length), or KAAL_ERR_PEER.
 */
int kaal_stream_read(struct kaal_channel *channel, void *bytes, uint32_t length);

/**
 * Byte streams: sends all bytes, waiting for room as often as needed.
 *   deadline_ns  as kaal_channel_send_blocking();  written  out: bytes sent, also on failure
 * Returns as kaal_channel_send_blocking().
 */
MUST_CHECK int kaal_stream_write_blocking(struct kaal_channel *channel, const void *bytes,
                                          uint32_t length, uint64_t deadline_ns, uint32_t *written);

/**
 * Declares `struct name`, a channel of `type` messages, `capacity_` (a power of two) per direction,
 * and its functions: name_open, name_send, name_send_blocking, name_try_recv, name_recv_blocking,
 * name_count, name_room, name_reserve, name_commit, name_peek, name_consume, name_notify. They are
 * the kaal_channel_ functions with the message's type; name_reserve(ch, n) and name_peek(ch, n)
 * return n adjacent slots or NULL (1 always succeeds if there is one).
 */
#define KAAL_CHANNEL(name, type, capacity_)                                                    \
    _Static_assert((capacity_) >= 2 && ((capacity_) & ((capacity_)-1)) == 0,                   \
                   "the capacity of a channel is a power of two");                             \
    struct name {                                                                              \
        struct kaal_channel channel;                                                           \
    };                                                                                         \
    MUST_CHECK static inline __attribute__((unused)) int name##_open(                          \
        struct name *ch, const struct kaal_resource *resource)                                 \
    {                                                                                          \
        if (resource != NULL && (resource->channel.message_bytes != sizeof(type) ||            \
                                 resource->channel.capacity != (capacity_))) {                 \
            return KAAL_ERR_INVALID;                                                           \
        }                                                                                      \
        return kaal_channel_open(&ch->channel, resource);                                      \
    }                                                                                          \
    MUST_CHECK static inline                                                                   \
        __attribute__((unused)) int name##_send(struct name *ch, const type *message)          \
    {                                                                                          \
        return kaal_channel_send(&ch->channel, message);                                       \
    }                                                                                          \
    MUST_CHECK static inline __attribute__((unused)) int name##_send_blocking(                 \
        struct name *ch, const type *message, uint64_t deadline_ns)                            \
    {                                                                                          \
        return kaal_channel_send_blocking(&ch->channel, message, deadline_ns);                 \
    }                                                                                          \
    MUST_CHECK static inline                                                                   \
        __attribute__((unused)) int name##_try_recv(struct name *ch, type *message)            \
    {                                                                                          \
        return kaal_channel_try_recv(&ch->channel, message);                                   \
    }                                                                                          \
    MUST_CHECK static inline __attribute__((unused)) int name##_recv_blocking(                 \
        struct name *ch, type *message, uint64_t deadline_ns)                                  \
    {                                                                                          \
        return kaal_channel_recv_blocking(&ch->channel, message, deadline_ns);                 \
    }                                                                                          \
    static inline __attribute__((unused)) int name##_count(struct name *ch)                    \
    {                                                                                          \
        return kaal_channel_count(&ch->channel);                                               \
    }                                                                                          \
    static inline __attribute__((unused)) int name##_room(struct name *ch)                     \
    {                                                                                          \
        return kaal_channel_room(&ch->channel);                                                \
    }                                                                                          \
    static inline __attribute__((unused)) type *name##_reserve(struct name *ch, uint32_t n)    \
    {                                                                                          \
        uint32_t count;                                                                        \
        type *slot = (type *)kaal_channel_reserve(&ch->channel, &count);                       \
        return count >= n ? slot : NULL;                                                       \
    }                                                                                          \
    static inline __attribute__((unused)) void name##_commit(struct name *ch, uint32_t n)      \
    {                                                                                          \
        kaal_channel_commit(&ch->channel, n);                                                  \
    }                                                                                          \
    static inline __attribute__((unused)) const type *name##_peek(struct name *ch, uint32_t n) \
    {                                                                                          \
        uint32_t count;                                                                        \
        const type *slot = (const type *)kaal_channel_peek(&ch->channel, &count);              \
        return count >= n ? slot : NULL;                                                       \
    }                                                                                          \
    static inline __attribute__((unused)) void name##_consume(struct name *ch, uint32_t n)     \
    {                                                                                          \
        kaal_channel_consume(&ch->channel, n);                                                 \
    }                                                                                          \
    static inline __attribute__((unused)) void name##_notify(struct name *ch)                  \
    {                                                                                          \
        kaal_channel_notify(&ch->channel);                                                     \
    }                                                                                          \
    _Static_assert(sizeof(type) <= 4096, "a message fits a page")
