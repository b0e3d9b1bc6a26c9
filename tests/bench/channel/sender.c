/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sends messages to a receiver that is asleep every time, then the same number in batches, and logs
 * the mean time of one message. Under -icount shift=0 a nanosecond is an instruction.
 */
#include <kaal/startup.h>

#include "message.h"

#define ROUNDS 1000
#define BATCH  32

/* Nanoseconds of ROUNDS messages sent one by one. */
static uint64_t time_single(struct bench_channel *channel, uint64_t *number)
{
    uint64_t start = kaal_now_ns();
    for (int i = 0; i < ROUNDS; i++) {
        struct bench_message message = {.number = (*number)++};
        if (bench_channel_send(channel, &message) != KAAL_OK) {
            kaal_panic("bench: error: send");
        }
    }
    return kaal_now_ns() - start;
}

/* Nanoseconds of ROUNDS batches, each filled in place and announced once. */
static uint64_t time_batches(struct bench_channel *channel, uint64_t *number)
{
    uint64_t start = kaal_now_ns();
    for (int i = 0; i < ROUNDS; i++) {
        for (int j = 0; j < BATCH; j++) {
            struct bench_message *slot = bench_channel_reserve(channel, 1);
            if (slot == NULL) {
                kaal_panic("bench: error: reserve");
            }
            slot->number = (*number)++;
            bench_channel_commit(channel, 1);
        }
        bench_channel_notify(channel);
    }
    return kaal_now_ns() - start;
}

int main(void)
{
    static struct bench_channel channel;
    if (bench_channel_open(&channel, kaal_resource_find("bench", KAAL_RESOURCE_CHANNEL)) !=
        KAAL_OK) {
        kaal_panic("bench: error: open");
    }
    uint64_t number = 0;
    (void)time_single(&channel, &number);
    uint64_t doorbells = channel.channel.doorbells;
    uint64_t single_ns = time_single(&channel, &number);
    if (channel.channel.doorbells - doorbells != ROUNDS) {
        kaal_panic("bench: error: the receiver was not asleep every time");
    }
    kaal_log("bench: channel_message_receiver_asleep %llu",
             (unsigned long long)(single_ns / ROUNDS));
    kaal_log("bench: channel_message_batch_%d %llu", BATCH,
             (unsigned long long)(time_batches(&channel, &number) / ROUNDS / BATCH));
    kaal_log("bench: done");
    return 0;
}
