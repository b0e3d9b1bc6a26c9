/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads random bytes for ever and looks at each block: nearly half of the bits are ones, and no
 * block begins as an earlier one did. Logs progress, and "BAD" for what cannot be.
 */
#include <stdbool.h>
#include <string.h>

#include <kaal/bits.h>
#include <kaal/channel.h>
#include <kaal/event.h>

#define BLOCK_BYTES  4096u
#define BLOCKS       32u
#define REPORT_EVERY 8u

static uint8_t block[BLOCK_BYTES];
static uint64_t beginnings[BLOCKS];

static void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

static int read_block(struct kaal_channel *channel)
{
    uint32_t got = 0;

    while (got < BLOCK_BYTES) {
        int count = kaal_stream_read(channel, block + got, BLOCK_BYTES - got);
        if (count < 0 && kaal_channel_peer_changed(channel)) {
            count = kaal_channel_reconnect(channel);
        }
        if (count < 0) {
            return count;
        }
        got += (uint32_t)count;
        if (kaal_channel_peer_changed(channel)) {
            (void)kaal_channel_reconnect(channel);
        }
        if (count == 0 && kaal_channel_prepare_receive(channel)) {
            int error = kaal_event_sleep(KAAL_NO_DEADLINE);
            if (error != KAAL_OK) {
                return error;
            }
        }
    }
    return KAAL_OK;
}

/* Half of 32768 bits, and eight times the standard deviation (90). */
static bool looks_random(void)
{
    uint32_t ones = 0;

    for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
        ones += (uint32_t)__builtin_popcount(block[i]);
    }
    return ones > 16384 - 724 && ones < 16384 + 724;
}

int main(void)
{
    static struct kaal_channel channel;
    const char *name = kaal_startup()->arguments;
    int error = kaal_channel_open(&channel, kaal_resource_find(name, KAAL_RESOURCE_CHANNEL));
    bool random = true;
    bool fresh = true;

    for (uint32_t count = 0; count < BLOCKS && error == KAAL_OK; count++) {
        error = read_block(&channel);
        memcpy(&beginnings[count], block, sizeof(beginnings[0]));
        random = random && looks_random();
        for (uint32_t i = 0; i < count; i++) {
            fresh = fresh && beginnings[i] != beginnings[count];
        }
        if (count % REPORT_EVERY == 0) {
            kaal_log("block %u %016llx", count, (unsigned long long)beginnings[count]);
        }
    }
    say("reading", error == KAAL_OK);
    say("the bits are balanced", random);
    say("no block comes twice", fresh);
    kaal_log("done");
    (void)kaal_event_sleep(KAAL_NO_DEADLINE);
    return 0;
}
