/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The net class framework. Frames to send go from the clients' halves to the device where they are.
 * Frames received go where the device wrote them: into the only client's half, or, with several
 * clients, into private memory, from which each gets copies of its own frames only.
 *
 * What is in the device is recorded here, under tokens that are indices into these records, so
 * neither the device nor a client can make the framework touch what is not its own.
 */
#include <string.h>

#include <kaal/assert.h>
#include <kaal/broker.h>
#include <kaal/class/net.h>

/* A frame that was not sent by then is a device error, while the link is up. */
#define SEND_NS UINT64_C(5000000000)
/* Frames received, and messages taken, in one turn: more than can be in the device. */
#define BATCH_MAX 512u
/* Memory for receiving with several clients. */
#define PRIVATE_BUFFERS 128u

struct net_client {
    struct kaal_channel channel;
    struct kaal_loans loans; /* frames to send */
    struct kaal_pool pool;   /* frames received */
    struct kaal_pool_slot peer_slots[KAAL_NET_BUFFERS_MAX];
    struct kaal_pool_slot own_slots[KAAL_NET_BUFFERS_MAX];
    uint8_t address[KAAL_NET_ADDRESS_BYTES]; /* whose frames it wants, if own_address */
    bool own_address;
    uint32_t in_device; /* frames of it being sent */
    uint64_t counters[KAAL_NET_COUNTERS];
};

/* A frame in the device. */
struct net_sending {
    uint64_t bus;
    uint32_t bytes; /* 0: unused */
    uint32_t client;
    uint32_t handle;
};

static struct {
    struct net_client clients[KAAL_CLASS_CLIENTS_MAX];
    uint32_t count;
    uint32_t turn; /* client whose frames are sent next */
    struct kaal_net_link link;
    struct kaal_pool private_pool; /* several clients: where frames are received */
    struct kaal_pool_slot private_slots[PRIVATE_BUFFERS];
    struct kaal_pool *receive_pool;    /* the only client's, or private_pool */
    bool posted[KAAL_NET_BUFFERS_MAX]; /* of receive_pool: is in the device */
    uint32_t posted_count;
    struct net_sending sending[KAAL_NET_BUFFERS_MAX];
    uint16_t free_tokens[KAAL_NET_BUFFERS_MAX]; /* of sending */
    uint32_t free_count;
    uint64_t progress_ns; /* when a frame was last sent, or the first of now was given */
    bool kick;
} net;

static const struct kaal_net_operations *operations_of(const struct kaal_driver_instance *instance)
{
    return instance->driver->operations;
}

/* ---- opening ---- */

static int client_open(struct net_client *client, const struct kaal_resource *resource)
{
    const struct kaal_resource *data = kaal_class_data_channel(resource);
    int error;

    if (data == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (data->channel.message_bytes < KAAL_NET_BUFFER_BYTES ||
        resource->channel.capacity < KAAL_NET_MESSAGES_PER_BUFFER * data->channel.capacity) {
        return KAAL_ERR_INVALID;
    }
    error = kaal_channel_open(&client->channel, resource);
    if (error == KAAL_OK) {
        error = kaal_loans_open(&client->loans, data, client->peer_slots, KAAL_NET_BUFFERS_MAX,
                                &client->channel);
    }
    if (error == KAAL_OK) {
        error = kaal_pool_open(&client->pool, data, client->own_slots, KAAL_NET_BUFFERS_MAX,
                               &client->channel);
    }
    if (error == KAAL_OK && (client->loans.memory.bus == KAAL_POOL_NO_BUS ||
                             client->pool.memory.bus == KAAL_POOL_NO_BUS)) {
        error = KAAL_ERR_UNSUPPORTED; /* more than is contiguous */
    }
    return error;
}

static int private_pool_open(void)
{
    struct kaal_dma_resource dma;
    kaal_handle handle;
    int error =
        kaal_allocate_dma(PRIVATE_BUFFERS * KAAL_NET_BUFFER_BYTES, 4096, false, &handle, &dma);

    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_pool_memory memory = {.vaddr = (uint8_t *)(uintptr_t)dma.vaddr,
                                      .bus = dma.bus,
                                      .buffer_bytes = KAAL_NET_BUFFER_BYTES,
                                      .count = PRIVATE_BUFFERS};
    return kaal_pool_init(&net.private_pool, &memory, net.private_slots, PRIVATE_BUFFERS,
                          &net.clients[0].channel);
}

static int net_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource;
    uint32_t position = 0;
    int error = KAAL_OK;

    memset(&net, 0, sizeof(net));
    while (error == KAAL_OK &&
           (resource = kaal_class_channel(sizeof(struct kaal_net_message), &position)) != NULL) {
        error = net.count == KAAL_CLASS_CLIENTS_MAX
                    ? KAAL_ERR_NO_SPACE
                    : client_open(&net.clients[net.count++], resource);
    }
    if (error == KAAL_OK && net.count > 1) {
        error = private_pool_open();
    }
    net.receive_pool = net.count > 1 ? &net.private_pool : &net.clients[0].pool;
    for (uint32_t i = 0; i < operations_of(instance)->transmit_max; i++) {
        net.free_tokens[net.free_count++] = (uint16_t)i;
    }
    return error == KAAL_OK && net.count == 0 ? KAAL_ERR_NOT_FOUND : error;
}

/* ---- messages to a client ---- */

/* Sends what may be lost: the client hears the next one. */
static void tell(struct net_client *client, const struct kaal_net_message *what)
{
    uint32_t room =
        kaal_channel_free(&client->channel, client->channel.capacity, client->in_device + 1);
    uint32_t count;
    struct kaal_net_message *message = NULL;

    if (room > client->in_device) {
        message = kaal_channel_reserve(&client->channel, &count);
    }
    if (message != NULL) {
        *message = *what;
        kaal_channel_commit(&client->channel, 1);
    }
}

/* A frame of a client is sent, or was not; tell() and deliver() have left room for it. */
static void tell_sent(struct net_client *client, uint32_t handle, uint32_t bytes)
{
    uint32_t count;
    struct kaal_net_message *message = kaal_channel_reserve(&client->channel, &count);

    if (message != NULL) {
        *message = (struct kaal_net_message){.kind = KAAL_NET_SENT, .buffer = {handle, 0, bytes}};
        kaal_channel_commit(&client->channel, 1);
    }
}

static void tell_link(struct net_client *client)
{
    const struct kaal_net_message message = {.kind = KAAL_NET_LINK, .link = net.link};

    tell(client, &message);
}

static void tell_counters(struct net_client *client)
{
    for (uint32_t i = 0; i < KAAL_NET_COUNTERS; i++) {
        uint64_t value = client->counters[i];
        const struct kaal_net_message message = {
            .kind = KAAL_NET_COUNT, .count = {i, (uint32_t)value, (uint32_t)(value >> 32)}};

        tell(client, &message);
    }
}

/* ---- messages from a client ---- */

/* A device filters for its own address only. */
static void open_filter(struct kaal_driver_instance *instance, const struct net_client *client)
{
    if (client->own_address &&
        memcmp(client->address, net.link.address, KAAL_NET_ADDRESS_BYTES) != 0) {
        operations_of(instance)->promiscuous(instance->driver->device, true);
    }
}

static void set_address(struct kaal_driver_instance *instance, struct net_client *client,
                        const uint8_t *address)
{
    memcpy(client->address, address, KAAL_NET_ADDRESS_BYTES);
    client->own_address = true;
    open_filter(instance, client);
}

/* Gives a frame to the device. Returns KAAL_OK also if it is refused; KAAL_ERR_FULL if it must
 * wait; else an error of the device's. */
static int send(struct kaal_driver_instance *instance, uint32_t index,
                const struct kaal_buffer *buffer)
{
    struct net_client *client = &net.clients[index];
    const void *data;
    int error = kaal_loans_accept(&client->loans, buffer, &data);

    if (error != KAAL_OK) {
        return KAAL_OK; /* of before a restart, or a lie, which has cost it the channel */
    }
    if (buffer->bytes < KAAL_NET_FRAME_MIN || buffer->bytes > KAAL_NET_FRAME_MAX) {
        client->counters[KAAL_NET_REFUSED_OUT]++;
        instance->statistics.refused++;
        if (kaal_loans_release(&client->loans, buffer->handle) == KAAL_OK) {
            tell_sent(client, buffer->handle, 0);
        }
        return KAAL_OK;
    }
    uint32_t token = net.free_tokens[--net.free_count];
    net.sending[token] = (struct net_sending){.bus = kaal_loans_bus(&client->loans, buffer),
                                              .bytes = buffer->bytes,
                                              .client = index,
                                              .handle = buffer->handle};
    client->in_device++;
    if (net.free_count + 1 == operations_of(instance)->transmit_max) {
        net.progress_ns = kaal_now_ns(); /* the first in the device: the time starts */
    }
    net.kick = true;
    return operations_of(instance)->transmit_post(instance->driver->device, net.sending[token].bus,
                                                  buffer->bytes, token);
}

static void take_back(struct net_client *client, uint32_t handle)
{
    uint32_t index;

    if (kaal_pool_return(&client->pool, handle, &index) == KAAL_OK) {
        kaal_pool_put(&client->pool, index);
    }
}

/* The next message of a client. Returns KAAL_ERR_EMPTY without one, KAAL_ERR_FULL without room. */
static int take_message(struct kaal_driver_instance *instance, uint32_t index)
{
    struct net_client *client = &net.clients[index];
    struct kaal_net_message message;
    uint32_t count;
    const struct kaal_net_message *next = kaal_channel_peek(&client->channel, &count);
    int error = KAAL_OK;

    if (next == NULL || kaal_channel_peer_changed(&client->channel)) {
        return KAAL_ERR_EMPTY; /* a new client's first message waits for the reconnection */
    }
    memcpy(&message, next, sizeof(message)); /* the client may change it while we look */
    if (message.kind == KAAL_NET_SEND) {
        if (net.free_count == 0) {
            return KAAL_ERR_FULL;
        }
        error = send(instance, index, &message.buffer);
    } else if (message.kind == KAAL_NET_RETURN) {
        take_back(client, message.buffer.handle);
    } else if (message.kind == KAAL_NET_ADDRESS) {
        set_address(instance, client, message.link.address);
    } else if (message.kind == KAAL_NET_COUNT) {
        tell_counters(client);
    }
    if (client->channel.broken || error == KAAL_ERR_FULL) {
        return client->channel.broken ? KAAL_ERR_EMPTY : error;
    }
    kaal_channel_consume(&client->channel, 1);
    return error;
}

/* All that the clients say, in turns. stalled  out: some of it waits for room in the device */
static int take_messages(struct kaal_driver_instance *instance, bool *stalled)
{
    uint32_t idle = 0;

    for (uint32_t left = BATCH_MAX; left > 0 && idle < net.count; left--) {
        int error = take_message(instance, net.turn);

        net.turn = net.turn + 1 == net.count ? 0 : net.turn + 1;
        if (error == KAAL_OK) {
            idle = 0;
        } else if (error == KAAL_ERR_EMPTY || error == KAAL_ERR_FULL) {
            *stalled = *stalled || error == KAAL_ERR_FULL;
            idle++;
        } else {
            return error;
        }
    }
    return KAAL_OK;
}

/* ---- the device ---- */

static int take_sent(struct kaal_driver_instance *instance)
{
    uint32_t token;
    int error;

    while ((error = operations_of(instance)->transmit_take(instance->driver->device, &token)) ==
           KAAL_OK) {
        if (token >= KAAL_NET_BUFFERS_MAX || net.sending[token].bytes == 0) {
            return KAAL_ERR_IO; /* it was not given that */
        }
        struct net_sending *done = &net.sending[token];
        struct net_client *client = &net.clients[done->client];

        /* Else it is of a client that was replaced. */
        if (kaal_loans_release(&client->loans, done->handle) == KAAL_OK) {
            client->in_device--;
            client->counters[KAAL_NET_FRAMES_OUT]++;
            client->counters[KAAL_NET_BYTES_OUT] += done->bytes;
            tell_sent(client, done->handle, done->bytes);
        }
        done->bytes = 0;
        net.free_tokens[net.free_count++] = (uint16_t)token;
        net.progress_ns = kaal_now_ns();
        instance->statistics.out_messages++;
    }
    return error == KAAL_ERR_EMPTY ? KAAL_OK : error;
}

/* Room for a frame beside the answers that are owed. */
static bool has_room(struct net_client *client)
{
    return kaal_channel_free(&client->channel, client->channel.capacity, client->in_device + 1) >
           client->in_device;
}

/* Lends a buffer that holds a frame to its client. */
static void deliver(struct net_client *client, uint32_t index, uint32_t bytes)
{
    struct kaal_net_message *message;
    uint32_t count;

    message = kaal_channel_reserve(&client->channel, &count);
    if (message == NULL ||
        kaal_pool_lend(&client->pool, index, 0, bytes, &message->buffer) != KAAL_OK) {
        client->counters[KAAL_NET_DROPPED_IN]++;
        kaal_pool_put(&client->pool, index);
        return;
    }
    message->kind = KAAL_NET_RECEIVED;
    kaal_channel_commit(&client->channel, 1);
    client->counters[KAAL_NET_FRAMES_IN]++;
    client->counters[KAAL_NET_BYTES_IN] += bytes;
}

/* Whether a frame is a client's: to all or a group, or to its address. One of several clients has
 * none before it has said which, so that after a restart it sees nothing of another's. */
static bool wants(const struct net_client *client, const uint8_t *frame)
{
    const uint8_t *own = client->own_address ? client->address : net.link.address;

    return (frame[0] & 1) != 0 || ((client->own_address || net.count == 1) &&
                                   memcmp(frame, own, KAAL_NET_ADDRESS_BYTES) == 0);
}

/* Copies a frame to each client that wants it. */
static void distribute(const uint8_t *frame, uint32_t bytes)
{
    for (uint32_t i = 0; i < net.count; i++) {
        struct net_client *client = &net.clients[i];
        uint32_t index;

        if (!wants(client, frame)) {
            continue;
        }
        if (!has_room(client) || kaal_pool_get(&client->pool, &index) != KAAL_OK) {
            client->counters[KAAL_NET_DROPPED_IN]++;
            continue;
        }
        memcpy(kaal_pool_address(&client->pool, index), frame, bytes);
        deliver(client, index, bytes);
    }
}

static int take_received(struct kaal_driver_instance *instance, bool *stalled)
{
    struct kaal_pool *pool = net.receive_pool;
    uint32_t index;
    uint32_t bytes;
    int error = KAAL_OK;

    for (uint32_t left = BATCH_MAX; left > 0; left--) {
        if (net.count == 1 && !has_room(&net.clients[0])) {
            *stalled = true; /* frames wait in the device */
            return KAAL_OK;
        }
        error = operations_of(instance)->receive_take(instance->driver->device, &index, &bytes);
        if (error != KAAL_OK) {
            break;
        }
        if (index >= pool->memory.count || !net.posted[index] || bytes > KAAL_NET_BUFFER_BYTES) {
#ifdef KAAL_PLANTED_BUG_NET
            /* The fuzzer's self-test builds this: it believes the device's length. */
            net.kick = ((uint8_t *)kaal_pool_address(pool, index))[bytes] != 0;
#endif
            return KAAL_ERR_IO; /* it was not given that */
        }
        net.posted[index] = false;
        net.posted_count--;
        instance->statistics.in_messages++;
        if (bytes < KAAL_NET_FRAME_MIN) {
            instance->statistics.errors++;
            kaal_pool_put(pool, index);
        } else if (net.count == 1 && wants(&net.clients[0], kaal_pool_address(pool, index))) {
            deliver(&net.clients[0], index, bytes);
        } else if (net.count == 1) {
            kaal_pool_put(pool, index);
        } else {
            distribute(kaal_pool_address(pool, index), bytes);
            kaal_pool_put(pool, index);
        }
    }
    return error == KAAL_ERR_EMPTY ? KAAL_OK : error;
}

/* Empty buffers for the device, as many as there are and it takes. */
static int post_buffers(struct kaal_driver_instance *instance)
{
    const struct kaal_net_operations *operations = operations_of(instance);
    uint32_t index;
    int error = KAAL_OK;

    while (error == KAAL_OK && net.posted_count < operations->receive_max &&
           kaal_pool_get(net.receive_pool, &index) == KAAL_OK) {
        error = operations->receive_post(instance->driver->device,
                                         kaal_pool_bus(net.receive_pool, index),
                                         KAAL_NET_BUFFER_BYTES, index);
        if (error == KAAL_OK) {
            net.posted[index] = true;
            net.posted_count++;
            net.kick = true;
        } else {
            kaal_pool_put(net.receive_pool, index);
        }
    }
    return error == KAAL_ERR_FULL ? KAAL_OK : error;
}

/* A client's new instance has nothing in the device and knows nothing yet. */
static void greet_new_clients(struct kaal_driver_instance *instance)
{
    for (uint32_t i = 0; i < net.count; i++) {
        struct net_client *client = &net.clients[i];

        if (kaal_channel_peer_changed(&client->channel)) {
            instance->statistics.reconnects++;
            if (kaal_channel_reconnect(&client->channel) == KAAL_OK) {
                kaal_pool_renew(&client->pool);
                kaal_loans_renew(&client->loans);
                client->in_device = 0;
                client->own_address = false;
                tell_link(client);
            }
        }
    }
}

static void watch_link(struct kaal_driver_instance *instance)
{
    if (operations_of(instance)->link(instance->driver->device, &net.link)) {
        net.progress_ns = kaal_now_ns();
        for (uint32_t i = 0; i < net.count; i++) {
            tell_link(&net.clients[i]);
        }
    }
}

/* The device has until then for the frames that it was given. */
static int check_progress(struct kaal_driver_instance *instance)
{
    bool waits = net.free_count < operations_of(instance)->transmit_max && net.link.up;

    instance->deadline_ns = waits ? net.progress_ns + SEND_NS : KAAL_DRIVER_NO_DEADLINE;
    return waits && kaal_now_ns() > instance->deadline_ns ? KAAL_ERR_TIMEOUT : KAAL_OK;
}

static int net_service(struct kaal_driver_instance *instance)
{
    bool send_stalled = false;
    bool receive_stalled = false;
    bool sleep = true;
    int error;

    greet_new_clients(instance);
    watch_link(instance);
    error = take_sent(instance);
    if (error == KAAL_OK) {
        error = take_messages(instance, &send_stalled);
    }
    if (error == KAAL_OK) {
        error = take_received(instance, &receive_stalled);
    }
    if (error == KAAL_OK) {
        error = post_buffers(instance);
    }
    if (error == KAAL_OK) {
        error = check_progress(instance);
    }
    if (net.kick) {
        net.kick = false;
        operations_of(instance)->kick(instance->driver->device);
    }
    for (uint32_t i = 0; i < net.count; i++) {
        struct kaal_channel *channel = &net.clients[i].channel;

        kaal_channel_notify(channel);
        if (receive_stalled) {
            sleep = kaal_channel_prepare_send(channel, (channel->capacity + 1) / 2) && sleep;
        }
        if (!send_stalled) { /* else the device's interrupt wakes us */
            sleep = kaal_channel_prepare_receive(channel) && sleep;
        }
    }
    return error == KAAL_OK && !sleep ? KAAL_ERR_STATE : error;
}

/* The device was reset: buffers go back to their pool, frames to send go out again. */
static void net_restarted(struct kaal_driver_instance *instance)
{
    const struct kaal_net_operations *operations = operations_of(instance);

    for (uint32_t i = 0; i < net.receive_pool->memory.count; i++) {
        if (net.posted[i]) {
            net.posted[i] = false;
            kaal_pool_put(net.receive_pool, i);
        }
    }
    net.posted_count = 0;
    net.progress_ns = kaal_now_ns();
    for (uint32_t token = 0; token < operations->transmit_max; token++) {
        const struct net_sending *again = &net.sending[token];

        if (again->bytes != 0) {
            net.kick = true;
            (void)operations->transmit_post(instance->driver->device, again->bus, again->bytes,
                                            token);
        }
    }
    for (uint32_t i = 0; i < net.count; i++) {
        open_filter(instance, &net.clients[i]);
    }
}

const struct kaal_class_server kaal_net_server = {
    .name = "net",
    .attach = net_attach,
    .service = net_service,
    .restarted = net_restarted,
};
