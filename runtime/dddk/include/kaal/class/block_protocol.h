/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What clients and drivers of the block class say to each other: calls over a channel
 * (compose.yaml: message_bytes 40, messages 64), and data in a second channel beside it that
 * carries no messages (name: the first one's and "-data", dma: yes). What is written lies in the
 * client's half of the data channel, what is read appears in the driver's half, at the same place;
 * the device moves it, nobody copies. docs/classes/block.md has the promises.
 */
#pragma once

#include <stdint.h>

#include <kaal/call.h>

/** Most requests of one client in flight. */
#define KAAL_BLOCK_REQUESTS_MAX 64u
/** Where the buffers begin in each half of the data channel: at a page of their own. */
#define KAAL_BLOCK_DATA_OFFSET 4096u
/** Buffers begin at multiples of this many bytes. */
#define KAAL_BLOCK_BUFFER_ALIGN 512u

/** What a client can ask for. */
enum kaal_block_operation {
    KAAL_BLOCK_INFO = 0,       /**< struct kaal_block_info */
    KAAL_BLOCK_READ = 1,       /**< device to the driver's half */
    KAAL_BLOCK_WRITE = 2,      /**< client's half to the device */
    KAAL_BLOCK_FLUSH = 3,      /**< what was acknowledged before survives a loss of power after */
    KAAL_BLOCK_STATISTICS = 4, /**< struct kaal_block_statistics */
};

/** Flag of a request: after all earlier ones of this client, before all later ones. */
#define KAAL_BLOCK_BARRIER 1u

/** A request. */
struct kaal_block_request {
    uint16_t operation; /**< enum kaal_block_operation */
    uint16_t flags;     /**< KAAL_BLOCK_BARRIER or 0 */
    uint32_t bytes;     /**< READ, WRITE: length, a multiple of the device's block */
    uint64_t offset;    /**< READ, WRITE: first byte on the device, likewise */
    uint32_t buffer;    /**< READ, WRITE: place in the data channel, from KAAL_BLOCK_DATA_OFFSET */
    uint32_t reserved;  /**< 0 */
};

/** Property of a device: it refuses writes. */
#define KAAL_BLOCK_READ_ONLY 1u
/** Property of a device: what it acknowledged may be lost with power until a flush. */
#define KAAL_BLOCK_VOLATILE 2u

/** What a device is. */
struct kaal_block_info {
    uint64_t bytes;        /**< size, a multiple of block_bytes */
    uint32_t block_bytes;  /**< smallest unit, a power of two, at least 512 */
    uint32_t transfer_max; /**< most bytes of one request */
    uint32_t flags;        /**< KAAL_BLOCK_READ_ONLY, KAAL_BLOCK_VOLATILE */
    uint32_t data_bytes;   /**< of this client's data channel, after KAAL_BLOCK_DATA_OFFSET */
};

/** Counts since the driver's start, of all clients; each wraps. */
struct kaal_block_statistics {
    uint32_t reads;   /**< done */
    uint32_t writes;  /**< done */
    uint32_t flushes; /**< done */
    uint32_t errors;  /**< the device failed to do it */
    uint32_t refused; /**< asked for what cannot be */
    uint32_t resets;  /**< of the device */
};

/** An answer. */
union kaal_block_reply {
    struct kaal_block_info info;             /**< to what asks for it */
    struct kaal_block_statistics statistics; /**< likewise */
};

/** The calls of a disk; <kaal/class/disk.h> makes them. */
KAAL_CALLS(kaal_block_calls, struct kaal_block_request, union kaal_block_reply,
           KAAL_BLOCK_REQUESTS_MAX, KAAL_BLOCK_REQUESTS_MAX);
