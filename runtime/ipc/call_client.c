/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client's side of calls. A call's tag is its place in the table and a sequence number, so that
 * a reply finds its call at once and a late one never meets a newer call in the same place.
 */
#include <kaal/call.h>

#include <kaal/event.h>

#include "call_message.h"

enum call_state {
    CALL_FREE,
    CALL_IN_FLIGHT,        /* the server owes a reply, the client waits for it */
    CALL_ANSWERED,         /* completed by the server; to be collected */
    CALL_LOST,             /* completed with the server's end; to be collected */
    CALL_EARLY,            /* completed early, reply outstanding; to be collected */
    CALL_EARLY_LATE_REPLY, /* the same, and the reply has come meanwhile */
    CALL_ABANDONED,        /* collected, reply outstanding */
};

#define TAG_INDEX_MASK (KAAL_CALLS_MAX - 1)

int kaal_client_open(struct kaal_client *client, const struct kaal_resource *resource,
                     struct kaal_call *calls, void *replies, uint32_t calls_max,
                     uint32_t request_bytes, uint32_t reply_bytes)
{
    if (resource != NULL &&
        (!call_messages_fit(resource, request_bytes, reply_bytes) || calls_max == 0 ||
         calls_max > KAAL_CALLS_MAX || calls_max > resource->channel.capacity)) {
        return KAAL_ERR_INVALID;
    }
    *client = (struct kaal_client){
        .calls = calls,
        .replies = (uint8_t *)replies,
        .calls_max = calls_max,
        .request_bytes = request_bytes,
        .reply_bytes = reply_bytes,
        .generation = (uint32_t)kaal_startup()->generation,
        .earliest_ns = KAAL_NO_DEADLINE,
    };
    for (uint32_t i = 0; i < calls_max; i++) {
        calls[i] = (struct kaal_call){.state = CALL_FREE};
    }
    return kaal_channel_open(&client->channel, resource);
}

static struct kaal_call *find(struct kaal_client *client, uint32_t tag)
{
    uint32_t index = tag & TAG_INDEX_MASK;
    if (index >= client->calls_max || client->calls[index].state == CALL_FREE ||
        client->calls[index].tag != tag) {
        return NULL;
    }
    return &client->calls[index];
}

static struct kaal_call *find_state(struct kaal_client *client, enum call_state state)
{
    for (uint32_t i = 0; i < client->calls_max; i++) {
        if (client->calls[i].state == state) {
            return &client->calls[i];
        }
    }
    return NULL;
}

/* The server has no more to do with the call. */
static void release(struct kaal_client *client, struct kaal_call *call)
{
    if (client->released != NULL) {
        client->released(client->released_argument, call->tag);
    }
}

/* The state before the generation, because init stores them the other way round: whoever is seen to
 * run is the instance that we know, or was replaced. */
static bool server_is_gone(const struct kaal_client *client)
{
    return client->channel.broken || !kaal_channel_peer_alive(&client->channel) ||
           kaal_channel_peer_changed(&client->channel);
}

/*
 * One reply. False if it is a lie: a second one from the server that runs. New servers may refuse a
 * call that ended with the old one, and twice if one dies at it; that they are new was announced
 * before they spoke, so it is seen now if it was not before.
 */
static bool take_reply(struct kaal_client *client, const void *message, bool gone)
{
    struct kaal_call_header header = call_header_read(message);
    if (header.client != client->generation || header.server != client->channel.generation) {
        return true; /* to our predecessor, or of before the server's restart */
    }
    struct kaal_call *call = find(client, header.tag);
    if (call == NULL) {
        return gone || server_is_gone(client);
    }
    switch ((enum call_state)call->state) {
    case CALL_IN_FLIGHT:
        call->state = CALL_ANSWERED;
        call->status = header.status > 0 ? KAAL_ERR_PEER : header.status;
        __builtin_memcpy(client->replies + (size_t)(call - client->calls) * client->reply_bytes,
                         call_payload(message), client->reply_bytes);
        return true;
    case CALL_EARLY:
        call->state = CALL_EARLY_LATE_REPLY;
        release(client, call);
        return true;
    case CALL_ABANDONED:
        call->state = CALL_FREE;
        release(client, call);
        return true;
    case CALL_FREE:
    case CALL_ANSWERED:
    case CALL_LOST:
    case CALL_EARLY_LATE_REPLY:
        break;
    }
    return gone || server_is_gone(client);
}

/* Everything that waits for the server ends: it will not answer. */
static void end_calls(struct kaal_client *client)
{
    for (uint32_t i = 0; i < client->calls_max; i++) {
        struct kaal_call *call = &client->calls[i];
        if (call->state == CALL_IN_FLIGHT) {
            call->state = CALL_LOST;
            call->status = KAAL_ERR_PEER;
        } else if (call->state == CALL_EARLY) {
            call->state = CALL_EARLY_LATE_REPLY;
            release(client, call);
        } else if (call->state == CALL_ABANDONED) {
            call->state = CALL_FREE;
            release(client, call);
        }
    }
}

static void expire(struct kaal_client *client)
{
    if (client->earliest_ns == KAAL_NO_DEADLINE) {
        return;
    }
    uint64_t now_ns = kaal_now_ns();
    if (now_ns < client->earliest_ns) {
        return;
    }
    client->earliest_ns = KAAL_NO_DEADLINE;
    for (uint32_t i = 0; i < client->calls_max; i++) {
        struct kaal_call *call = &client->calls[i];
        if (call->state != CALL_IN_FLIGHT) {
            continue;
        }
        if (call->deadline_ns <= now_ns) {
            call->state = CALL_EARLY;
            call->status = KAAL_ERR_TIMEOUT;
        } else if (call->deadline_ns < client->earliest_ns) {
            client->earliest_ns = call->deadline_ns;
        }
    }
}

/* Takes in what the server said, at most one ring full; then, if it is gone, nothing waits any
 * more. That it is gone is noted before, so that what it said last is not lost. */
static void take_in(struct kaal_client *client, bool gone)
{
    uint32_t left = client->channel.capacity;
    uint32_t count;
    const uint8_t *message;
    while (left > 0 && (message = kaal_channel_peek(&client->channel, &count)) != NULL) {
        count = count < left ? count : left;
        for (uint32_t i = 0; i < count; i++, message += client->channel.message_bytes) {
            if (!take_reply(client, message, gone)) {
                (void)kaal_channel_break_off(&client->channel);
                i = count - 1;
            }
        }
        kaal_channel_consume(&client->channel, count);
        left -= count;
    }
    kaal_channel_notify(&client->channel);
    if (gone || client->channel.broken) {
        end_calls(client);
    }
}

static void pump(struct kaal_client *client)
{
    take_in(client, server_is_gone(client));
    expire(client);
}

int kaal_client_submit(struct kaal_client *client, const void *request, uint64_t deadline_ns,
                       uint32_t *tag)
{
    if (server_is_gone(client)) {
        pump(client);
        return KAAL_ERR_PEER;
    }
    struct kaal_call *call = find_state(client, CALL_FREE);
    if (call == NULL) {
        return KAAL_ERR_FULL;
    }
    uint32_t index = (uint32_t)(call - client->calls);
    struct kaal_call_header header = {.tag = index | client->sequence * KAAL_CALLS_MAX,
                                      .client = client->generation,
                                      .server = client->channel.generation,
                                      .status = KAAL_CALL_REQUEST};
    int error = call_send(&client->channel, &header, request, client->request_bytes);
    if (error != KAAL_OK) {
        return error;
    }
    if (!client->quiet) {
        kaal_channel_notify(&client->channel);
    }
    client->sequence++;
    client->calls[index] =
        (struct kaal_call){.deadline_ns = deadline_ns, .tag = header.tag, .state = CALL_IN_FLIGHT};
    client->earliest_ns = deadline_ns < client->earliest_ns ? deadline_ns : client->earliest_ns;
    *tag = header.tag;
    return KAAL_OK;
}

/* True if the call is completed and not collected. */
static bool completed(const struct kaal_call *call)
{
    return call->state == CALL_ANSWERED || call->state == CALL_LOST || call->state == CALL_EARLY ||
           call->state == CALL_EARLY_LATE_REPLY;
}

static void collect(struct kaal_client *client, struct kaal_call *call,
                    struct kaal_completion *completion)
{
    size_t index = (size_t)(call - client->calls);
    *completion = (struct kaal_completion){
        .tag = call->tag,
        .status = call->status,
        .reply =
            call->state == CALL_ANSWERED ? client->replies + index * client->reply_bytes : NULL,
    };
    call->state = call->state == CALL_EARLY ? CALL_ABANDONED : CALL_FREE;
}

int kaal_client_collect(struct kaal_client *client, struct kaal_completion *completion)
{
    bool gone;
    do {
        gone = server_is_gone(client);
        take_in(client, gone);
        expire(client);
        for (uint32_t i = 0; i < client->calls_max; i++) {
            if (completed(&client->calls[i])) {
                collect(client, &client->calls[i], completion);
                return KAAL_OK;
            }
        }
    } while (!gone && server_is_gone(client)); /* since then: calls in flight have ended */
    return gone ? KAAL_ERR_PEER : KAAL_ERR_EMPTY;
}

int kaal_client_await(struct kaal_client *client, uint32_t tag, void *reply)
{
    struct kaal_call *call = find(client, tag);
    if (call == NULL || call->state == CALL_ABANDONED) {
        return KAAL_ERR_NOT_FOUND;
    }
    for (;;) {
        pump(client);
        if (completed(call)) {
            struct kaal_completion completion;
            collect(client, call, &completion);
            if (reply != NULL && completion.reply != NULL) {
                __builtin_memcpy(reply, completion.reply, client->reply_bytes);
            }
            return completion.status;
        }
        uint64_t deadline_ns;
        if (kaal_client_prepare_sleep(client, &deadline_ns)) {
            int error = kaal_event_sleep(deadline_ns);
            if (error != KAAL_OK && error != KAAL_ERR_TIMEOUT) {
                return error;
            }
        }
    }
}

/* After KAAL_ERR_FULL: sleeps until there may be room in the ring, or a late reply frees a place.
 */
static int wait_for_place(struct kaal_client *client, uint64_t deadline_ns)
{
    pump(client);
    bool sleep;
    if (find_state(client, CALL_FREE) != NULL) {
        sleep = kaal_channel_prepare_send(&client->channel, 1);
    } else if (find_state(client, CALL_ABANDONED) != NULL) {
        sleep = kaal_channel_prepare_receive(&client->channel);
    } else {
        return KAAL_ERR_FULL;
    }
    /* init changes the words that say so before it wakes us. */
    return sleep && !server_is_gone(client) ? kaal_event_sleep(deadline_ns) : KAAL_OK;
}

int kaal_client_call(struct kaal_client *client, const void *request, void *reply,
                     uint64_t deadline_ns)
{
    uint32_t tag;
    int error;
    while ((error = kaal_client_submit(client, request, deadline_ns, &tag)) == KAAL_ERR_FULL) {
        error = wait_for_place(client, deadline_ns);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return error == KAAL_OK ? kaal_client_await(client, tag, reply) : error;
}

int kaal_client_cancel(struct kaal_client *client, uint32_t tag)
{
    pump(client);
    struct kaal_call *call = find(client, tag);
    if (call == NULL || call->state != CALL_IN_FLIGHT) {
        return KAAL_ERR_NOT_FOUND;
    }
    call->state = CALL_EARLY;
    call->status = KAAL_ERR_CANCELLED;
    struct kaal_call_header header = {.tag = tag,
                                      .client = client->generation,
                                      .server = client->channel.generation,
                                      .status = KAAL_CALL_CANCEL};
    if (call_send(&client->channel, &header, NULL, 0) == KAAL_OK) {
        kaal_channel_notify(&client->channel);
    }
    return KAAL_OK;
}

bool kaal_client_prepare_sleep(struct kaal_client *client, uint64_t *deadline_ns)
{
    *deadline_ns = client->earliest_ns;
    /* The server's end is seen by a change of words in the start-up page, which init makes before
     * it wakes us; so looking for it after asking loses nothing. */
    bool idle = kaal_channel_prepare_receive(&client->channel);
    if (!idle) {
        return false;
    }
    return find_state(client, CALL_IN_FLIGHT) == NULL || !server_is_gone(client);
}

int kaal_client_reconnect(struct kaal_client *client)
{
    pump(client);
    if (!kaal_channel_peer_alive(&client->channel)) {
        return KAAL_ERR_PEER;
    }
    if (!server_is_gone(client)) {
        return KAAL_OK; /* it is the one that we know */
    }
    /* Also if it was replaced only since the look above. */
    take_in(client, true);
    return kaal_channel_reconnect(&client->channel);
}
