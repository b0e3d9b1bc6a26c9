/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Plays one fuzzer input against a block driver. The model behaves where the input does not say
 * otherwise, so that the driver gets far; each register read asks the input whether to lie.
 */
#include <kaal/testing/block_model.h>
#include <kaal/testing/script.h>

#include <string.h>

#define ACTS_MAX     256u
#define ACCESSES_MAX 40000u /* of one wake-up: resets that time out poll for a while */
#define LOOK_NS      UINT64_C(50000000)
#define LIE          0xa5u
#define STORM        1100u

enum action {
    ACTION_INTERRUPT,
    ACTION_WAKE,
    ACTION_REQUEST,
    ACTION_GOOD_REQUEST,
    ACTION_REPLIES,
    ACTION_DEVICE_WRITES,
    ACTION_SILENT,
    ACTION_FAILING,
    ACTION_TIME,
    ACTION_STORM,
    ACTION_CLIENT_LIES,
    ACTION_CLIENT_REPLACED,
    ACTION_RESTART,
    ACTIONS
};

static struct fuzz_script script;
static uint64_t (*truth)(struct kaal_mock *mock, uint64_t offset, unsigned width);

static struct block_bench rig;
static bool corrupted; /* the device wrote where its own orders are */
static bool lied;      /* the client has spoilt its own indices: it does no more */

static uint64_t take(unsigned width)
{
    return fuzz_script_take(&script, width);
}

/* A register of the model, or what the input says instead. */
static uint64_t fuzzed_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    uint64_t value = truth(mock, offset, width);

    if (script.bytes > 0 && script.data[0] == LIE) {
        (void)take(1);
        value = take(width);
    }
    return value;
}

static void wake(uint64_t badges)
{
    uint64_t before = rig.model->mock.accesses;

    if (rig.bench.instance.state == KAAL_DRIVER_RUNNING) {
        int result = kaal_driver_wake(&rig.bench.instance, badges);
        if (result != KAAL_OK && result != KAAL_ERR_STATE) {
            kaal_driver_stop(&rig.bench.instance);
        }
    }
    ASSERT(rig.model->mock.accesses - before <= ACCESSES_MAX);
    ASSERT(rig.model->reached_nothing == 0 || corrupted); /* it was sent nowhere else */
}

static void device_writes(void)
{
    uint64_t offset = take(2) % rig.bench.dma_bytes;

    corrupted = true;
    for (uint64_t count = take(1) % 16; count > 0 && offset < rig.bench.dma_bytes; count--) {
        ((volatile uint8_t *)rig.bench.dma)[offset++] = (uint8_t)take(1);
    }
}

static void client_asks(bool good)
{
    struct kaal_block_request request = {.operation = (uint16_t)take(1),
                                         .flags = (uint16_t)(take(1) & 1)};

    if (good) {
        request.operation = 1 + request.operation % 3;
        request.bytes = (1 + (uint32_t)take(1)) * 512;
        request.offset = take(1) * 512;
        request.buffer = (uint32_t)take(1) * 512;
    } else {
        request.bytes = (uint32_t)take(4);
        request.offset = take(8);
        request.buffer = (uint32_t)take(4);
    }
    (void)block_bench_submit(&rig, &request, (uint32_t)take(1));
}

static void client_lies(void)
{
    struct kaal_channel_region *region = rig.bench.client.own;

    lied = true;
    atomic_store(take(1) & 1 ? &region->produced : &region->consumed, (uint32_t)take(4));
}

static void act(const struct kaal_driver *driver, enum action action)
{
    uint32_t tag;
    int status;

    if (lied &&
        (action == ACTION_REQUEST || action == ACTION_GOOD_REQUEST || action == ACTION_REPLIES)) {
        return;
    }
    switch (action) {
    case ACTION_INTERRUPT:
        wake(TEST_BENCH_IRQ_BADGE);
        break;
    case ACTION_WAKE:
        wake(1);
        break;
    case ACTION_REQUEST:
    case ACTION_GOOD_REQUEST:
        client_asks(action == ACTION_GOOD_REQUEST);
        break;
    case ACTION_REPLIES:
        while (block_bench_reply(&rig, &tag, &status, NULL)) {
            ASSERT(status <= 0);
        }
        break;
    case ACTION_DEVICE_WRITES:
        device_writes();
        break;
    case ACTION_SILENT:
        rig.model->silent = !rig.model->silent;
        break;
    case ACTION_FAILING:
        rig.model->failing = !rig.model->failing;
        break;
    case ACTION_TIME:
        block_bench_advance(UINT64_C(6000000000));
        break;
    case ACTION_STORM:
        for (unsigned i = 0; i < STORM; i++) {
            wake(TEST_BENCH_IRQ_BADGE);
        }
        break;
    case ACTION_CLIENT_LIES:
        client_lies();
        break;
    case ACTION_CLIENT_REPLACED:
        block_bench_new_client(&rig);
        lied = false;
        break;
    case ACTION_RESTART:
        (void)!block_bench_restart(&rig, driver);
        break;
    case ACTIONS:
        break;
    }
}

int kaal_driver_fuzz_block(const struct kaal_driver *driver, struct block_model *model,
                           const uint8_t *data, size_t bytes)
{
    script.data = data;
    script.bytes = bytes;
    lied = corrupted = false;
    block_bench_look_takes(LOOK_NS);
    block_bench_open(&rig, driver, model);
    truth = model->mock.read;
    model->mock.read = fuzzed_read;
    (void)!test_bench_start(&rig.bench, driver);
    for (unsigned i = 0; i < ACTS_MAX && script.bytes > 0; i++) {
        act(driver, (enum action)(take(1) % ACTIONS));
    }
    return 0;
}
