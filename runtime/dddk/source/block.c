/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The block class framework. A transfer has a slot from the moment it is taken from its client to
 * the reply: queued (the device is full, or was reset), then with the device. A client's requests
 * are taken only while nothing of it forbids that: a barrier, or transfers of its predecessor that
 * the device is still at, whose memory is the same.
 */
#include <string.h>

#include <kaal/assert.h>
#include <kaal/class/block.h>

/* A device that has finished nothing by then is broken. */
#define ANSWER_NS UINT64_C(10000000000)
/* Requests of one client before it is the next one's turn. */
#define TURN_REQUESTS 16u
/* Times that a transfer is given to the device: it may have been the cause of the reset. */
#define TRIES_MAX 3u

enum slot_state {
    SLOT_FREE,
    SLOT_QUEUED,
    SLOT_DEVICE,
};

struct slot {
    enum slot_state state;
    uint32_t next_free;
    uint32_t tries;
    uint32_t tag;
    uint32_t client;
    struct kaal_block_transfer transfer;
};

struct client {
    struct kaal_block_calls_server calls;
    uint64_t read_bus;  /* the driver's half, from KAAL_BLOCK_DATA_OFFSET */
    uint64_t write_bus; /* the client's */
    uint32_t data_bytes;
    uint32_t in_flight; /* slots */
    bool held;          /* `request` is a barrier that waits for those before it */
    bool barrier;       /* a barrier is in flight */
    bool draining;      /* what is in flight is a dead client's */
    uint32_t tag;
    struct kaal_block_request request;
};

static struct {
    struct client clients[KAAL_CLASS_CLIENTS_MAX];
    uint32_t client_count;
    uint32_t turn;
    struct slot slots[KAAL_BLOCK_REQUESTS_MAX];
    uint32_t first_free;
    uint32_t in_flight; /* slots not free */
    uint32_t queued;    /* of them, not with the device */
    struct kaal_block_info info;
    struct kaal_block_statistics counts;
    bool answered; /* the device finished something since the deadline was set */
} block;

static int client_open(struct client *client, const struct kaal_resource *channel)
{
    const struct kaal_resource *data = kaal_class_data_channel(channel);

    if (!data || data->channel.region_bytes <= KAAL_BLOCK_DATA_OFFSET) {
        return KAAL_ERR_NOT_FOUND;
    }
    client->data_bytes = data->channel.region_bytes - KAAL_BLOCK_DATA_OFFSET;
    client->read_bus = kaal_bus_address(
        (void *)(uintptr_t)(data->channel.own_vaddr + KAAL_BLOCK_DATA_OFFSET), client->data_bytes);
    client->write_bus = kaal_bus_address(
        (void *)(uintptr_t)(data->channel.peer_vaddr + KAAL_BLOCK_DATA_OFFSET), client->data_bytes);
    if (client->read_bus == UINT64_MAX || client->write_bus == UINT64_MAX) {
        return KAAL_ERR_UNSUPPORTED; /* no device reaches a channel of that size */
    }
    return kaal_block_calls_server_open(&client->calls, channel);
}

static int block_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource;
    uint32_t position = 0;

    (void)instance;
    memset(&block, 0, sizeof(block));
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        block.slots[i].next_free = i + 1;
    }
    while ((resource = kaal_class_channel(kaal_block_calls_MESSAGE_BYTES, &position)) != NULL) {
        int result = block.client_count == KAAL_CLASS_CLIENTS_MAX
                         ? KAAL_ERR_NO_SPACE
                         : client_open(&block.clients[block.client_count++], resource);
        if (result != KAAL_OK) {
            return result;
        }
    }
    return block.client_count > 0 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

/* Asks the device what it is; a size that makes no sense is a device error. */
static int block_identify(struct kaal_driver_instance *instance)
{
    const struct kaal_block_operations *operations = instance->driver->operations;

    if (block.info.block_bytes != 0) {
        return KAAL_OK;
    }
    operations->info(instance->driver->device, &block.info);
    if (!is_power_of_two(block.info.block_bytes) || block.info.block_bytes < 512 ||
        block.info.bytes % block.info.block_bytes != 0 ||
        block.info.transfer_max < block.info.block_bytes) {
        block.info.block_bytes = 0;
        return KAAL_ERR_IO;
    }
    return KAAL_OK;
}

/* What is wrong with a read or write, if anything. */
static int check(const struct client *client, const struct kaal_block_request *request)
{
    uint32_t data_bytes = client->data_bytes;

#ifdef KAAL_PLANTED_BUG_BLOCK
    data_bytes = UINT32_MAX; /* the fuzzer's self-test builds this */
#endif
    if (request->operation == KAAL_BLOCK_WRITE && (block.info.flags & KAAL_BLOCK_READ_ONLY)) {
        return KAAL_ERR_DENIED;
    }
    if (request->bytes == 0 || request->bytes > block.info.transfer_max ||
        !range_inside(request->buffer, request->bytes, data_bytes)) {
        return KAAL_ERR_INVALID;
    }
    if (request->offset % block.info.block_bytes != 0 ||
        request->bytes % block.info.block_bytes != 0 ||
        request->buffer % KAAL_BLOCK_BUFFER_ALIGN != 0) {
        return KAAL_ERR_ALIGN;
    }
    return range_inside(request->offset, request->bytes, block.info.bytes) ? KAAL_OK
                                                                           : KAAL_ERR_RANGE;
}

static void reply(struct kaal_driver_instance *instance, struct client *client, uint32_t tag,
                  int status, const union kaal_block_reply *answer)
{
    /* Fails if the client is gone; there is nobody to tell then. */
    int ignored = kaal_block_calls_reply(&client->calls, tag, status, answer);

    (void)ignored;
    instance->statistics.in_messages++;
}

/* Takes a slot for a checked request; there is one. */
static uint32_t slot_take(struct client *client, uint32_t tag,
                          const struct kaal_block_request *request)
{
    uint32_t index = block.first_free;
    struct slot *slot = &block.slots[index];
    bool write = request->operation == KAAL_BLOCK_WRITE;
    bool flush = request->operation == KAAL_BLOCK_FLUSH;

    ASSERT(index < KAAL_BLOCK_REQUESTS_MAX && slot->state == SLOT_FREE);
    block.first_free = slot->next_free;
    block.in_flight++;
    block.queued++;
    client->in_flight++;
    slot->state = SLOT_QUEUED;
    slot->tries = 0;
    slot->tag = tag;
    slot->client = (uint32_t)(client - block.clients);
    slot->transfer = (struct kaal_block_transfer){
        .operation = request->operation,
        .bytes = flush ? 0 : request->bytes,
        .block = flush ? 0 : request->offset / block.info.block_bytes,
        .blocks = flush ? 0 : request->bytes / block.info.block_bytes,
        .bus = flush ? 0 : (write ? client->write_bus : client->read_bus) + request->buffer,
    };
    return index;
}

static void slot_end(struct kaal_driver_instance *instance, uint32_t index, int status)
{
    struct slot *slot = &block.slots[index];
    struct client *client = &block.clients[slot->client];

    block.queued -= slot->state == SLOT_QUEUED;
    slot->state = SLOT_FREE;
    slot->next_free = block.first_free;
    block.first_free = index;
    block.in_flight--;
    client->in_flight--;
    client->barrier = false; /* if it was one, it was alone */
    block.counts.reads += status == KAAL_OK && slot->transfer.operation == KAAL_BLOCK_READ;
    block.counts.writes += status == KAAL_OK && slot->transfer.operation == KAAL_BLOCK_WRITE;
    block.counts.flushes += status == KAAL_OK && slot->transfer.operation == KAAL_BLOCK_FLUSH;
    block.counts.errors += status != KAAL_OK;
    instance->statistics.errors += status != KAAL_OK;
    if (client->draining) {
        client->draining = client->in_flight > 0;
    } else {
        reply(instance, client, slot->tag, status, NULL);
    }
}

/* Gives the device a queued slot. KAAL_OK, KAAL_ERR_FULL, or a device error. */
static int slot_submit(struct kaal_driver_instance *instance, uint32_t index)
{
    const struct kaal_block_operations *operations = instance->driver->operations;
    struct slot *slot = &block.slots[index];
    int result = operations->submit(instance->driver->device, index, &slot->transfer);

    if (result == KAAL_OK) {
        slot->state = SLOT_DEVICE;
        slot->tries++;
        block.queued--;
        instance->statistics.out_messages++;
    }
    return result;
}

static int submit_queued(struct kaal_driver_instance *instance)
{
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX && block.queued > 0; i++) {
        int result = KAAL_OK;

        if (block.slots[i].state == SLOT_QUEUED) {
            result = slot_submit(instance, i);
        }
        if (result != KAAL_OK) {
            return result;
        }
    }
    return KAAL_OK;
}

/* Takes what the device has finished; at most a full queue. */
static int take_finished(struct kaal_driver_instance *instance)
{
    const struct kaal_block_operations *operations = instance->driver->operations;

    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX && block.in_flight > 0; i++) {
        uint32_t slot;
        int status;
        int result = operations->complete(instance->driver->device, &slot, &status);

        if (result == KAAL_ERR_EMPTY) {
            break;
        }
        if (result != KAAL_OK || slot >= KAAL_BLOCK_REQUESTS_MAX ||
            block.slots[slot].state != SLOT_DEVICE) {
            return KAAL_ERR_IO;
        }
        block.answered = true;
        slot_end(instance, slot, status);
    }
    return KAAL_OK;
}

/* What can be answered without the device. True if the request is done with. */
static bool answer_now(struct kaal_driver_instance *instance, struct client *client, uint32_t tag,
                       const struct kaal_block_request *request)
{
    union kaal_block_reply answer = {0};
    int result = KAAL_OK;

    switch (request->operation) {
    case KAAL_BLOCK_INFO:
        answer.info = block.info;
        answer.info.data_bytes = client->data_bytes;
        break;
    case KAAL_BLOCK_STATISTICS:
        answer.statistics = block.counts;
        answer.statistics.resets = (uint32_t)instance->statistics.resets;
        break;
    case KAAL_BLOCK_FLUSH: /* what was acknowledged is safe already */
        if (block.info.flags & KAAL_BLOCK_VOLATILE) {
            return false;
        }
        block.counts.flushes++;
        break;
    case KAAL_BLOCK_READ:
    case KAAL_BLOCK_WRITE:
        result = check(client, request);
        if (result == KAAL_OK) {
            return false;
        }
        break;
    default:
        result = KAAL_ERR_UNSUPPORTED;
        break;
    }
    block.counts.refused += result != KAAL_OK;
    instance->statistics.refused += result != KAAL_OK;
    reply(instance, client, tag, result, &answer);
    return true;
}

/* True while no request of the client may be taken. */
static bool is_blocked(const struct client *client)
{
    return client->draining || client->barrier || (client->held && client->in_flight > 0) ||
           block.in_flight == KAAL_BLOCK_REQUESTS_MAX;
}

/* The client's next request: the barrier that waited, or the oldest in its channel. */
static int next_request(struct client *client)
{
    if (client->held) {
        client->held = false;
        return KAAL_OK;
    }
    return kaal_block_calls_next(&client->calls, &client->tag, &client->request);
}

/* Some requests of one client, while the device has room. */
static int serve(struct kaal_driver_instance *instance, struct client *client)
{
    for (uint32_t i = 0; i < TURN_REQUESTS && block.queued == 0 && !is_blocked(client); i++) {
        if (next_request(client) != KAAL_OK) {
            return KAAL_OK; /* empty, or its peer was replaced: found at the next turn */
        }
        if (client->request.flags & KAAL_BLOCK_BARRIER) {
            client->held = client->in_flight > 0;
            if (client->held) {
                return KAAL_OK;
            }
        }
        if (answer_now(instance, client, client->tag, &client->request)) {
            continue;
        }
        client->barrier = (client->request.flags & KAAL_BLOCK_BARRIER) != 0;
        int result = slot_submit(instance, slot_take(client, client->tag, &client->request));
        if (result != KAAL_OK && result != KAAL_ERR_FULL) {
            return result;
        }
    }
    return KAAL_OK;
}

/* A new client: what the old one has with the device must end first, the memory is the same. */
static void reconnect(struct kaal_driver_instance *instance, struct client *client)
{
    instance->statistics.reconnects++;
    if (kaal_server_reconnect(&client->calls.server) == KAAL_OK) {
        client->held = false;
        client->draining = client->in_flight > 0;
    }
}

/* KAAL_OK if nothing can be done before the next wake-up. */
static int prepare_sleep(void)
{
    int result = KAAL_OK;

    for (uint32_t i = 0; i < block.client_count; i++) {
        struct client *client = &block.clients[i];
        struct kaal_channel *channel = &client->calls.server.channel;

        if (block.queued > 0 || is_blocked(client)) {
            kaal_channel_notify(channel); /* the device's next interrupt goes on */
        } else if (client->held || !kaal_channel_prepare_receive(channel)) {
            result = KAAL_ERR_STATE;
        }
    }
    return result;
}

/* Sets the deadline, and looks whether it has passed in vain. */
static int watch(struct kaal_driver_instance *instance)
{
    uint64_t now_ns;

    if (block.in_flight == 0) {
        return KAAL_OK; /* an earlier deadline may stay: something was answered since */
    }
    now_ns = kaal_now_ns();
    if (instance->deadline_ns != KAAL_DRIVER_NO_DEADLINE && now_ns <= instance->deadline_ns) {
        return KAAL_OK;
    }
    if (instance->deadline_ns != KAAL_DRIVER_NO_DEADLINE && !block.answered) {
        return KAAL_ERR_TIMEOUT;
    }
    block.answered = false;
    instance->deadline_ns = now_ns + ANSWER_NS;
    return KAAL_OK;
}

static int block_service(struct kaal_driver_instance *instance)
{
    const struct kaal_block_operations *operations = instance->driver->operations;
    int result = block_identify(instance);

    for (uint32_t i = 0; i < block.client_count; i++) {
        if (kaal_channel_peer_changed(&block.clients[i].calls.server.channel)) {
            reconnect(instance, &block.clients[i]);
        }
    }
    if (result == KAAL_OK) {
        result = take_finished(instance);
    }
    if (result == KAAL_OK) {
        result = submit_queued(instance);
    }
    for (uint32_t i = 0; i < block.client_count && result == KAAL_OK; i++) {
        result = serve(instance, &block.clients[(block.turn + i) % block.client_count]);
    }
    block.turn = (block.turn + 1) % block.client_count;
    if (result == KAAL_OK || result == KAAL_ERR_FULL) {
        operations->kick(instance->driver->device);
        result = watch(instance);
    }
    return result == KAAL_OK ? prepare_sleep() : result;
}

/* Everything that was with the device is to be given to it again. */
static void block_restarted(struct kaal_driver_instance *instance)
{
    block.info.block_bytes = 0;
    instance->deadline_ns = KAAL_DRIVER_NO_DEADLINE;
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        if (block.slots[i].state != SLOT_DEVICE) {
            continue;
        }
        block.slots[i].state = SLOT_QUEUED;
        block.queued++;
        if (block.slots[i].tries == TRIES_MAX) {
            slot_end(instance, i, KAAL_ERR_IO);
        }
    }
}

const struct kaal_class_server kaal_block_server = {
    .name = "block",
    .attach = block_attach,
    .service = block_service,
    .restarted = block_restarted,
};
