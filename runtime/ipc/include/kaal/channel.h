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
 * The peer's indices are looked at only when what was seen of them is used up, so a burst costs one
 * look. "As last seen" below means that: never more than there is.
 *
 * Typical use, typed:
 *     KAAL_CHANNEL(packet_channel, struct packet, 256);
 *     struct packet_channel ch;
 *     error = packet_channel_open(&ch, kaal_resource_find("rx", KAAL_RESOURCE_CHANNEL));
 *     error = packet_channel_recv_blocking(&ch, &packet, KAAL_NO_DEADLINE);
 * In place, by batches: reserve -> fill -> commit (index only), then notify once; peek -> consume,
 * then notify once. Waiting for several channels: <kaal/wait.h>. Calls with answers: <kaal/call.h>.
 * Bulk data: <kaal/pool.h>.
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
 * One end's region, as both ends see it. Exactly one end writes it. Free-running indices, the two
 * busy ones in different pairs of cache lines, because processors fetch lines in pairs. init hands
 * it out zeroed and never touches it again.
 */
struct kaal_channel_region {
    _Alignas(64) _Atomic uint32_t produced;  /**< messages published by this end */
    _Alignas(64) _Atomic uint32_t wake_data; /**< ring when your produced index passes this */
    _Atomic uint32_t wake_room;              /**< ring when your consumed index passes this */
    _Alignas(64) _Atomic uint32_t consumed;  /**< messages of the peer that this end is done with */
    _Alignas(64) uint8_t reserved[64];       /**< zero */
    _Alignas(64) uint8_t messages[];         /**< [capacity][message_bytes] */
};
_Static_assert(sizeof(struct kaal_channel_region) == KAAL_CHANNEL_HEADER_BYTES, "shared layout");

/** One end of a channel; private to its component. */
struct kaal_channel {
    struct kaal_channel_region *own;        /**< the region this end writes */
    const struct kaal_channel_region *peer; /**< the peer's, read-only */
    const struct kaal_channel_resource
        *resource;              /**< in the start-up page: generation, peer_state */
    uint64_t doorbell;          /**< Notification capability that wakes the peer */
    uint32_t message_bytes;     /**< size of one message */
    uint32_t capacity;          /**< messages per direction */
    uint32_t seen_produced;     /**< the peer's producer index when last looked at, checked */
    uint32_t seen_consumed;     /**< the peer's consumer index when last looked at, checked */
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

/** Our producer index: the messages that we ever sent, modulo 2^32. Only we can write it. */
static inline uint32_t kaal_channel_produced(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->own->produced, memory_order_relaxed);
}

/** Our consumer index: the messages that we ever took, modulo 2^32. Only we can write it. */
static inline uint32_t kaal_channel_consumed(const struct kaal_channel *channel)
{
    return atomic_load_explicit(&channel->own->consumed, memory_order_relaxed);
}

/**
 * The peer's indices are impossible: from now on nothing is free and nothing is ready, until
 * kaal_channel_reconnect(). For the functions below.
 * Returns KAAL_ERR_PEER.
 */
int kaal_channel_break_off(struct kaal_channel *channel);

/**
 * Messages waiting to be received; looks at the peer's index.
 * Returns 0..capacity, or KAAL_ERR_PEER.
 */
static inline int kaal_channel_count(struct kaal_channel *channel)
{
    /* Pairs with kaal_channel_commit(), and with kaal_channel_notify() when a sleeper looks again;
     * on both machines that is the instruction of an acquire load. */
    uint32_t produced = atomic_load_explicit(&channel->peer->produced, memory_order_seq_cst);
    uint32_t known = channel->seen_produced - kaal_channel_consumed(channel);
    uint32_t more = produced - channel->seen_produced;
    if (more > channel->capacity - known || channel->broken) { /* too many, or gone back */
        return kaal_channel_break_off(channel);
    }
    channel->seen_produced = produced;
    return (int)(known + more);
}

/**
 * Messages that can be sent now; looks at the peer's index.
 * Returns 0..capacity, or KAAL_ERR_PEER.
 */
static inline int kaal_channel_room(struct kaal_channel *channel)
{
    /* Pairs with kaal_channel_consume() and kaal_channel_notify(), as above. */
    uint32_t consumed = atomic_load_explicit(&channel->peer->consumed, memory_order_seq_cst);
    uint32_t known = kaal_channel_produced(channel) - channel->seen_consumed;
    uint32_t less = consumed - channel->seen_consumed;
    if (less > known || channel->broken) { /* more than we sent, or gone back */
        return kaal_channel_break_off(channel);
    }
    channel->seen_consumed = consumed;
    return (int)(channel->capacity - known + less);
}

/**
 * Messages that can be sent, as last seen; looks again if they are fewer than wanted.
 *   capacity  the channel's;  wanted  1..capacity
 * Returns 0 if the channel is full or broken, otherwise 1..capacity (may be less than wanted).
 */
static inline uint32_t kaal_channel_free(struct kaal_channel *channel, uint32_t capacity,
                                         uint32_t wanted)
{
    /* Negative in a broken channel, see channel.c. */
    int32_t room = (int32_t)(capacity - (kaal_channel_produced(channel) - channel->seen_consumed));
    if (room < (int32_t)wanted) {
        room = kaal_channel_room(channel);
    }
    return room < 0 ? 0 : (uint32_t)room;
}

/**
 * Messages that can be received, as last seen; looks again if they are fewer than wanted.
 *   wanted  1..capacity
 * Returns 0 if the channel is empty or broken, otherwise 1..capacity (may be less than wanted).
 */
static inline uint32_t kaal_channel_ready(struct kaal_channel *channel, uint32_t wanted)
{
    int32_t count = (int32_t)(channel->seen_produced - kaal_channel_consumed(channel));
    if (count < (int32_t)wanted) {
        count = kaal_channel_count(channel);
    }
    return count < 0 ? 0 : (uint32_t)count;
}

/** Where in the ring the message with a free-running index lies. */
static inline size_t kaal_channel_offset(uint32_t index, uint32_t message_bytes, uint32_t capacity)
{
    return (size_t)(index & (capacity - 1)) * message_bytes;
}

/**
 * The next free message slots, to be filled in place. Nothing is sent before kaal_channel_commit().
 *   count  out: how many slots are free, as last seen, and adjacent from the returned one on
 * Returns the first slot, or NULL with count 0 if the channel is full or broken.
 */
void *kaal_channel_reserve(struct kaal_channel *channel, uint32_t *count);

/**
 * Publishes filled slots; costs one store. Ring with kaal_channel_notify() after a batch.
 *   count  at most what kaal_channel_reserve() gave
 */
static inline void kaal_channel_commit(struct kaal_channel *channel, uint32_t count)
{
    uint32_t produced = kaal_channel_produced(channel) + count;
    /* Pairs with the load of kaal_channel_count() at the other end: the messages are visible. */
    atomic_store_explicit(&channel->own->produced, produced, memory_order_release);
}

/**
 * The oldest received messages, in place. They lie in the peer's memory and a hostile peer may
 * change them while you look: copy what you check.
 *   count  out: how many messages are there, as last seen, and adjacent from the returned one on
 * Returns the first message, or NULL with count 0 if the channel is empty or broken.
 */
const void *kaal_channel_peek(struct kaal_channel *channel, uint32_t *count);

/**
 * Gives slots back to the peer; costs one store. Ring with kaal_channel_notify() after a batch.
 *   count  at most what kaal_channel_peek() gave
 */
static inline void kaal_channel_consume(struct kaal_channel *channel, uint32_t count)
{
    uint32_t consumed = kaal_channel_consumed(channel) + count;
    /* Pairs with the load of kaal_channel_room() at the other end: we have done with the slots. */
    atomic_store_explicit(&channel->own->consumed, consumed, memory_order_release);
}

/** @cond */
#define KAAL_CHANNEL_FUNCTION static inline __attribute__((unused))
/* With constant sizes, most of the function disappears. */
#define KAAL_CHANNEL_INLINE static inline __attribute__((always_inline))
/** @endcond */

/** A cache line, moved with the widest registers that the target has. */
typedef uint64_t kaal_channel_line __attribute__((vector_size(64), aligned(1), may_alias));

/**
 * Copies messages. A memcpy() of many would use string instructions, which wait for each line that
 * another core holds, so large messages go line by line and small ones of constant size one by one.
 */
KAAL_CHANNEL_INLINE void kaal_channel_copy(uint8_t *to, const uint8_t *from, uint32_t count,
                                           uint32_t message_bytes)
{
    size_t bytes = (size_t)count * message_bytes;
    if (message_bytes >= 512 && message_bytes % sizeof(kaal_channel_line) == 0) {
        size_t at = 0;
        for (; at + 4 * sizeof(kaal_channel_line) <= bytes; at += 4 * sizeof(kaal_channel_line)) {
            const kaal_channel_line *line = (const kaal_channel_line *)(from + at);
            kaal_channel_line *copy = (kaal_channel_line *)(to + at);
            copy[0] = line[0];
            copy[1] = line[1];
            copy[2] = line[2];
            copy[3] = line[3];
            atomic_signal_fence(memory_order_seq_cst); /* else the loop becomes memcpy() */
        }
        for (; at < bytes; at += sizeof(kaal_channel_line)) {
            *(kaal_channel_line *)(to + at) = *(const kaal_channel_line *)(from + at);
            atomic_signal_fence(memory_order_seq_cst); /* as above */
        }
    } else if (__builtin_constant_p(message_bytes)) {
        for (size_t at = 0; at < bytes; at += message_bytes) {
            __builtin_memcpy(to + at, from + at, message_bytes);
            atomic_signal_fence(memory_order_seq_cst); /* as above */
        }
    } else {
        __builtin_memcpy(to, from, bytes);
    }
}

/**
 * Copies as many messages as fit into the channel and publishes them at once, without telling the
 * peer: for peers that poll, or before one kaal_channel_notify(). The sizes are arguments so that
 * constants make constant code; they are the channel's.
 *   messages  [count][message_bytes];  count  1..capacity
 * Returns how many were taken (0..count); 0 if the channel is full or broken.
 */
KAAL_CHANNEL_INLINE uint32_t kaal_channel_put(struct kaal_channel *channel, const void *messages,
                                              uint32_t count, uint32_t message_bytes,
                                              uint32_t capacity)
{
    uint32_t room = kaal_channel_free(channel, capacity, count);
    uint32_t taken = room < count ? room : count;
    if (taken == 0) {
        return 0;
    }
    const uint8_t *from = (const uint8_t *)messages;
    uint8_t *ring = channel->own->messages;
    uint32_t index = kaal_channel_produced(channel);
    uint32_t before_end = capacity - (index & (capacity - 1));
    uint32_t first = count == 1 || taken < before_end ? taken : before_end;
    kaal_channel_copy(ring + kaal_channel_offset(index, message_bytes, capacity), from, first,
                      message_bytes);
    if (count > 1 && taken > first) { /* the first one never wraps */
        kaal_channel_copy(ring, from + (size_t)first * message_bytes, taken - first, message_bytes);
    }
    kaal_channel_commit(channel, taken);
    return taken;
}

/**
 * Takes up to count messages out of the channel and gives their slots back at once, without telling
 * the peer: as kaal_channel_put().
 *   messages  out, [count][message_bytes];  count  1..capacity
 * Returns how many there were (0..count); 0 if the channel is empty or broken.
 */
KAAL_CHANNEL_INLINE uint32_t kaal_channel_take(struct kaal_channel *channel, void *messages,
                                               uint32_t count, uint32_t message_bytes,
                                               uint32_t capacity)
{
    uint32_t ready = kaal_channel_ready(channel, count);
    uint32_t taken = ready < count ? ready : count;
    if (taken == 0) {
        return 0;
    }
    uint8_t *to = (uint8_t *)messages;
    const uint8_t *ring = channel->peer->messages;
    uint32_t index = kaal_channel_consumed(channel);
    uint32_t before_end = capacity - (index & (capacity - 1));
    uint32_t first = count == 1 || taken < before_end ? taken : before_end;
    kaal_channel_copy(to, ring + kaal_channel_offset(index, message_bytes, capacity), first,
                      message_bytes);
    if (count > 1 && taken > first) { /* as above */
        kaal_channel_copy(to + (size_t)first * message_bytes, ring, taken - first, message_bytes);
    }
    kaal_channel_consume(channel, taken);
    return taken;
}

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
 * Waits until there is a message; first tells the peer what it was not told yet. What a lost peer
 * sent before is reported as well.
 *   deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 * Returns KAAL_OK, KAAL_ERR_TIMEOUT, or KAAL_ERR_PEER: the channel is broken, the peer was replaced
 * (kaal_channel_reconnect() and decide what to send again), or it is gone for ever
 * (kaal_channel_peer_gone()), which is told at once; or a timer error. Context: component thread;
 * other event sources keep their wake-ups (<kaal/event.h>).
 */
MUST_CHECK int kaal_channel_await_message(struct kaal_channel *channel, uint64_t deadline_ns);

/**
 * Waits until there is room for some messages; as kaal_channel_await_message().
 *   room  1..capacity; more than 1 saves wake-ups
 */
MUST_CHECK int kaal_channel_await_room(struct kaal_channel *channel, uint32_t room,
                                       uint64_t deadline_ns);

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
 * Copies as many messages as fit into the channel, publishes them at once and tells the peer once.
 *   messages  [count][message_bytes]
 * Returns how many were taken (0..count), or KAAL_ERR_PEER. Never blocks.
 */
MUST_CHECK int kaal_channel_send_batch(struct kaal_channel *channel, const void *messages,
                                       uint32_t count);

/**
 * Takes up to count messages out of the channel, gives their slots back at once and tells the peer
 * once.
 *   messages  out, [count][message_bytes]
 * Returns how many there were (0..count), or KAAL_ERR_PEER. Never blocks.
 */
MUST_CHECK int kaal_channel_try_recv_batch(struct kaal_channel *channel, void *messages,
                                           uint32_t count);

/**
 * As kaal_channel_send(), waiting for room; errors as kaal_channel_await_room().
 */
MUST_CHECK int kaal_channel_send_blocking(struct kaal_channel *channel, const void *message,
                                          uint64_t deadline_ns);

/**
 * As kaal_channel_try_recv(), waiting for a message; errors as kaal_channel_await_message().
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
 * True if no instance of the peer runs and none will be started: its restart policy or limit says
 * so. Costs one load.
 */
bool kaal_channel_peer_gone(const struct kaal_channel *channel);

/**
 * True if nothing is to be waited for: the peer was replaced, or is gone. Ask before the look at
 * the ring that finds nothing, and what the peer sent last is not lost.
 */
bool kaal_channel_peer_lost(const struct kaal_channel *channel);

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
 * and its functions: name_open, name_send, name_try_recv, name_send_blocking, name_recv_blocking,
 * name_send_batch, name_try_recv_batch, name_put, name_take, name_count, name_room, name_reserve,
 * name_commit, name_peek, name_consume, name_notify. They are the kaal_channel_ functions with the
 * message's type; name_reserve(ch, n) and name_peek(ch, n) return n adjacent slots or NULL (1
 * always succeeds if there is one).
 */
#define KAAL_CHANNEL(name, type, capacity_)                                                       \
    _Static_assert((capacity_) >= 2 && (capacity_) <= 65536 &&                                    \
                       ((capacity_) & ((capacity_)-1)) == 0,                                      \
                   "the capacity of a channel is a power of two");                                \
    _Static_assert(sizeof(type) <= 4096, "a message fits a page");                                \
    struct name {                                                                                 \
        struct kaal_channel channel;                                                              \
    };                                                                                            \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_open(struct name *ch,                             \
                                                     const struct kaal_resource *resource)        \
    {                                                                                             \
        if (resource != NULL && (resource->channel.message_bytes != sizeof(type) ||               \
                                 resource->channel.capacity != (capacity_))) {                    \
            return KAAL_ERR_INVALID;                                                              \
        }                                                                                         \
        return kaal_channel_open(&ch->channel, resource);                                         \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION uint32_t name##_put(struct name *ch, const type *messages, uint32_t n)  \
    {                                                                                             \
        return kaal_channel_put(&ch->channel, messages, n, sizeof(type), (capacity_));            \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION uint32_t name##_take(struct name *ch, type *messages, uint32_t n)       \
    {                                                                                             \
        return kaal_channel_take(&ch->channel, messages, n, sizeof(type), (capacity_));           \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_send(struct name *ch, const type *message)        \
    {                                                                                             \
        if (name##_put(ch, message, 1) == 0) {                                                    \
            return ch->channel.broken ? KAAL_ERR_PEER : KAAL_ERR_FULL;                            \
        }                                                                                         \
        kaal_channel_notify(&ch->channel);                                                        \
        return KAAL_OK;                                                                           \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_try_recv(struct name *ch, type *message)          \
    {                                                                                             \
        if (name##_take(ch, message, 1) == 0) {                                                   \
            return ch->channel.broken ? KAAL_ERR_PEER : KAAL_ERR_EMPTY;                           \
        }                                                                                         \
        kaal_channel_notify(&ch->channel);                                                        \
        return KAAL_OK;                                                                           \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_send_batch(struct name *ch, const type *messages, \
                                                           uint32_t n)                            \
    {                                                                                             \
        uint32_t taken = name##_put(ch, messages, n);                                             \
        kaal_channel_notify(&ch->channel);                                                        \
        return ch->channel.broken ? KAAL_ERR_PEER : (int)taken;                                   \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_try_recv_batch(struct name *ch, type *messages,   \
                                                               uint32_t n)                        \
    {                                                                                             \
        uint32_t taken = name##_take(ch, messages, n);                                            \
        kaal_channel_notify(&ch->channel);                                                        \
        return ch->channel.broken ? KAAL_ERR_PEER : (int)taken;                                   \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_send_blocking(                                    \
        struct name *ch, const type *message, uint64_t deadline_ns)                               \
    {                                                                                             \
        int error;                                                                                \
        do {                                                                                      \
            error = name##_send(ch, message);                                                     \
        } while (error == KAAL_ERR_FULL &&                                                        \
                 (error = kaal_channel_await_room(&ch->channel, 1, deadline_ns)) == KAAL_OK);     \
        return error;                                                                             \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_recv_blocking(struct name *ch, type *message,     \
                                                              uint64_t deadline_ns)               \
    {                                                                                             \
        int error;                                                                                \
        do {                                                                                      \
            error = name##_try_recv(ch, message);                                                 \
        } while (error == KAAL_ERR_EMPTY &&                                                       \
                 (error = kaal_channel_await_message(&ch->channel, deadline_ns)) == KAAL_OK);     \
        return error;                                                                             \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION int name##_count(struct name *ch)                                       \
    {                                                                                             \
        return kaal_channel_count(&ch->channel);                                                  \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION int name##_room(struct name *ch)                                        \
    {                                                                                             \
        return kaal_channel_room(&ch->channel);                                                   \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION type *name##_reserve(struct name *ch, uint32_t n)                       \
    {                                                                                             \
        uint32_t at = kaal_channel_produced(&ch->channel) & ((capacity_)-1);                      \
        bool fits = kaal_channel_free(&ch->channel, (capacity_), n) >= n && (capacity_)-at >= n;  \
        return fits ? (type *)ch->channel.own->messages + at : NULL;                              \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION void name##_commit(struct name *ch, uint32_t n)                         \
    {                                                                                             \
        kaal_channel_commit(&ch->channel, n);                                                     \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION const type *name##_peek(struct name *ch, uint32_t n)                    \
    {                                                                                             \
        uint32_t at = kaal_channel_consumed(&ch->channel) & ((capacity_)-1);                      \
        bool fits = kaal_channel_ready(&ch->channel, n) >= n && (capacity_)-at >= n;              \
        return fits ? (const type *)ch->channel.peer->messages + at : NULL;                       \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION void name##_consume(struct name *ch, uint32_t n)                        \
    {                                                                                             \
        kaal_channel_consume(&ch->channel, n);                                                    \
    }                                                                                             \
    KAAL_CHANNEL_FUNCTION void name##_notify(struct name *ch)                                     \
    {                                                                                             \
        kaal_channel_notify(&ch->channel);                                                        \
    }                                                                                             \
    struct name
