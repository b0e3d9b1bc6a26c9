/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Plays one fuzzer input against a virtio driver whose client has a stream of bytes. The device is
 * a model; what it finishes, when, how often, and what its registers read as, the input says.
 */
#pragma once

#include <string.h>

#include <kaal/testing/bench.h>
#include <kaal/testing/script.h>

#include "virtio_model.h"

#define CAPACITY     64u
#define ACTS_MAX     256u
#define ACCESSES_MAX 20000u /* of one wake-up: a reset that times out polls for a while */
#define LOOK_NS      UINT64_C(50000000)
#define SILENCE_NS   UINT64_C(6000000000)
#define LIE          0xa5u
#define STORM        1100u

enum action {
    ACTION_INTERRUPT,
    ACTION_WAKE,
    ACTION_FINISH,
    ACTION_LIE,
    ACTION_CLIENT_READS,
    ACTION_CLIENT_WRITES,
    ACTION_TIME,
    ACTION_STORM,
    ACTION_CLIENT_REPLACED,
    ACTION_RESTART,
    ACTIONS
};

static struct fuzz_script script;
static uint64_t (*truth)(struct kaal_mock *mock, uint64_t offset, unsigned width);

static struct block_model *device;
static struct test_bench bench;

static uint64_t take(unsigned width)
{
    return fuzz_script_take(&script, width);
}

static uint64_t fuzzed_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    uint64_t value = truth(mock, offset, width);

    if (script.bytes > 0 && script.data[0] == LIE) {
        (void)take(1);
        value = take(width);
    }
    return value;
}

/* Finishes the next request of a queue, as a good device or not. */
static void finish(bool lie)
{
    uint32_t queue = (uint32_t)take(1) % 2;
    uint8_t fill = (uint8_t)take(1);
    uint32_t head_lie = lie ? (uint32_t)take(2) : 0;

    (void)virtio_model_finish(device, queue, fill, head_lie, lie ? (uint32_t)take(4) : 0);
}

static void wake(uint64_t badges)
{
    uint64_t before = device->mock.accesses;

    if (bench.instance.state == KAAL_DRIVER_RUNNING) {
        int result = kaal_driver_wake(&bench.instance, badges);
        if (result != KAAL_OK && result != KAAL_ERR_STATE) {
            kaal_driver_stop(&bench.instance);
        }
    }
    ASSERT(device->mock.accesses - before <= ACCESSES_MAX);
}

static void act(const struct kaal_driver *driver, enum action action)
{
    uint8_t bytes[CAPACITY] = {0};

    switch (action) {
    case ACTION_INTERRUPT:
        wake(TEST_BENCH_IRQ_BADGE);
        break;
    case ACTION_WAKE:
        wake(1);
        break;
    case ACTION_FINISH:
    case ACTION_LIE:
        finish(action == ACTION_LIE);
        break;
    case ACTION_CLIENT_READS:
        (void)kaal_stream_read(&bench.client, bytes, (uint32_t)take(1) % (CAPACITY + 1));
        break;
    case ACTION_CLIENT_WRITES:
        (void)kaal_stream_write(&bench.client, bytes, (uint32_t)take(1) % (CAPACITY + 1));
        break;
    case ACTION_TIME:
        block_bench_advance(SILENCE_NS);
        break;
    case ACTION_STORM:
        for (unsigned i = 0; i < STORM; i++) {
            wake(TEST_BENCH_IRQ_BADGE);
        }
        break;
    case ACTION_CLIENT_REPLACED:
        for (uint32_t i = 0; i < bench.startup.resource_count; i++) {
            if (bench.startup.resources[i].kind == KAAL_RESOURCE_CHANNEL) {
                bench.startup.resources[i].channel.generation++;
            }
        }
        ASSERT(kaal_channel_open(&bench.client, &bench.client_resource) == KAAL_OK);
        break;
    case ACTION_RESTART:
        test_bench_kill(&bench);
        (void)!test_bench_start(&bench, driver);
        break;
    case ACTIONS:
        break;
    }
}

static int fuzz_virtio_stream(const struct kaal_driver *driver, uint32_t type, const char *channel,
                              const uint8_t *data, size_t bytes)
{
    script.data = data;
    script.bytes = bytes;
    device = virtio_model(type);
    block_model_open(device, &bench);
    block_bench_look_takes(LOOK_NS);
    truth = device->mock.read;
    device->mock.read = fuzzed_read;
    test_bench_open(&bench, driver, &device->mock, channel, 1, CAPACITY);
    (void)!test_bench_start(&bench, driver);
    for (unsigned i = 0; i < ACTS_MAX && script.bytes > 0; i++) {
        act(driver, (enum action)(take(1) % ACTIONS));
    }
    return 0;
}
