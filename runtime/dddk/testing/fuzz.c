/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Plays one fuzzer input: each byte names an action, and register reads take their values from the
 * same bytes, so the fuzzer sees which value leads where.
 */
#include <kaal/testing/fuzz.h>
#include <kaal/testing/script.h>

#include <string.h>

#define CAPACITY    16u
#define WAKES_MAX   256u
#define MESSAGE_MAX 64u

enum action {
    ACTION_INTERRUPT,
    ACTION_WAKE,
    ACTION_CLIENT_WRITES,
    ACTION_CLIENT_READS,
    ACTION_RESTART,
    ACTION_CLIENT_LIES,
    ACTION_CLIENT_REPLACED,
    ACTIONS
};

static struct fuzz_script script;
static struct kaal_mock fake;

static struct test_bench bench;
static const struct fuzz_class *served;

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

static void wake(uint64_t badges)
{
    uint64_t before = fake.accesses;

    if (bench.instance.state == KAAL_DRIVER_RUNNING) {
        (void)kaal_driver_wake(&bench.instance, badges);
    }
    ASSERT(fake.accesses - before <= served->accesses_max);
}

static void client_lies(void)
{
    struct kaal_channel_region *region = bench.client.own;

    atomic_store(take(1) & 1 ? &region->produced : &region->consumed, (uint32_t)take(4));
    atomic_store(&region->wake_data, (uint32_t)take(4));
}

/* A new client goes on at its region's indices, whatever the old one left there. */
static void client_replaced(void)
{
    for (uint32_t i = 0; i < bench.startup.resource_count; i++) {
        if (bench.startup.resources[i].kind == KAAL_RESOURCE_CHANNEL) {
            bench.startup.resources[i].channel.generation++;
        }
    }
    ASSERT(kaal_channel_open(&bench.client, &bench.client_resource) == KAAL_OK);
}

static void client_writes(void)
{
    uint8_t bytes[MESSAGE_MAX] = {0};

    if (served->message_bytes == 1) {
        (void)kaal_stream_write(&bench.client, bytes, (uint32_t)take(1) % (CAPACITY + 1));
        return;
    }
    for (uint32_t i = 0; i < served->message_bytes; i++) {
        bytes[i] = (uint8_t)take(1);
    }
    (void)!kaal_channel_send(&bench.client, bytes);
}

static void client_reads(void)
{
    uint8_t bytes[MESSAGE_MAX];

    if (served->message_bytes == 1) {
        (void)kaal_stream_read(&bench.client, bytes, (uint32_t)take(1) % (CAPACITY + 1));
    } else {
        (void)!kaal_channel_try_recv(&bench.client, bytes);
    }
}

static void act(const struct kaal_driver *driver, enum action action)
{
    switch (action) {
    case ACTION_INTERRUPT:
        wake(TEST_BENCH_IRQ_BADGE);
        break;
    case ACTION_WAKE:
        wake(1);
        break;
    case ACTION_CLIENT_WRITES:
        client_writes();
        break;
    case ACTION_CLIENT_READS:
        client_reads();
        break;
    case ACTION_RESTART:
        test_bench_kill(&bench);
        (void)test_bench_start(&bench, driver);
        break;
    case ACTION_CLIENT_LIES:
        client_lies();
        break;
    case ACTION_CLIENT_REPLACED:
        client_replaced();
        break;
    case ACTIONS:
        break;
    }
}

int kaal_driver_fuzz(const struct kaal_driver *driver, const struct fuzz_class *class_served,
                     const uint8_t *data, size_t bytes)
{
    served = class_served;
    ASSERT(served->message_bytes <= MESSAGE_MAX);
    fake = (struct kaal_mock){.read = mock_read, .write = mock_write};
    script.data = data;
    script.bytes = bytes;
    test_bench_open(&bench, driver, &fake, served->channel, served->message_bytes, CAPACITY);
    (void)test_bench_start(&bench, driver);
    for (unsigned i = 0; i < WAKES_MAX && script.bytes > 0; i++) {
        act(driver, (enum action)(take(1) % ACTIONS));
    }
    return 0;
}
