/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A client of the net class:
 *
 *     kaal_net_open(&net, "net");
 *     kaal_net_buffer(&net, &index, &data);          a free buffer; write the frame into it
 *     kaal_net_send(&net, index, bytes);             give it away
 *     kaal_net_receive(&net, &frame);                read frame.data
 *     kaal_net_release(&net, &frame);                give it back; only now what was read counts
 *     kaal_net_flush(&net);                          tell the driver, once per batch
 *
 * When a call says KAAL_ERR_PEER, the driver was replaced: kaal_net_reconnect(). Frames that were
 * not reported as sent may have been sent or not; frames held are gone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/class/net.h>

/** A client; private to its component. */
struct kaal_net_client {
    struct kaal_channel channel;                            /**< messages */
    struct kaal_pool pool;                                  /**< frames to send */
    struct kaal_loans loans;                                /**< frames received */
    struct kaal_pool_slot own_slots[KAAL_NET_BUFFERS_MAX];  /**< of pool */
    struct kaal_pool_slot peer_slots[KAAL_NET_BUFFERS_MAX]; /**< of loans */
    struct kaal_net_link link;                              /**< as last told */
    uint64_t counters[KAAL_NET_COUNTERS];                   /**< as last told */
    uint64_t sent;                                          /**< frames reported as sent */
    uint64_t unsent;                                        /**< frames reported as not sent */
};

/** A received frame. */
struct kaal_net_frame {
    const uint8_t *data; /**< [bytes], until it is released */
    uint32_t bytes;      /**< length without checksum */
    uint32_t handle;     /**< private */
};

/**
 * Opens the channels `name` and `name`-data.
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no such channels), KAAL_ERR_INVALID (of other sizes than
 * docs/classes/net.md says).
 */
MUST_CHECK int kaal_net_open(struct kaal_net_client *client, const char *name);

/** Takes a free buffer. index, data  out: [KAAL_NET_BUFFER_BYTES]. KAAL_OK or KAAL_ERR_EMPTY. */
MUST_CHECK int kaal_net_buffer(struct kaal_net_client *client, uint32_t *index, uint8_t **data);

/**
 * Gives a frame to the driver; its buffer is free again once it is sent. The driver learns of it by
 * kaal_net_flush().
 *   index  from kaal_net_buffer();  bytes  KAAL_NET_FRAME_MIN..KAAL_NET_FRAME_MAX
 * Returns KAAL_OK; KAAL_ERR_RANGE, KAAL_ERR_FULL: the buffer is still the caller's; KAAL_ERR_PEER.
 */
MUST_CHECK int kaal_net_send(struct kaal_net_client *client, uint32_t index, uint32_t bytes);

/**
 * Takes the next received frame; takes in what else the driver says.
 * Returns KAAL_OK; KAAL_ERR_EMPTY (none, or much else came: kaal_net_prepare_sleep() tells); or
 * KAAL_ERR_PEER (the driver was replaced, or lied).
 */
MUST_CHECK int kaal_net_receive(struct kaal_net_client *client, struct kaal_net_frame *frame);

/**
 * Gives a received frame's buffer back.
 * Returns KAAL_OK: what was read of it since kaal_net_receive() was one frame; KAAL_ERR_PEER: the
 * driver was replaced meanwhile, and the next one may have written there: forget what was read.
 * KAAL_ERR_FULL: a driver that takes no messages; the frame is still held.
 */
MUST_CHECK int kaal_net_release(struct kaal_net_client *client, const struct kaal_net_frame *frame);

/** Asks for the counters; they come by kaal_net_receive(). Returns KAAL_OK or KAAL_ERR_FULL. */
MUST_CHECK int kaal_net_count(struct kaal_net_client *client);

/** Sets the address of which this client wants frames. Returns KAAL_OK or KAAL_ERR_FULL. */
MUST_CHECK int kaal_net_address(struct kaal_net_client *client,
                                const uint8_t address[KAAL_NET_ADDRESS_BYTES]);

/** Tells the driver of everything sent and released. Never blocks. */
void kaal_net_flush(struct kaal_net_client *client);

/** Asks to be woken by the driver's next message. True if there is none now: the caller may sleep.
 */
bool kaal_net_prepare_sleep(struct kaal_net_client *client);

/**
 * Goes on with the driver's present instance: all own buffers that were lent are free again, all
 * received ones are gone, and the link is down until the driver says otherwise.
 * Returns KAAL_OK, or KAAL_ERR_PEER if none runs: wait for a wake-up.
 */
MUST_CHECK int kaal_net_reconnect(struct kaal_net_client *client);
