/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A block device played by a test: registers that keep what is written, a small disk, and a model's
 * two functions that do what its kind of device does. Tests and the fuzzer make it misbehave.
 */
#pragma once

#include <kaal/class/block.h>
#include <kaal/testing/bench.h>

/** Bytes of the model's disk; blocks of 512. */
#define BLOCK_MODEL_DISK_BYTES 262144u
/** Bytes of its registers. */
#define BLOCK_MODEL_REGISTER_BYTES 8192u

/** A played block device. */
struct block_model {
    struct kaal_mock mock;                         /**< first member */
    uint8_t registers[BLOCK_MODEL_REGISTER_BYTES]; /**< what reads give */
    uint8_t disk[BLOCK_MODEL_DISK_BYTES];          /**< contents */
    void (*power_on)(struct block_model *model);   /**< sets registers, forgets queues */
    /** Does what a write makes the device do; the register has the value already. */
    void (*written)(struct block_model *model, uint64_t offset, unsigned width, uint64_t value);
    void (*work)(struct block_model *model); /**< does what was asked of it, unless silent */
    const struct test_bench *bench;          /**< whose memory it reaches */
    bool silent;                             /**< it does nothing */
    bool failing;                            /**< every transfer fails */
    bool interrupting;                       /**< it has something to say */
    uint64_t noise;                          /**< 0, or: registers read as pseudo-random */
    uint64_t reached_nothing;                /**< accesses to memory that is not its own */
};

/** Reads a register. width  1 to 8 bytes */
uint64_t block_model_get(const struct block_model *model, uint64_t offset, unsigned width);

/** Sets a register. */
void block_model_set(struct block_model *model, uint64_t offset, unsigned width, uint64_t value);

/** What the device reaches at a bus address, or NULL, counted. */
void *block_model_memory(struct block_model *model, uint64_t bus, uint64_t bytes);

/**
 * Moves data between memory and the disk.
 *   write  to the disk;  offset, bytes  on it;  bus  memory
 * Returns false if the transfer fails.
 */
bool block_model_transfer(struct block_model *model, bool write, uint64_t offset, uint64_t bytes,
                          uint64_t bus);

/** Puts the model's functions behind the mock, and switches it on. */
void block_model_open(struct block_model *model, const struct test_bench *bench);

/** A driver, its device, and one client that speaks raw messages. */
struct block_bench {
    struct test_bench bench;
    struct block_model *model;
};

/** Bytes of the bench's data channel, from KAAL_BLOCK_DATA_OFFSET. */
#define BLOCK_BENCH_DATA_BYTES 262144u

/** Sets the bench up; nothing is bound yet. */
void block_bench_open(struct block_bench *rig, const struct kaal_driver *driver,
                      struct block_model *model);

/** Lets time pass. */
void block_bench_advance(uint64_t ns);

/** How long each look at the clock takes; a millisecond at first. */
void block_bench_look_takes(uint64_t ns);

/** Sends a request. Returns false if the channel is full. */
bool block_bench_submit(struct block_bench *rig, const struct kaal_block_request *request,
                        uint32_t tag);

/** Takes a reply. Returns false if there is none. reply: out, or NULL */
bool block_bench_reply(struct block_bench *rig, uint32_t *tag, int *status,
                       union kaal_block_reply *reply);

/** Where a client puts and finds data. */
uint8_t *block_bench_out(struct block_bench *rig, uint32_t buffer);
/** Where a client finds what was read. */
uint8_t *block_bench_in(struct block_bench *rig, uint32_t buffer);

/** Replaces the client by a new instance. */
void block_bench_new_client(struct block_bench *rig);

/** Kills the driver and starts it again. Returns as test_bench_start(). */
int block_bench_restart(struct block_bench *rig, const struct kaal_driver *driver);

/**
 * What every block driver must do, whatever its device.
 *   model  plays its device;  driver  the one linked into the test
 * Returns the number of failed tests, for main.
 */
int block_conformance_run(struct block_model *model, const struct kaal_driver *driver);

/**
 * The fuzz entry for block drivers: device, memory, interrupts, time and client do what the input
 * says; where it says nothing the model behaves.
 * Returns 0, for libFuzzer. Aborts, by ASSERT or a sanitizer, on what must not happen.
 */
int kaal_driver_fuzz_block(const struct kaal_driver *driver, struct block_model *model,
                           const uint8_t *data, size_t bytes);
