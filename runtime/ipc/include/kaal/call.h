/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls over a channel: requests one way, replies the other, several in flight, answered in any
 * order. KAAL_CALLS declares both sides of a protocol:
 *
 *     KAAL_CALLS(disk, struct disk_request, struct disk_reply, 64, 16);
 *
 *     struct disk_client client;                      struct disk_server server;
 *     disk_client_open(&client, resource);            disk_server_open(&server, resource);
 *     disk_submit(&client, &request, until, &tag);    disk_next(&server, &tag, &request);
 *     disk_collect(&client, &completion);             disk_reply(&server, tag, KAAL_OK, &reply);
 *     disk_call(&client, &request, &reply, until);    one call, waiting
 *
 * Life of a call: submit -> in flight -> completed -> collected, exactly once. How it completes is
 * its status: what the server said; KAAL_ERR_TIMEOUT (its deadline passed), KAAL_ERR_CANCELLED, or
 * KAAL_ERR_PEER (the server died or lied; nobody knows whether it was done: submit it again to the
 * next instance if it may be done twice).
 *
 * A call that ended early (timeout, cancel) is still with the server: its tag, and whatever the
 * request lent, stay in use until the late reply comes or the server is gone. `released` tells.
 *
 * Restarts: each message names the instances of both ends that it is between. A new server answers
 * requests to its predecessor with KAAL_ERR_PEER without handing them out; a new client never sees
 * replies to its predecessor; a server never hands out a dead client's requests.
 *
 * Lies: a reply to no call, a second reply, or a request with a tag in use break the channel.
 * Everything here is bounded by the numbers in the declaration, whatever the peer does.
 * All calls of one side come from one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/channel.h>

/** Most calls in flight of one client. */
#define KAAL_CALLS_MAX 256u

/** What stands before each request and reply in the ring. */
struct kaal_call_header {
    uint32_t tag;    /**< the client's name for the call; the reply repeats it */
    uint32_t client; /**< generation of the client that asked */
    uint32_t server; /**< generation of the server that was asked */
    int32_t status;  /**< request: enum kaal_call_kind; reply: how it went, KAAL_OK or an error */
};

/** The kinds of request. */
enum kaal_call_kind {
    KAAL_CALL_REQUEST = 1, /**< do it */
    KAAL_CALL_CANCEL = 2,  /**< its client no longer waits: an early answer is welcome */
};

/** A client's record of one call; private. */
struct kaal_call {
    uint64_t deadline_ns; /**< while in flight */
    uint32_t tag;         /**< as sent */
    int32_t status;       /**< once completed */
    uint32_t state;       /**< enum of call_client.c */
};

/** The client's side; private to its component. */
struct kaal_client {
    struct kaal_channel channel;                    /**< requests out, replies in */
    struct kaal_call *calls;                        /**< [calls_max] */
    uint8_t *replies;                               /**< [calls_max][reply_bytes] */
    uint32_t calls_max;                             /**< most calls in flight */
    uint32_t request_bytes;                         /**< size of a request */
    uint32_t reply_bytes;                           /**< size of a reply */
    uint32_t generation;                            /**< of this component */
    uint32_t sequence;                              /**< upper part of the next tag */
    uint64_t earliest_ns;                           /**< no deadline in flight is before this */
    void (*released)(void *argument, uint32_t tag); /**< a call that ended early is over; or NULL */
    void *released_argument;                        /**< for released */
    bool quiet; /**< submitting does not wake the server, collecting does: for batches */
};

/** A completed call. */
struct kaal_completion {
    uint32_t tag;      /**< from submit */
    int32_t status;    /**< how it went */
    const void *reply; /**< [reply_bytes] if the server answered; until the tag is used again */
};

/** A server's record of one call; private. */
struct kaal_service {
    uint32_t tag;   /**< as received */
    bool used;      /**< handed out and not answered */
    bool cancelled; /**< the client no longer waits */
};

/** The server's side; private to its component. */
struct kaal_server {
    struct kaal_channel channel;   /**< replies out, requests in */
    struct kaal_service *services; /**< [services_max] */
    uint32_t services_max;         /**< most requests handed out and not answered */
    uint32_t in_service;           /**< how many are */
    uint32_t request_bytes;        /**< size of a request */
    uint32_t reply_bytes;          /**< size of a reply */
    uint32_t generation;           /**< of this component */
};

/**
 * Opens the client's end. Use name_client_open(), which brings the storage.
 *   resource  as kaal_channel_open();  calls, replies  [calls_max]
 * Returns as kaal_channel_open(); KAAL_ERR_INVALID also if the messages have another size.
 */
MUST_CHECK int kaal_client_open(struct kaal_client *client, const struct kaal_resource *resource,
                                struct kaal_call *calls, void *replies, uint32_t calls_max,
                                uint32_t request_bytes, uint32_t reply_bytes);

/**
 * Sends a request.
 *   request  [request_bytes];  deadline_ns  kaal_now_ns() time, or KAAL_NO_DEADLINE;  tag  out
 * Returns KAAL_OK; KAAL_ERR_FULL (no room, or calls_max in flight); KAAL_ERR_PEER (the server is
 * dead, replaced or lied: collect what ended, then kaal_client_reconnect()). Never blocks.
 */
MUST_CHECK int kaal_client_submit(struct kaal_client *client, const void *request,
                                  uint64_t deadline_ns, uint32_t *tag);

/**
 * Takes in replies, ends calls whose deadline has passed, and gives the next completed call.
 *   completion  out
 * Returns KAAL_OK; KAAL_ERR_EMPTY; KAAL_ERR_PEER (none left, and the server is dead, replaced or
 * lied). Never blocks.
 */
MUST_CHECK int kaal_client_collect(struct kaal_client *client, struct kaal_completion *completion);

/**
 * Waits until the call with this tag is completed, and collects it. Others stay for later.
 *   reply  out, [reply_bytes], written if the server answered; may be NULL
 * Returns its status; KAAL_ERR_NOT_FOUND (no such call), or a timer error.
 */
MUST_CHECK int kaal_client_await(struct kaal_client *client, uint32_t tag, void *reply);

/**
 * Submits a request, waiting for room, and awaits its reply.
 *   request, reply  as above;  deadline_ns  for all of it
 * Returns the call's status; KAAL_ERR_FULL (calls_max others are to be collected first or in
 * flight), KAAL_ERR_PEER, KAAL_ERR_TIMEOUT, or a timer error.
 */
MUST_CHECK int kaal_client_call(struct kaal_client *client, const void *request, void *reply,
                                uint64_t deadline_ns);

/**
 * Ends a call in flight with KAAL_ERR_CANCELLED and tells the server, if there is room for that.
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no such call, or it has completed: collect it).
 */
MUST_CHECK int kaal_client_cancel(struct kaal_client *client, uint32_t tag);

/**
 * Asks to be woken when a reply comes; for <kaal/event.h>'s function before sleep.
 *   deadline_ns  out: when kaal_client_collect() is due at the latest, or KAAL_NO_DEADLINE
 * Returns true if the caller may sleep until then, false: collect again instead.
 */
bool kaal_client_prepare_sleep(struct kaal_client *client, uint64_t *deadline_ns);

/**
 * Accepts the server's present instance. Every call in flight has completed by then.
 * Returns KAAL_OK; KAAL_ERR_PEER (none runs, or its indices are impossible: wait for a wake-up).
 */
MUST_CHECK int kaal_client_reconnect(struct kaal_client *client);

/**
 * Opens the server's end. Use name_server_open(), which brings the storage.
 *   resource  as kaal_channel_open();  services  [services_max]
 * Returns as kaal_channel_open(); KAAL_ERR_INVALID also if the messages have another size.
 */
MUST_CHECK int kaal_server_open(struct kaal_server *server, const struct kaal_resource *resource,
                                struct kaal_service *services, uint32_t services_max,
                                uint32_t request_bytes, uint32_t reply_bytes);

/**
 * Hands out the next request.
 *   tag  out: for the reply;  request  out, [request_bytes]
 * Returns KAAL_OK; KAAL_ERR_EMPTY (none, or as many handed out as fit: reply first);
 * KAAL_ERR_PEER (the client was replaced or lied: drop its requests, kaal_server_reconnect()).
 * Never blocks. There is always room for the reply.
 */
MUST_CHECK int kaal_server_next(struct kaal_server *server, uint32_t *tag, void *request);

/**
 * Asks to be woken when kaal_server_next() has something again; for <kaal/event.h>'s function
 * before sleep. Not kaal_channel_prepare_receive(): a client that reads no replies would keep such
 * a server awake. Returns true if the caller may sleep (also while as many requests are handed out
 * as fit: a reply is what makes room then); false: kaal_server_next() again.
 */
bool kaal_server_prepare_sleep(struct kaal_server *server);

/** True if the client no longer waits for a request that was handed out. tag  from next */
bool kaal_server_cancelled(const struct kaal_server *server, uint32_t tag);

/**
 * Answers a request, in any order; tell the client with kaal_channel_notify() after a batch.
 *   status  KAAL_OK or an error;  reply  [reply_bytes], or NULL
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (not handed out, or its client is gone); KAAL_ERR_PEER.
 */
MUST_CHECK int kaal_server_reply(struct kaal_server *server, uint32_t tag, int status,
                                 const void *reply);

/**
 * Accepts the client's present instance. What was handed out belongs to the old one: forgotten.
 * Returns as kaal_channel_reconnect().
 */
MUST_CHECK int kaal_server_reconnect(struct kaal_server *server);

/**
 * Declares a protocol: `struct name_client`, `struct name_server` and the functions of the example
 * above, with the types of request and reply. The channel's description in compose.yaml has
 * `messages: capacity_` and `message_bytes: name_MESSAGE_BYTES`.
 *   in_flight_  most calls of one client, 1..capacity_
 */
#define KAAL_CALLS(name, request_type, reply_type, capacity_, in_flight_)                         \
    struct name##_message {                                                                       \
        struct kaal_call_header header;                                                           \
        union {                                                                                   \
            request_type request;                                                                 \
            reply_type reply;                                                                     \
        };                                                                                        \
    };                                                                                            \
    enum {                                                                                        \
        name##_MESSAGE_BYTES = sizeof(struct name##_message)                                      \
    };                                                                                            \
    _Static_assert((in_flight_) >= 1 && (in_flight_) <= (capacity_) &&                            \
                       (in_flight_) <= KAAL_CALLS_MAX,                                            \
                   "every call in flight has room in the ring");                                  \
    struct name##_client {                                                                        \
        struct kaal_client client;                                                                \
        struct kaal_call calls[in_flight_];                                                       \
        reply_type replies[in_flight_];                                                           \
    };                                                                                            \
    struct name##_server {                                                                        \
        struct kaal_server server;                                                                \
        struct kaal_service services[in_flight_];                                                 \
    };                                                                                            \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_client_open(struct name##_client *client,         \
                                                            const struct kaal_resource *resource) \
    {                                                                                             \
        if (resource != NULL && resource->channel.message_bytes != name##_MESSAGE_BYTES) {        \
            return KAAL_ERR_INVALID;                                                              \
        }                                                                                         \
        return kaal_client_open(&client->client, resource, client->calls, client->replies,        \
                                (in_flight_), sizeof(request_type), sizeof(reply_type));          \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_submit(struct name##_client *client,              \
                                                       const request_type *request,               \
                                                       uint64_t deadline_ns, uint32_t *tag)       \
    {                                                                                             \
        return kaal_client_submit(&client->client, request, deadline_ns, tag);                    \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_collect(struct name##_client *client,             \
                                                        struct kaal_completion *completion)       \
    {                                                                                             \
        return kaal_client_collect(&client->client, completion);                                  \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_await(struct name##_client *client, uint32_t tag, \
                                                      reply_type *reply)                          \
    {                                                                                             \
        return kaal_client_await(&client->client, tag, reply);                                    \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_call(struct name##_client *client,                \
                                                     const request_type *request,                 \
                                                     reply_type *reply, uint64_t deadline_ns)     \
    {                                                                                             \
        return kaal_client_call(&client->client, request, reply, deadline_ns);                    \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_server_open(struct name##_server *server,         \
                                                            const struct kaal_resource *resource) \
    {                                                                                             \
        if (resource != NULL && resource->channel.message_bytes != name##_MESSAGE_BYTES) {        \
            return KAAL_ERR_INVALID;                                                              \
        }                                                                                         \
        return kaal_server_open(&server->server, resource, server->services, (in_flight_),        \
                                sizeof(request_type), sizeof(reply_type));                        \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_next(struct name##_server *server, uint32_t *tag, \
                                                     request_type *request)                       \
    {                                                                                             \
        return kaal_server_next(&server->server, tag, request);                                   \
    }                                                                                             \
    MUST_CHECK KAAL_CHANNEL_FUNCTION int name##_reply(struct name##_server *server, uint32_t tag, \
                                                      int status, const reply_type *reply)        \
    {                                                                                             \
        return kaal_server_reply(&server->server, tag, status, reply);                            \
    }                                                                                             \
    struct name##_message
