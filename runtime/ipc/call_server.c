/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The server's side of calls. A request is handed out only if its reply has room in the ring beside
 * the replies that are still owed, so replying never has to wait.
 */
#include <kaal/call.h>

#include "call_message.h"

int kaal_server_open(struct kaal_server *server, const struct kaal_resource *resource,
                     struct kaal_service *services, uint32_t services_max, uint32_t request_bytes,
                     uint32_t reply_bytes)
{
    if (resource != NULL &&
        (!call_messages_fit(resource, request_bytes, reply_bytes) || services_max == 0)) {
        return KAAL_ERR_INVALID;
    }
    *server = (struct kaal_server){
        .services = services,
        .services_max = services_max,
        .request_bytes = request_bytes,
        .reply_bytes = reply_bytes,
        .generation = (uint32_t)kaal_startup()->generation,
    };
    for (uint32_t i = 0; i < services_max; i++) {
        services[i].used = false;
    }
    return kaal_channel_open(&server->channel, resource);
}

static struct kaal_service *find(const struct kaal_server *server, uint32_t tag)
{
    for (uint32_t i = 0; i < server->services_max; i++) {
        if (server->services[i].used && server->services[i].tag == tag) {
            return &server->services[i];
        }
    }
    return NULL;
}

static struct kaal_service *find_unused(const struct kaal_server *server)
{
    for (uint32_t i = 0; i < server->services_max; i++) {
        if (!server->services[i].used) {
            return &server->services[i];
        }
    }
    return NULL;
}

/* What a request is to this server. */
enum verdict {
    VERDICT_HAND_OUT,
    VERDICT_DROP,
    VERDICT_REFUSE,
    VERDICT_RECONNECT,
    VERDICT_LIE
};

static enum verdict judge(const struct kaal_server *server, const struct kaal_call_header *header)
{
    if (header->client != server->channel.generation) {
        /* A dead client's, or the first of one that came since we looked. */
        return kaal_channel_peer_changed(&server->channel) ? VERDICT_RECONNECT : VERDICT_DROP;
    }
    struct kaal_service *service = find(server, header->tag);
    if (header->status == KAAL_CALL_CANCEL) {
        if (service != NULL && header->server == server->generation) {
            service->cancelled = true;
        }
        return VERDICT_DROP;
    }
    if (header->status != KAAL_CALL_REQUEST || service != NULL) {
        return VERDICT_LIE;
    }
    return header->server == server->generation ? VERDICT_HAND_OUT : VERDICT_REFUSE;
}

int kaal_server_next(struct kaal_server *server, uint32_t *tag, void *request)
{
    struct kaal_channel *channel = &server->channel;
    for (uint32_t left = channel->capacity; left > 0; left--) {
        if (channel->broken || kaal_channel_peer_changed(channel)) {
            return KAAL_ERR_PEER;
        }
        struct kaal_service *service = find_unused(server);
        uint32_t owed = server->in_service + 1;
        uint32_t count;
        const void *message;
        if (service == NULL || owed > channel->capacity ||
            kaal_channel_free(channel, channel->capacity, owed) < owed ||
            (message = kaal_channel_peek(channel, &count)) == NULL) {
            break;
        }
        struct kaal_call_header header = call_header_read(message);
        enum verdict verdict = judge(server, &header);
        if (verdict == VERDICT_HAND_OUT) {
            __builtin_memcpy(request, call_payload(message), server->request_bytes);
            *service = (struct kaal_service){.tag = header.tag, .used = true};
            server->in_service++;
            *tag = header.tag;
        } else if (verdict == VERDICT_REFUSE) {
            header.status = KAAL_ERR_PEER;
            (void)call_send(channel, &header, NULL, 0); /* there is room for it */
        } else if (verdict == VERDICT_RECONNECT) {
            return KAAL_ERR_PEER;
        } else if (verdict == VERDICT_LIE) {
            return kaal_channel_break_off(channel);
        }
        kaal_channel_consume(channel, 1);
        if (verdict == VERDICT_HAND_OUT) {
            return KAAL_OK;
        }
    }
    kaal_channel_notify(channel); /* of what was refused or dropped, and of room */
    return channel->broken ? KAAL_ERR_PEER : KAAL_ERR_EMPTY;
}

bool kaal_server_prepare_sleep(struct kaal_server *server)
{
    struct kaal_channel *channel = &server->channel;
    uint32_t owed = server->in_service + 1;
    if (find_unused(server) == NULL || owed > channel->capacity) {
        kaal_channel_notify(channel);
        return true;
    }
    return kaal_channel_room(channel) >= (int)owed ? kaal_channel_prepare_receive(channel)
                                                   : kaal_channel_prepare_send(channel, owed);
}

bool kaal_server_cancelled(const struct kaal_server *server, uint32_t tag)
{
    const struct kaal_service *service = find(server, tag);
    return service != NULL && service->cancelled;
}

int kaal_server_reply(struct kaal_server *server, uint32_t tag, int status, const void *reply)
{
    struct kaal_service *service = find(server, tag);
    if (service == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    struct kaal_call_header header = {.tag = tag,
                                      .client = server->channel.generation,
                                      .server = server->generation,
                                      .status = status};
    service->used = false;
    server->in_service--;
    return call_send(&server->channel, &header, reply, server->reply_bytes);
}

int kaal_server_reconnect(struct kaal_server *server)
{
    for (uint32_t i = 0; i < server->services_max; i++) {
        server->services[i].used = false;
    }
    server->in_service = 0;
    return kaal_channel_reconnect(&server->channel);
}
