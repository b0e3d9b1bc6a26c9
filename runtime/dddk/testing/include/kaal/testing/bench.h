/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A test bench for one driver on the host: a start-up page with the resources that the driver
 * declares, a mock device behind its registers, and the client's end of its channel. System calls
 * end here and are counted. Nothing of the driver or the kit is replaced.
 */
#pragma once

#include <kaal/channel.h>
#include <kaal/driver.h>

/** The bench; one at a time, in zeroed memory before its first use. */
struct test_bench {
    struct kaal_startup startup;          /**< what the driver reads */
    struct kaal_resource client_resource; /**< the client's end, as in its own start-up page */
    struct kaal_channel client;           /**< the client's end, open */
    struct kaal_driver_instance instance; /**< the driver */
    struct kaal_mock *mock;               /**< the device */
    uint64_t acknowledgements;            /**< IRQ handler invocations so far */
    uint64_t driver_rang;                 /**< times the driver rang its client */
    uint64_t client_rang;                 /**< times the client rang the driver */
    void *driver_region;                  /**< allocated, exactly as long as the channel needs */
    void *client_region;                  /**< the same, for the client's side */
    void *dma;                            /**< the driver's DMA memory, as long as declared */
    uint64_t dma_bytes;                   /**< its length */
    void *data_driver;                    /**< the driver's half of a data channel, or NULL */
    void *data_client;                    /**< the client's half */
    uint64_t data_bytes;                  /**< length of each */
};

/** Where the device sees the driver's DMA memory, and the two halves of the data channel. */
#define TEST_BENCH_DMA_BUS    UINT64_C(0x40000000)
#define TEST_BENCH_DRIVER_BUS UINT64_C(0x50000000)
#define TEST_BENCH_CLIENT_BUS UINT64_C(0x60000000)
/** Length of each range of registers. */
#define TEST_BENCH_REGISTER_BYTES 131072u

/** The badge word of the device's interrupt on the bench. */
#define TEST_BENCH_IRQ_BADGE (UINT64_C(1) << 3)

/**
 * Sets the bench up: fresh regions, the client's end open, the driver not yet bound.
 *   bench  out;  driver  gives names and kinds of the resources;  mock  plays the device
 *   channel_name, message_bytes, capacity  of the class's channel
 */
void test_bench_open(struct test_bench *bench, const struct kaal_driver *driver,
                     struct kaal_mock *mock, const char *channel_name, uint32_t message_bytes,
                     uint32_t capacity);

/**
 * Binds and starts a driver instance; again after test_bench_kill() as a restart does.
 * Returns what kaal_driver_bind() or kaal_driver_start() answered.
 */
int test_bench_start(struct test_bench *bench, const struct kaal_driver *driver);

/** Ends the driver without warning and tells the client, as init does. */
void test_bench_kill(struct test_bench *bench);

/**
 * Wakes the driver with these badges and again while it has more to do; at most `turns` times.
 * Returns the last answer.
 */
int test_bench_wake(struct test_bench *bench, uint64_t badges, unsigned turns);

/**
 * What a device reaches at a bus address: NULL if not all of it is memory that it was given.
 *   bus, bytes  as the driver programmed them
 */
void *test_bench_memory(const struct test_bench *bench, uint64_t bus, uint64_t bytes);
