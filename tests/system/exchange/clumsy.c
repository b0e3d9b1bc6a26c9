/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A customer that dies twice with a call in flight and a buffer lent, and behaves in its third
 * life. It begins each of them when told to.
 */
#include <kaal/startup.h>

#include "protocol.h"

#define LIVES 3u

static struct work_client client;
static struct kaal_pool pool;
static struct kaal_pool_slot slots[BUFFERS];

static void check(bool good)
{
    if (!good) {
        kaal_panic("clumsy: a promise is broken");
    }
}

static uint32_t submit(uint32_t kind)
{
    struct work_request request = {.kind = kind};
    uint32_t index;
    uint32_t tag;
    check(kaal_pool_get(&pool, &index) == KAAL_OK);
    *(uint64_t *)kaal_pool_address(&pool, index) = 99;
    check(kaal_pool_lend(&pool, index, 0, 8, &request.buffer) == KAAL_OK);
    check(work_submit(&client, &request, KAAL_NO_DEADLINE, &tag) == KAAL_OK);
    return tag;
}

int main(void)
{
    static struct number_channel go;
    uint64_t number;
    struct work_reply reply;
    const struct kaal_resource *memory = kaal_resource_find("clumsy_memory", KAAL_RESOURCE_CHANNEL);
    check(number_channel_open(&go, kaal_resource_find("go", KAAL_RESOURCE_CHANNEL)) == KAAL_OK);
    check(work_client_open(&client, kaal_resource_find("clumsy", KAAL_RESOURCE_CHANNEL)) ==
          KAAL_OK);
    check(kaal_pool_open(&pool, memory, slots, BUFFERS, &client.client.channel) == KAAL_OK);
    check(number_channel_recv_blocking(&go, &number, KAAL_NO_DEADLINE) == KAAL_OK);
    check(kaal_client_reconnect(&client.client) == KAAL_OK); /* the server was killed meanwhile */
    kaal_pool_renew(&pool);
    if (kaal_startup()->generation < LIVES) {
        (void)submit(WORK_HOLD);
        check(work_await(&client, submit(WORK_STATE), &reply) == KAAL_OK && reply.sum == 99);
        check(reply.calls_held == 2 && reply.buffers_held == 1);
        kaal_panic("as it should");
    }
    check(work_await(&client, submit(WORK_SUM), &reply) == KAAL_OK && reply.sum == 99);
    check(reply.buffers_held == 0);
    return 0;
}
