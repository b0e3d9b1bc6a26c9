/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The fuzz entry for network drivers: each byte of the input names an action; register reads, what
 * the device writes into DMA memory, and a client's messages take their bytes from it, too.
 */
#include <kaal/testing/fuzz.h>
#include <kaal/testing/net_bench.h>
#include <kaal/testing/script.h>

#include <string.h>

#define ACTS_MAX     256u
#define ACCESSES_MAX 20000u
#define WRITE_MAX    64u

enum action {
    ACTION_INTERRUPT,
    ACTION_WAKE,
    ACTION_DEVICE_WRITES,
    ACTION_CLIENT_SENDS,
    ACTION_CLIENT_RECEIVES,
    ACTION_CLIENT_SAYS,
    ACTION_CLIENT_LIES,
    ACTION_CLIENT_REPLACED,
    ACTION_RESTART,
    ACTIONS
};

static struct fuzz_script script;
static struct kaal_mock fake;

static struct net_bench rig;
static bool lied; /* the client has spoilt its own indices: it does no more */

static uint64_t take(unsigned width)
{
    return fuzz_script_take(&script, width);
}

static uint64_t mock_read(struct kaal_mock *mock, uint64_t offset, unsigned width)
{
    (void)mock;
    (void)offset;
    return take(width);
}

static void mock_write(struct kaal_mock *mock, uint64_t offset, unsigned width, uint64_t value)
{
    (void)mock;
    (void)offset;
    (void)width;
    (void)value;
}

static uint32_t mock_config(struct kaal_mock *mock, uint32_t offset, unsigned width)
{
    (void)mock;
    (void)offset;
    return (uint32_t)take(width);
}

static void wake(uint64_t badges)
{
    uint64_t before = fake.accesses;

    if (rig.bench.instance.state == KAAL_DRIVER_RUNNING) {
        (void)!kaal_driver_wake(&rig.bench.instance, badges);
    }
    ASSERT(fake.accesses - before <= ACCESSES_MAX);
}

static void device_writes(void)
{
    uint64_t offset = take(2) % rig.bench.dma_bytes;
    uint64_t count = take(1) % (WRITE_MAX + 1);

    for (uint64_t i = 0; i < count && offset + i < rig.bench.dma_bytes; i++) {
        ((volatile uint8_t *)rig.bench.dma)[offset + i] = (uint8_t)take(1);
    }
}

static void client_sends(void)
{
    uint32_t index;
    uint8_t *data;

    if (kaal_net_buffer(&rig.client, &index, &data) == KAAL_OK &&
        kaal_net_send(&rig.client, index, (uint32_t)take(2)) != KAAL_OK) {
        kaal_pool_put(&rig.client.pool, index);
    }
}

/* The driver passes no lie of its device on: its client always understands it. */
static void client_receives(void)
{
    struct kaal_net_frame frame;
    int error;

    while ((error = kaal_net_receive(&rig.client, &frame)) == KAAL_OK) {
        volatile uint8_t last = frame.data[frame.bytes - 1];
        (void)last;
        (void)!kaal_net_release(&rig.client, &frame);
    }
    if (error == KAAL_ERR_PEER) {
        (void)!kaal_net_reconnect(&rig.client);
    }
}

static void client_says(void)
{
    struct kaal_net_message message = {
        .kind = (uint32_t)take(1),
        .buffer = {(uint32_t)take(4), (uint32_t)take(4), (uint32_t)take(4)}};

    (void)!kaal_channel_send(&rig.client.channel, &message);
}

static void client_lies(void)
{
    struct kaal_channel_region *region = rig.client.channel.own;

    lied = true;
    atomic_store(take(1) & 1 ? &region->produced : &region->consumed, (uint32_t)take(4));
}

static void act(const struct kaal_driver *driver, enum action action)
{
    if (lied && action >= ACTION_CLIENT_SENDS && action <= ACTION_CLIENT_SAYS) {
        return;
    }
    net_bench_client(&rig);
    switch (action) {
    case ACTION_INTERRUPT:
    case ACTION_WAKE:
        net_bench_driver(&rig);
        wake(action == ACTION_INTERRUPT ? TEST_BENCH_IRQ_BADGE : 1);
        break;
    case ACTION_DEVICE_WRITES:
        device_writes();
        break;
    case ACTION_CLIENT_SENDS:
        client_sends();
        break;
    case ACTION_CLIENT_RECEIVES:
        client_receives();
        break;
    case ACTION_CLIENT_SAYS:
        client_says();
        break;
    case ACTION_CLIENT_LIES:
        client_lies();
        break;
    case ACTION_CLIENT_REPLACED:
        net_bench_new_client(&rig);
        lied = false;
        break;
    case ACTION_RESTART:
        (void)!net_bench_restart(&rig, driver);
        break;
    case ACTIONS:
        break;
    }
}

int kaal_driver_fuzz_net(const struct kaal_driver *driver, const uint8_t *data, size_t bytes)
{
    script.data = data;
    script.bytes = bytes;
    fake = (struct kaal_mock){.read = mock_read,
                              .write = mock_write,
                              .config = take(1) & 1 ? mock_config : NULL}; /* on PCI or not */
    lied = false;
    net_bench_open(&rig, driver, &fake);
    (void)!test_bench_start(&rig.bench, driver);
    for (unsigned i = 0; i < ACTS_MAX && script.bytes > 0; i++) {
        act(driver, (enum action)(take(1) % ACTIONS));
    }
    return 0;
}
