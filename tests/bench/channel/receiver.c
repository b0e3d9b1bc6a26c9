/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Takes everything as soon as it comes, reads every word of it, checks that nothing is missing, and
 * sleeps again.
 */
#include <sel4/sel4.h>

#include <kaal/event.h>
#include <kaal/startup.h>

#include "message.h"

static struct bench_channel channel;
static struct bulk_channel bulk;
static struct buffer_channel buffers;
static struct kaal_loans loans;
static struct kaal_pool_slot loan_slots[POOL_BUFFERS];
static uint64_t expected;

static void check(bool good, const char *what)
{
    if (!good) {
        kaal_log("bench: error: receiver: %s", what);
        kaal_panic("bench");
    }
}

static void sleep_for(struct kaal_channel *awaited)
{
    check(kaal_channel_await_message(awaited, KAAL_NO_DEADLINE) == KAAL_OK, "await");
}

static void receive_single(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct bench_message message;
        check(bench_channel_recv_blocking(&channel, &message, KAAL_NO_DEADLINE) == KAAL_OK &&
                  message.number == expected && message.end == expected,
              "a message is missing");
        expected++;
    }
}

static void check_messages(const struct bench_message *messages, unsigned count)
{
    uint64_t number = expected;
    expected += count;
    for (const struct bench_message *end = messages + count; messages < end; messages++, number++) {
        check(messages->number == number && messages->end == number, "a message is wrong");
    }
}

static void receive_in_place(unsigned count)
{
    while (count > 0) {
        uint32_t ready;
        const struct bench_message *messages = kaal_channel_peek(&channel.channel, &ready);
        if (messages == NULL) {
            sleep_for(&channel.channel);
            continue;
        }
        check_messages(messages, ready);
        kaal_channel_consume(&channel.channel, ready);
        count -= ready;
    }
}

static void receive_copied(unsigned count)
{
    static struct bench_message messages[BATCH];
    while (count > 0) {
        int got = bench_channel_try_recv_batch(&channel, messages, BATCH);
        check(got >= 0, "receive_batch");
        check_messages(messages, (unsigned)got);
        count -= (unsigned)got;
        if (got == 0) {
            sleep_for(&channel.channel);
        }
    }
}

static void receive_bulk(void)
{
    unsigned words = 0;
    for (unsigned round = 0; round < ROUNDS;) {
        uint32_t ready;
        const struct bulk_piece *piece = kaal_channel_peek(&bulk.channel, &ready);
        if (piece == NULL) {
            sleep_for(&bulk.channel);
            continue;
        }
        check(bulk_is_right(round, words, piece->words, ready * 128), "bulk data is wrong");
        kaal_channel_consume(&bulk.channel, ready);
        words += ready * 128;
        if (words == BULK_WORDS) {
            words = 0;
            round++;
        }
    }
}

static void receive_buffers(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kaal_buffer buffer;
        const void *data;
        check(buffer_channel_recv_blocking(&buffers, &buffer, KAAL_NO_DEADLINE) == KAAL_OK,
              "buffer");
        check(kaal_loans_accept(&loans, &buffer, &data) == KAAL_OK, "accept");
        check(bulk_is_right(round, 0, data, buffer.bytes / (uint32_t)sizeof(uint64_t)),
              "a buffer is wrong");
        check(kaal_loans_release(&loans, buffer.handle) == KAAL_OK, "release");
        check(buffer_channel_send(&buffers, &buffer) == KAAL_OK, "back");
    }
}

static _Noreturn void serve_calls(void)
{
    seL4_CPtr endpoint =
        kaal_resource_find(kaal_startup()->name, KAAL_RESOURCE_SERVICE)->service.endpoint;
    seL4_CPtr reply = kaal_startup()->reply;
    seL4_Word badge;
    unsigned round = 0;
    unsigned words = 0;
    seL4_MessageInfo_t info = seL4_Recv(endpoint, &badge, reply);
    for (;;) {
        unsigned count = (unsigned)seL4_MessageInfo_get_length(info);
        check(bulk_is_right(round, words, seL4_GetIPCBuffer()->msg, count),
              "message registers are wrong");
        words += count;
        if (words == BULK_WORDS) {
            words = 0;
            round++;
        }
        info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge, reply);
    }
}

static void open_all(void)
{
    const struct kaal_resource *memory = kaal_resource_find("pool", KAAL_RESOURCE_CHANNEL);
    struct kaal_pool_memory peers = pool_memory(memory->channel.peer_vaddr);
    bool good =
        bench_channel_open(&channel, kaal_resource_find("bench", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK &&
        bulk_channel_open(&bulk, kaal_resource_find("bulk", KAAL_RESOURCE_CHANNEL)) == KAAL_OK &&
        buffer_channel_open(&buffers, kaal_resource_find("buffers", KAAL_RESOURCE_CHANNEL)) ==
            KAAL_OK &&
        kaal_loans_init(&loans, &peers, loan_slots, POOL_BUFFERS, &buffers.channel) == KAAL_OK;
    check(good, "open");
}

int main(void)
{
    open_all();
    receive_single(2 * ROUNDS);
    receive_in_place(ROUNDS * BATCH);
    receive_copied(ROUNDS * BATCH);
    receive_bulk();
    receive_buffers();
    serve_calls();
}
