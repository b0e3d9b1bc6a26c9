/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A client of the block class. Requests survive the driver: what was not acknowledged when it died
 * is submitted again to its successor, in the order of submission, without the caller's help.
 *
 *     static struct kaal_disk disk;
 *     error = kaal_disk_open(&disk, "disk", deadline);            the channels "disk", "disk-data"
 *     memcpy(kaal_disk_out(&disk, 0), data, 4096);
 *     error = kaal_disk_do(&disk, &(struct kaal_block_request){.operation = KAAL_BLOCK_WRITE,
 *                          .bytes = 4096, .offset = 0, .buffer = 0}, NULL);
 *
 * Several in flight: kaal_disk_submit() gives tickets, kaal_disk_collect() hands them back finished
 * in any order, kaal_disk_wait() sleeps between. A buffer belongs to its request until then. All
 * calls come from one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/class/block_protocol.h>

/** A request of a disk's client; private. */
struct kaal_disk_request {
    struct kaal_block_request request; /**< to be submitted again if need be */
    uint64_t sequence;                 /**< order of submission */
    uint32_t tag;                      /**< while sent */
    uint32_t state;                    /**< enum of disk.c */
};

/** A disk; private but for `info`. */
struct kaal_disk {
    struct kaal_block_calls_client calls; /**< to the driver */
    uint8_t *out;                         /**< what is written, [info.data_bytes] */
    const uint8_t *in;                    /**< what was read, [info.data_bytes] */
    struct kaal_block_info info;          /**< what the device is */
    uint64_t sequence;                    /**< requests so far */
    uint64_t submitted_again;             /**< statistics: after the death of a driver */
    uint32_t waiting;                     /**< requests that no driver has */
    uint32_t in_flight;                   /**< tickets given out */
    struct kaal_disk_request requests[KAAL_BLOCK_REQUESTS_MAX]; /**< in flight or done */
};

/**
 * Opens the channels to a driver and asks it what its device is.
 *   name  of the request channel;  deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no such channel, or no data channel beside it);
 * KAAL_ERR_PEER (the driver is gone for ever); KAAL_ERR_TIMEOUT.
 */
MUST_CHECK int kaal_disk_open(struct kaal_disk *disk, const char *name, uint64_t deadline_ns);

/** Where to put what a request with this buffer writes. buffer  inside info.data_bytes */
static inline uint8_t *kaal_disk_out(const struct kaal_disk *disk, uint32_t buffer)
{
    return disk->out + buffer;
}

/** Where what a request with this buffer read appears. */
static inline const uint8_t *kaal_disk_in(const struct kaal_disk *disk, uint32_t buffer)
{
    return disk->in + buffer;
}

/**
 * Submits a request. The driver learns of it, and of all others since, when the caller next
 * collects or waits: several at once cost it one wake-up. request  copied;  ticket  out:
 * 0..KAAL_BLOCK_REQUESTS_MAX - 1, until collected Returns KAAL_OK, or KAAL_ERR_FULL (collect
 * first). Never blocks.
 */
MUST_CHECK int kaal_disk_submit(struct kaal_disk *disk, const struct kaal_block_request *request,
                                uint32_t *ticket);

/**
 * Gives the next finished request.
 *   ticket, status  out: which, and how it went (docs/classes/block.md);  reply  out, or NULL
 * Returns KAAL_OK; KAAL_ERR_EMPTY; KAAL_ERR_PEER (the driver is gone for ever). Never blocks.
 */
MUST_CHECK int kaal_disk_collect(struct kaal_disk *disk, uint32_t *ticket, int *status,
                                 union kaal_block_reply *reply);

/**
 * Sleeps until kaal_disk_collect() may have something.
 * Returns KAAL_OK (look), KAAL_ERR_TIMEOUT, or a timer error.
 */
MUST_CHECK int kaal_disk_wait(struct kaal_disk *disk, uint64_t deadline_ns);

/**
 * One request, waiting for its end; none other may be in flight.
 *   reply  out, or NULL
 * Returns its status, or KAAL_ERR_PEER (the driver is gone for ever).
 */
MUST_CHECK int kaal_disk_do(struct kaal_disk *disk, const struct kaal_block_request *request,
                            union kaal_block_reply *reply);
