/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Buffer pools: bulk data stays where it is, and 12 bytes travel. A pool is an array of equal
 * buffers in memory that one end owns and the other end can read. Each buffer has one holder at a
 * time; it changes hands as a `struct kaal_buffer` inside the messages of a channel, the carrier.
 *
 *     owner                                       borrower
 *     kaal_pool_get()     take a free buffer
 *     kaal_pool_lend()    -- kaal_buffer -->      kaal_loans_accept()  check it, get its address
 *     kaal_pool_return()  <-- its handle --       kaal_loans_release() done with it
 *     kaal_pool_put()     it is free again
 *
 * Who holds what is in each end's private memory. A handle that its sender cannot mean (out of
 * range, not lent, lent twice) is a lie: it breaks the carrier (KAAL_ERR_PEER) and nothing else. A
 * handle of before a restart of either end is stale (KAAL_ERR_STATE) and to be ignored: handles
 * carry an epoch that rises with each restart. When a call says KAAL_ERR_PEER because the peer was
 * replaced (kaal_channel_peer_changed()), reconnect the carrier, then kaal_pool_renew() or
 * kaal_loans_renew(): everything lent has come back, everything borrowed is gone. Then try the
 * handle again: it may be the new peer's first.
 *
 * The borrower can read a buffer that it does not hold, and the owner can write one that it has
 * lent: contents are a hostile peer's to change at any time, so copy what you check.
 *
 * Memory: kaal_pool_open() and kaal_loans_open() use the two halves of a channel that carries no
 * messages (compose.yaml: `message_bytes` is the size of a buffer, `messages` their number). A
 * driver that lends DMA memory, or any other memory both ends map, describes it with struct
 * kaal_pool_memory. Supervision stops a dead component's device before its peers see the death, so
 * a buffer that came back by kaal_pool_renew() is no device's target any more. All calls of one
 * pool come from the thread of its carrier.
 */
#pragma once

#include <stdint.h>

#include <kaal/channel.h>

/** Most buffers of one pool. */
#define KAAL_POOL_BUFFERS_MAX 65535u
/** No device can reach this memory, or not at one address. */
#define KAAL_POOL_NO_BUS UINT64_MAX

/** The buffers, as this component maps them. */
struct kaal_pool_memory {
    uint8_t *vaddr;        /**< first byte of buffer 0; only read through a struct kaal_loans */
    uint64_t bus;          /**< the device's address of it, contiguous; or KAAL_POOL_NO_BUS */
    uint32_t buffer_bytes; /**< size of one buffer */
    uint32_t count;        /**< 1..KAAL_POOL_BUFFERS_MAX */
};

/** A part of a buffer on its way; the only struct here that a peer sees. */
struct kaal_buffer {
    uint32_t handle; /**< index, and the epoch of the loan in the upper half */
    uint32_t offset; /**< first byte of the part */
    uint32_t bytes;  /**< length of the part */
};

/** Private record of one buffer, at either end. */
struct kaal_pool_slot {
    uint16_t next;  /**< next free buffer, while free */
    uint16_t state; /**< enum of pool.c */
};

/** The owner's side; private to its component. */
struct kaal_pool {
    struct kaal_pool_memory memory; /**< the buffers */
    struct kaal_channel *carrier;   /**< what a lie breaks */
    struct kaal_pool_slot *slots;   /**< [memory.count], the caller's storage */
    uint32_t first_free;            /**< index, or memory.count */
    uint32_t free;                  /**< how many are free */
    uint32_t lent;                  /**< how many the peer holds */
    uint16_t epoch;                 /**< of the loans made now */
};

/** The borrower's side; private to its component. */
struct kaal_loans {
    struct kaal_pool_memory memory; /**< the peer's buffers */
    struct kaal_channel *carrier;   /**< what a lie breaks */
    struct kaal_pool_slot *slots;   /**< [memory.count], the caller's storage */
    uint32_t held;                  /**< how many we hold */
    uint16_t epoch;                 /**< of the loans accepted now */
};

/**
 * Makes a pool, all of it free, over memory that this end owns.
 *   memory  checked;  slots  [slots_max] storage for the pool's life;  carrier  an open channel
 * Returns KAAL_OK; KAAL_ERR_INVALID (no memory, or more buffers than slots).
 * Ownership: keeps pointers to slots and carrier.
 */
MUST_CHECK int kaal_pool_init(struct kaal_pool *pool, const struct kaal_pool_memory *memory,
                              struct kaal_pool_slot *slots, uint32_t slots_max,
                              struct kaal_channel *carrier);

/**
 * As kaal_pool_init(), over this end's half of a channel that carries no messages.
 *   resource  from kaal_resource_find(), may be NULL
 * Returns as kaal_pool_init(), or KAAL_ERR_NOT_FOUND (resource is NULL).
 */
MUST_CHECK int kaal_pool_open(struct kaal_pool *pool, const struct kaal_resource *resource,
                              struct kaal_pool_slot *slots, uint32_t slots_max,
                              struct kaal_channel *carrier);

/**
 * Takes a free buffer. index  out
 * Returns KAAL_OK, or KAAL_ERR_EMPTY if none is free. Costs the same however many there are.
 */
MUST_CHECK int kaal_pool_get(struct kaal_pool *pool, uint32_t *index);

/** Gives back a buffer that this end holds. index  from kaal_pool_get() */
void kaal_pool_put(struct kaal_pool *pool, uint32_t index);

/** The address of a buffer. index  0..count - 1 */
void *kaal_pool_address(const struct kaal_pool *pool, uint32_t index);

/** The device's address of a buffer, or KAAL_POOL_NO_BUS. index  0..count - 1 */
uint64_t kaal_pool_bus(const struct kaal_pool *pool, uint32_t index);

/**
 * Lends a buffer that this end holds: put the result into a message to the peer.
 *   offset, bytes  the part that is meant, inside the buffer;  buffer  out
 * Returns KAAL_OK; KAAL_ERR_RANGE (the part is not inside).
 */
MUST_CHECK int kaal_pool_lend(struct kaal_pool *pool, uint32_t index, uint32_t offset,
                              uint32_t bytes, struct kaal_buffer *buffer);

/**
 * Takes a lent buffer back; this end holds it then.
 *   handle  as the peer sent it, read once;  index  out
 * Returns KAAL_OK; KAAL_ERR_STATE (of before a restart: ignore it); KAAL_ERR_PEER (a lie: the
 * carrier is broken now; or the peer was replaced).
 */
MUST_CHECK int kaal_pool_return(struct kaal_pool *pool, uint32_t handle, uint32_t *index);

/** After kaal_channel_reconnect() of the carrier: what was lent to the old peer is free again. */
void kaal_pool_renew(struct kaal_pool *pool);

/**
 * Makes the borrower's side, nothing borrowed.
 *   memory  where this end maps the peer's buffers, checked;  slots, carrier  as kaal_pool_init()
 * Returns KAAL_OK; KAAL_ERR_INVALID (no memory, or more buffers than slots).
 */
MUST_CHECK int kaal_loans_init(struct kaal_loans *loans, const struct kaal_pool_memory *memory,
                               struct kaal_pool_slot *slots, uint32_t slots_max,
                               struct kaal_channel *carrier);

/**
 * As kaal_loans_init(), over the peer's half of a channel that carries no messages.
 * Returns as kaal_loans_init(), or KAAL_ERR_NOT_FOUND (resource is NULL).
 */
MUST_CHECK int kaal_loans_open(struct kaal_loans *loans, const struct kaal_resource *resource,
                               struct kaal_pool_slot *slots, uint32_t slots_max,
                               struct kaal_channel *carrier);

/**
 * Accepts what the peer lent: this end holds the buffer until kaal_loans_release().
 *   buffer  a private copy of what the peer sent;  data  out: the part's first byte
 * Returns KAAL_OK; KAAL_ERR_STATE (of before a restart: ignore it); KAAL_ERR_PEER (a lie: out of
 * range, or a buffer that we hold already; the carrier is broken now; or the peer was replaced).
 */
MUST_CHECK int kaal_loans_accept(struct kaal_loans *loans, const struct kaal_buffer *buffer,
                                 const void **data);

/** The device's address of an accepted part, or KAAL_POOL_NO_BUS. buffer  as accepted */
uint64_t kaal_loans_bus(const struct kaal_loans *loans, const struct kaal_buffer *buffer);

/**
 * Done with a buffer: send its handle back to the owner.
 *   handle  of an accepted buffer
 * Returns KAAL_OK; KAAL_ERR_STATE (the owner was replaced since: send nothing).
 */
MUST_CHECK int kaal_loans_release(struct kaal_loans *loans, uint32_t handle);

/** After kaal_channel_reconnect() of the carrier: forgets what the old owner lent. */
void kaal_loans_renew(struct kaal_loans *loans);
