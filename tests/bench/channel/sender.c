/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sends messages to a receiver that is asleep every time, then the same number in batches, then 10
 * KiB of its memory in three ways, and logs the mean time of a message or of the 10 KiB. Under
 * -icount shift=0 a nanosecond is an instruction; those of both ends count.
 */
#include <sel4/sel4.h>

#include <kaal/startup.h>

#include "message.h"

static struct bench_channel channel;
static struct bulk_channel bulk;
static struct buffer_channel buffers;
static struct kaal_pool pool;
static struct kaal_pool_slot pool_slots[POOL_BUFFERS];
static uint64_t source[BULK_WORDS];
static uint64_t number;

static void check(bool good, const char *what)
{
    if (!good) {
        kaal_log("bench: error: sender: %s", what);
        kaal_panic("bench");
    }
}

static void send_single(void)
{
    struct bench_message message = {.number = number, .end = number};
    number++;
    check(bench_channel_send(&channel, &message) == KAAL_OK, "send");
}

/* Every word of every message is written where it lies. */
static void send_batch_in_place(void)
{
    struct bench_message *slots = bench_channel_reserve(&channel, BATCH);
    check(slots != NULL, "reserve");
    uint64_t next = number;
    number += BATCH;
    for (struct bench_message *slot = slots; slot < slots + BATCH; slot++, next++) {
        *slot = (struct bench_message){.number = next, .end = next};
    }
    bench_channel_commit(&channel, BATCH);
    bench_channel_notify(&channel);
}

static void send_batch_copied(void)
{
    static struct bench_message messages[BATCH];
    uint64_t next = number;
    number += BATCH;
    for (unsigned i = 0; i < BATCH; i++, next++) {
        messages[i].number = next;
        messages[i].end = next;
    }
    check(bench_channel_send_batch(&channel, messages, BATCH) == (int)BATCH, "send_batch");
}

/* The round's words into the sender's own memory. */
static void make_bulk(unsigned round)
{
    for (unsigned i = 0; i < BULK_WORDS; i++) {
        source[i] = bulk_word(round, i);
    }
}

/* As a channel copies its messages, so that the three ways differ in nothing else. */
static void copy_words(uint64_t *to, const uint64_t *from, unsigned count)
{
    kaal_channel_copy((uint8_t *)to, (const uint8_t *)from, 1, count * (uint32_t)sizeof(*to));
}

static void send_bulk(void)
{
    check(bulk_channel_send_batch(&bulk, (const struct bulk_piece *)source, BULK_PIECES) ==
              (int)BULK_PIECES,
          "bulk");
}

/* Takes back what has come back, and lends a buffer. */
static void send_buffer(void)
{
    struct kaal_buffer buffer;
    uint32_t index;
    while (buffer_channel_try_recv(&buffers, &buffer) == KAAL_OK) {
        check(kaal_pool_return(&pool, buffer.handle, &index) == KAAL_OK, "return");
        kaal_pool_put(&pool, index);
    }
    check(kaal_pool_get(&pool, &index) == KAAL_OK, "get");
    copy_words(kaal_pool_address(&pool, index), source, BULK_WORDS);
    check(kaal_pool_lend(&pool, index, 0, POOL_BUFFER_BYTES, &buffer) == KAAL_OK, "lend");
    check(buffer_channel_send(&buffers, &buffer) == KAAL_OK, "buffer");
}

/* As many calls as it takes, with every message register full. */
static void send_calls(void)
{
    static seL4_CPtr endpoint;
    if (endpoint == 0) {
        endpoint = kaal_resource_find("receiver", KAAL_RESOURCE_SERVICE)->service.endpoint;
    }
    for (unsigned done = 0; done < BULK_WORDS;) {
        unsigned left = BULK_WORDS - done;
        unsigned count = left < seL4_MsgMaxLength ? left : seL4_MsgMaxLength;
        copy_words(seL4_GetIPCBuffer()->msg, source + done, count);
        (void)seL4_Call(endpoint, seL4_MessageInfo_new(0, 0, 0, count));
        done += count;
    }
}

/* Mean nanoseconds of a round. */
static uint64_t time_rounds(void (*round)(void))
{
    uint64_t start = kaal_now_ns();
    for (unsigned i = 0; i < ROUNDS; i++) {
        round();
    }
    return (kaal_now_ns() - start) / ROUNDS;
}

/* The same for 10 KiB, which are made outside of the time. */
static uint64_t time_bulk(void (*move)(void))
{
    uint64_t sum_ns = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        make_bulk(round);
        uint64_t start = kaal_now_ns();
        move();
        /* In the first and the last round the receiver looks at every word. */
        sum_ns += round == 0 || round == ROUNDS - 1 ? 0 : kaal_now_ns() - start;
    }
    return sum_ns / (ROUNDS - 2);
}

static void row(const char *name, uint64_t value)
{
    kaal_log("bench: %s %llu", name, (unsigned long long)value);
}

static void open_all(void)
{
    const struct kaal_resource *memory = kaal_resource_find("pool", KAAL_RESOURCE_CHANNEL);
    struct kaal_pool_memory own = pool_memory(memory->channel.own_vaddr);
    bool good =
        bench_channel_open(&channel, kaal_resource_find("bench", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK &&
        bulk_channel_open(&bulk, kaal_resource_find("bulk", KAAL_RESOURCE_CHANNEL)) == KAAL_OK &&
        buffer_channel_open(&buffers, kaal_resource_find("buffers", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK &&
        kaal_pool_init(&pool, &own, pool_slots, POOL_BUFFERS, &buffers.channel) == KAAL_OK;
    check(good, "open");
}

int main(void)
{
    open_all();
    (void)time_rounds(send_single);
    uint64_t doorbells = channel.channel.doorbells;
    row("channel_message_receiver_asleep", time_rounds(send_single));
    check(channel.channel.doorbells - doorbells == ROUNDS, "the receiver was not always asleep");
    row("channel_message_batch_32", time_rounds(send_batch_in_place) / BATCH);
    row("channel_message_batch_32_copied", time_rounds(send_batch_copied) / BATCH);
    uint64_t channel_ns = time_bulk(send_bulk);
    uint64_t pool_ns = time_bulk(send_buffer);
    uint64_t calls_ns = time_bulk(send_calls);
    row("bulk_10k_kernel_messages", calls_ns);
    row("bulk_10k_channel", channel_ns);
    row("bulk_10k_pool", pool_ns);
    row("bulk_10k_channel_permille", 1000 * channel_ns / calls_ns);
    row("bulk_10k_pool_permille", 1000 * pool_ns / calls_ns);
    kaal_log("bench: done");
    return 0;
}
