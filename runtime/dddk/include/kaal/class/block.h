/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The block class, for drivers. The framework checks every request, so that a driver sees only
 * transfers that fit the device and memory that the device may reach; it keeps barriers, deals the
 * device out to its clients in turns, and gives unfinished transfers to the device again after a
 * reset. A transfer has a slot, 0..KAAL_BLOCK_REQUESTS_MAX - 1, by which the driver names it.
 */
#pragma once

#include <stdint.h>

#include <kaal/class/block_protocol.h>
#include <kaal/class/clients.h>
#include <kaal/driver.h>

/** A checked request, as the driver gets it. */
struct kaal_block_transfer {
    uint32_t operation; /**< KAAL_BLOCK_READ, KAAL_BLOCK_WRITE or KAAL_BLOCK_FLUSH */
    uint32_t bytes;     /**< length, 0 for a flush */
    uint64_t block;     /**< first block, in units of block_bytes */
    uint32_t blocks;    /**< how many */
    uint64_t bus;       /**< memory, contiguous for the device, a multiple of 512 */
};

/** What the block framework calls; untyped form, made by KAAL_BLOCK_DRIVER. */
struct kaal_block_operations {
    /** Says what the device is; after start, also after each reset. data_bytes is not its own. */
    void (*info)(void *device, struct kaal_block_info *info);
    /** Gives the device a transfer. KAAL_OK; KAAL_ERR_FULL (after others are done), or an error. */
    int (*submit)(void *device, uint32_t slot, const struct kaal_block_transfer *transfer);
    /** Tells the device of what was submitted since the last call. */
    void (*kick)(void *device);
    /** Takes a finished transfer: KAAL_OK with its slot and how it went; KAAL_ERR_EMPTY; an error
     * if the device says what cannot be. */
    int (*complete)(void *device, uint32_t *slot, int *status);
};

/** The block framework, for KAAL_BLOCK_DRIVER. */
extern const struct kaal_class_server kaal_block_server;

/**
 * Declares this component's block driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   ...  designated initialisers: .info, .submit, .kick and .complete as in struct
 *   kaal_block_operations, and optional KAAL_DRIVER_STEPS; each takes `struct NAME *`
 */
#define KAAL_BLOCK_DRIVER(name, matches, resources, ...)                               \
    static const struct {                                                              \
        KAAL_DRIVER_STEPS(name);                                                       \
        void (*info)(struct name * device, struct kaal_block_info *info);              \
        int (*submit)(struct name * device, uint32_t slot,                             \
                      const struct kaal_block_transfer *transfer);                     \
        void (*kick)(struct name * device);                                            \
        int (*complete)(struct name * device, uint32_t *slot, int *status);            \
    } name##_operations = {__VA_ARGS__};                                               \
    static void name##_call_info(void *device, struct kaal_block_info *info)           \
    {                                                                                  \
        name##_operations.info(device, info);                                          \
    }                                                                                  \
    static int name##_call_submit(void *device, uint32_t slot,                         \
                                  const struct kaal_block_transfer *transfer)          \
    {                                                                                  \
        return name##_operations.submit(device, slot, transfer);                       \
    }                                                                                  \
    static void name##_call_kick(void *device)                                         \
    {                                                                                  \
        name##_operations.kick(device);                                                \
    }                                                                                  \
    static int name##_call_complete(void *device, uint32_t *slot, int *status)         \
    {                                                                                  \
        return name##_operations.complete(device, slot, status);                       \
    }                                                                                  \
    static const struct kaal_block_operations name##_block = {                         \
        .info = name##_call_info,                                                      \
        .submit = name##_call_submit,                                                  \
        .kick = name##_call_kick,                                                      \
        .complete = name##_call_complete,                                              \
    };                                                                                 \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_BLOCK, &kaal_block_server, matches, resources, \
                       &name##_block)
