/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A net client's side: buffers out and in, and what the driver tells in between.
 */
#include <stdio.h>
#include <string.h>

#include <kaal/class/net_client.h>

int kaal_net_open(struct kaal_net_client *client, const char *name)
{
    char data_name[KAAL_NAME_BYTES];
    const struct kaal_resource *resource = kaal_resource_find(name, KAAL_RESOURCE_CHANNEL);
    const struct kaal_resource *data;
    int error;

    memset(client, 0, sizeof(*client));
    (void)snprintf(data_name, sizeof(data_name), "%s-data", name);
    data = kaal_resource_find(data_name, KAAL_RESOURCE_CHANNEL);
    if (resource == NULL || data == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (resource->channel.message_bytes != sizeof(struct kaal_net_message) ||
        data->channel.message_bytes < KAAL_NET_BUFFER_BYTES ||
        resource->channel.capacity < KAAL_NET_MESSAGES_PER_BUFFER * data->channel.capacity) {
        return KAAL_ERR_INVALID;
    }
    error = kaal_channel_open(&client->channel, resource);
    if (error == KAAL_OK) {
        error = kaal_pool_open(&client->pool, data, client->own_slots, KAAL_NET_BUFFERS_MAX,
                               &client->channel);
    }
    if (error == KAAL_OK) {
        error = kaal_loans_open(&client->loans, data, client->peer_slots, KAAL_NET_BUFFERS_MAX,
                                &client->channel);
    }
    return error;
}

int kaal_net_buffer(struct kaal_net_client *client, uint32_t *index, uint8_t **data)
{
    int error = kaal_pool_get(&client->pool, index);

    if (error == KAAL_OK) {
        *data = kaal_pool_address(&client->pool, *index);
    }
    return error;
}

/* A slot for one message, or NULL. */
static struct kaal_net_message *slot(struct kaal_net_client *client)
{
    uint32_t count;

    return kaal_channel_reserve(&client->channel, &count);
}

int kaal_net_send(struct kaal_net_client *client, uint32_t index, uint32_t bytes)
{
    struct kaal_net_message *message;
    int error;

    if (bytes < KAAL_NET_FRAME_MIN || bytes > KAAL_NET_FRAME_MAX) {
        return KAAL_ERR_RANGE;
    }
    if (kaal_channel_peer_changed(&client->channel)) {
        return KAAL_ERR_PEER;
    }
    message = slot(client);
    if (message == NULL) {
        return client->channel.broken ? KAAL_ERR_PEER : KAAL_ERR_FULL;
    }
    message->kind = KAAL_NET_SEND;
    error = kaal_pool_lend(&client->pool, index, 0, bytes, &message->buffer);
    if (error == KAAL_OK) {
        kaal_channel_commit(&client->channel, 1);
    }
    return error;
}

/* The driver is done with a frame. A handle of before a restart is not ours any more. */
static int take_sent(struct kaal_net_client *client, const struct kaal_buffer *buffer)
{
    uint32_t index;
    int error = kaal_pool_return(&client->pool, buffer->handle, &index);

    if (error == KAAL_OK) {
        kaal_pool_put(&client->pool, index);
        client->sent += buffer->bytes != 0;
        client->unsent += buffer->bytes == 0;
    }
    return error == KAAL_ERR_STATE ? KAAL_OK : error;
}

static int take_received(struct kaal_net_client *client, const struct kaal_buffer *buffer,
                         struct kaal_net_frame *frame)
{
    const void *data;
    int error = kaal_loans_accept(&client->loans, buffer, &data);

    if (error == KAAL_OK) {
        *frame =
            (struct kaal_net_frame){.data = data, .bytes = buffer->bytes, .handle = buffer->handle};
    }
    return error;
}

int kaal_net_receive(struct kaal_net_client *client, struct kaal_net_frame *frame)
{
    const struct kaal_net_message *next;
    uint32_t count;

    /* Bounded: a hostile driver could go on telling. */
    for (uint32_t left = client->channel.capacity;
         left > 0 && (next = kaal_channel_peek(&client->channel, &count)) != NULL; left--) {
        struct kaal_net_message message;
        int error = KAAL_OK;

        if (kaal_channel_peer_changed(&client->channel)) {
            return KAAL_ERR_PEER; /* it may be the new driver's: it stays for after reconnecting */
        }
        memcpy(&message, next, sizeof(message)); /* the driver may change it while we look */
        if (message.kind == KAAL_NET_SENT) {
            error = take_sent(client, &message.buffer);
        } else if (message.kind == KAAL_NET_RECEIVED) {
            error = take_received(client, &message.buffer, frame);
        } else if (message.kind == KAAL_NET_LINK) {
            client->link = message.link;
        } else if (message.kind == KAAL_NET_COUNT && message.count.counter < KAAL_NET_COUNTERS) {
            client->counters[message.count.counter] =
                message.count.low | (uint64_t)message.count.high << 32;
        }
        if (error == KAAL_ERR_PEER) {
            return error;
        }
        kaal_channel_consume(&client->channel, 1);
        if (message.kind == KAAL_NET_RECEIVED && error == KAAL_OK) {
            return KAAL_OK;
        }
    }
    return client->channel.broken || kaal_channel_peer_changed(&client->channel) ? KAAL_ERR_PEER
                                                                                 : KAAL_ERR_EMPTY;
}

int kaal_net_release(struct kaal_net_client *client, const struct kaal_net_frame *frame)
{
    struct kaal_net_message *message = slot(client);

    /* A new instance raises the generation before it can touch the device (read after the data). */
    atomic_thread_fence(memory_order_acquire);
    if (kaal_channel_peer_changed(&client->channel)) {
        return KAAL_ERR_PEER;
    }
    if (message == NULL) {
        return client->channel.broken ? KAAL_ERR_PEER : KAAL_ERR_FULL;
    }
    if (kaal_loans_release(&client->loans, frame->handle) != KAAL_OK) {
        return KAAL_ERR_PEER;
    }
    *message = (struct kaal_net_message){.kind = KAAL_NET_RETURN, .buffer = {frame->handle, 0, 0}};
    kaal_channel_commit(&client->channel, 1);
    return KAAL_OK;
}

static int say(struct kaal_net_client *client, const struct kaal_net_message *what)
{
    struct kaal_net_message *message = slot(client);

    if (message == NULL) {
        return KAAL_ERR_FULL;
    }
    *message = *what;
    kaal_channel_commit(&client->channel, 1);
    return KAAL_OK;
}

int kaal_net_count(struct kaal_net_client *client)
{
    const struct kaal_net_message message = {.kind = KAAL_NET_COUNT};

    return say(client, &message);
}

int kaal_net_address(struct kaal_net_client *client, const uint8_t address[KAAL_NET_ADDRESS_BYTES])
{
    struct kaal_net_message message = {.kind = KAAL_NET_ADDRESS};

    memcpy(message.link.address, address, KAAL_NET_ADDRESS_BYTES);
    return say(client, &message);
}

void kaal_net_flush(struct kaal_net_client *client)
{
    kaal_channel_notify(&client->channel);
}

bool kaal_net_prepare_sleep(struct kaal_net_client *client)
{
    return kaal_channel_prepare_receive(&client->channel);
}

int kaal_net_reconnect(struct kaal_net_client *client)
{
    int error = kaal_channel_reconnect(&client->channel);

    if (error == KAAL_OK) {
        kaal_pool_renew(&client->pool);
        kaal_loans_renew(&client->loans);
        client->link.up = 0;
    }
    return error;
}
