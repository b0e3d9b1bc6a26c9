/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The server: does what protocol.h lists for two customers, from one event loop.
 */
#include <kaal/event.h>
#include <kaal/startup.h>

#include "protocol.h"

struct held {
    uint32_t tag;
    struct work_request request;
};

/* One customer: its calls, its buffers as far as they are lent to us, and what is held. */
struct customer {
    struct work_server server;
    struct kaal_loans loans;
    struct kaal_pool_slot slots[BUFFERS];
    struct held held[4];
    unsigned held_count;
};

static struct customer customers[2];

/* Volatile, so that no compiler can know that nothing is there. */
static volatile uintptr_t unmapped_address = 8;

static uint64_t sum_words(const void *data, uint32_t bytes)
{
    const uint64_t *words = data;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < bytes / sizeof(words[0]); i++) {
        sum += words[i];
    }
    return sum;
}

static int answer(struct customer *customer, uint32_t tag, const struct work_request *request,
                  uint64_t sum)
{
    struct work_reply reply = {.sum = sum, .life = kaal_startup()->generation};
    if (request->buffer.bytes != 0) {
        int error = kaal_loans_release(&customer->loans, request->buffer.handle);
        if (error != KAAL_OK) {
            return error;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        reply.calls_held += customers[i].server.server.in_service;
        reply.buffers_held += customers[i].loans.held;
    }
    return work_reply(&customer->server, tag, KAAL_OK, &reply);
}

static int do_work(struct customer *customer, uint32_t tag, const struct work_request *request)
{
    const void *data = NULL;
    if (request->buffer.bytes != 0) {
        int error = kaal_loans_accept(&customer->loans, &request->buffer, &data);
        if (error != KAAL_OK) {
            return error;
        }
    }
    int error = KAAL_OK;
    switch ((enum work_kind)request->kind) {
    case WORK_SUM:
    case WORK_STATE:
        return answer(customer, tag, request,
                      data != NULL ? sum_words(data, request->buffer.bytes)
                                   : (uint64_t)request->number * request->number);
    case WORK_HOLD:
        customer->held[customer->held_count++] = (struct held){tag, *request};
        return KAAL_OK;
    case WORK_RELEASE:
        while (customer->held_count > 0 && error == KAAL_OK) {
            const struct held *held = &customer->held[--customer->held_count];
            error = answer(customer, held->tag, &held->request,
                           (uint64_t)held->request.number * held->request.number);
        }
        return error == KAAL_OK ? answer(customer, tag, request, 0) : error;
    case WORK_DIE:
        *(volatile uint32_t *)unmapped_address = 0;
        break;
    }
    return work_reply(&customer->server, tag, KAAL_ERR_UNSUPPORTED, NULL);
}

static void serve(void *argument)
{
    struct customer *customer = argument;
    struct work_request request;
    uint32_t tag;
    int error;
    while ((error = work_next(&customer->server, &tag, &request)) != KAAL_ERR_EMPTY) {
        if (error == KAAL_OK) {
            error = do_work(customer, tag, &request);
        }
        if (error == KAAL_ERR_PEER) {
            /* A new instance: what was held and lent belongs to the one before. */
            customer->held_count = 0;
            error = kaal_server_reconnect(&customer->server.server);
            kaal_loans_renew(&customer->loans);
        }
        if (error != KAAL_OK) {
            kaal_panic(kaal_error_name(error));
        }
    }
    kaal_channel_notify(&customer->server.server.channel);
}

static bool more_to_do(void *argument)
{
    (void)argument;
    bool idle = true;
    for (unsigned i = 0; i < 2; i++) {
        if (!kaal_server_prepare_sleep(&customers[i].server.server)) {
            serve(&customers[i]);
            idle = false;
        }
    }
    return !idle;
}

static int open_customer(struct customer *customer, const char *calls, const char *memory)
{
    const struct kaal_resource *resource = kaal_resource_find(calls, KAAL_RESOURCE_CHANNEL);
    int error = work_server_open(&customer->server, resource);
    if (error == KAAL_OK) {
        error = kaal_loans_open(&customer->loans, kaal_resource_find(memory, KAAL_RESOURCE_CHANNEL),
                                customer->slots, BUFFERS, &customer->server.server.channel);
    }
    if (error == KAAL_OK) {
        error = kaal_event_add(resource->channel.badge_bit, serve, customer);
    }
    return error;
}

int main(void)
{
    int error = open_customer(&customers[0], "work", "work_memory");
    if (error == KAAL_OK) {
        error = open_customer(&customers[1], "clumsy", "clumsy_memory");
    }
    if (error != KAAL_OK) {
        kaal_panic(kaal_error_name(error));
    }
    kaal_event_before_sleep(more_to_do, NULL);
    kaal_event_run();
}
