/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sends frames from one device to another and logs what a frame costs: CPU time of client and both
 * drivers, kernel included, idle time not. Under -icount shift=0 a nanosecond is an instruction.
 */
#include <string.h>

#include <kaal/class/net_client.h>
#include <kaal/event.h>
#include <kaal/inspect.h>

#define ROUNDS      1000u
#define QUEUE       64u
#define QUEUE_TURNS 50u

static struct kaal_net_client out;
static struct kaal_net_client in;

/* CPU time of everybody who has a part in a frame. */
static uint64_t cpu_ns(void)
{
    struct kaal_component_record record;
    uint64_t sum_us = 0;

    for (uint32_t i = 0; kaal_inspect_component(i, &record) == KAAL_OK; i++) {
        sum_us += record.cpu_time_us;
    }
    return sum_us * 1000;
}

static void sleep_until_news(void)
{
    kaal_net_flush(&out);
    kaal_net_flush(&in);
    if (kaal_net_prepare_sleep(&out) && kaal_net_prepare_sleep(&in) &&
        kaal_event_sleep(KAAL_NO_DEADLINE) != KAAL_OK) {
        kaal_panic("bench: error: sleep");
    }
}

static void send(uint32_t bytes)
{
    uint32_t index;
    uint8_t *data;

    if (kaal_net_buffer(&out, &index, &data) != KAAL_OK) {
        kaal_panic("bench: error: no buffer");
    }
    memcpy(data, in.link.address, KAAL_NET_ADDRESS_BYTES);
    memcpy(data + KAAL_NET_ADDRESS_BYTES, out.link.address, KAAL_NET_ADDRESS_BYTES);
    if (kaal_net_send(&out, index, bytes) != KAAL_OK) {
        kaal_panic("bench: error: send");
    }
}

/* Takes what the drivers say; returns the frames that came. */
static uint32_t take(uint32_t bytes)
{
    struct kaal_net_frame frame;
    uint32_t count = 0;

    if (kaal_net_receive(&out, &frame) == KAAL_OK) {
        kaal_panic("bench: error: a frame came back");
    }
    while (kaal_net_receive(&in, &frame) == KAAL_OK) {
        if (frame.bytes != bytes || kaal_net_release(&in, &frame) != KAAL_OK) {
            kaal_panic("bench: error: a wrong frame");
        }
        count++;
    }
    return count;
}

/* Sends `count` frames at once, `turns` times, and waits until all have come, and are sent. */
static void run(uint32_t bytes, uint32_t count, uint32_t turns)
{
    for (uint32_t turn = 0; turn < turns; turn++) {
        uint32_t came = 0;
        for (uint32_t i = 0; i < count; i++) {
            send(bytes);
        }
        while (came < count || out.pool.lent > 0) {
            sleep_until_news();
            came += take(bytes);
        }
    }
}

static void measure(const char *name, uint32_t bytes, uint32_t count, uint32_t turns)
{
    run(bytes, count, 2);
    uint64_t start = cpu_ns();
    run(bytes, count, turns);
    kaal_log("bench: %s_%u %llu", name, bytes,
             (unsigned long long)((cpu_ns() - start) / ((uint64_t)count * turns)));
}

int main(void)
{
    if (kaal_net_open(&out, "out") != KAAL_OK || kaal_net_open(&in, "in") != KAAL_OK) {
        kaal_panic("bench: error: open");
    }
    while (!out.link.up || !in.link.up) {
        (void)take(0);
        sleep_until_news();
    }
    measure("single", 1500, 1, ROUNDS);
    measure("queue", 1500, QUEUE, QUEUE_TURNS);
    measure("single", 64, 1, ROUNDS);
    measure("queue", 64, QUEUE, QUEUE_TURNS);
    kaal_log("bench: done");
    return 0;
}
