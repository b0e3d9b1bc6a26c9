/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The net class: Ethernet frames. docs/classes/net.md is the protocol's page.
 *
 * Each client has two channels to the driver: one of 16-byte messages, and one whose name has
 * "-data" behind it, whose halves are the buffers. The client owns its half: frames to send. The
 * driver owns the other: frames received. Buffers change hands by messages (<kaal/pool.h>), and the
 * device reads and writes them where they are. With several clients of one device, frames are
 * received into memory of the driver's own and copied, so that no client sees another's; each says
 * its address before it gets any but those to groups.
 *
 * A client uses <kaal/class/net_client.h>. A driver gives the functions of struct
 * kaal_net_operations; the framework has queues, clients, addresses, link and counters.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/class/clients.h>
#include <kaal/driver.h>
#include <kaal/pool.h>

/** Bytes of an Ethernet address. */
#define KAAL_NET_ADDRESS_BYTES 6u
/** Shortest and longest frame, without the checksum that devices add and check. */
#define KAAL_NET_FRAME_MIN 14u
/** Longest frame, one VLAN tag included. */
#define KAAL_NET_FRAME_MAX 1518u
/** Least size of a buffer: message_bytes of the data channel. */
#define KAAL_NET_BUFFER_BYTES 2048u
/** Most buffers of each half: messages of the data channel. */
#define KAAL_NET_BUFFERS_MAX 256u
/** Messages of the channel for each buffer of a half, at least: each can be on its way in either
 * direction, before a restart and after it. */
#define KAAL_NET_MESSAGES_PER_BUFFER 4u

/** What a message says. */
enum kaal_net_kind {
    KAAL_NET_SEND = 1,     /**< client: send this frame; buffer of the client's */
    KAAL_NET_SENT = 2,     /**< driver: done with it; buffer.bytes 0 if it could not be sent */
    KAAL_NET_RECEIVED = 3, /**< driver: a frame; buffer of the driver's */
    KAAL_NET_RETURN = 4,   /**< client: done with it */
    KAAL_NET_LINK = 5,     /**< driver: `link`, at first and whenever it changes */
    KAAL_NET_ADDRESS =
        6,              /**< client: its address is link.address; at first the device's, if alone */
    KAAL_NET_COUNT = 7, /**< client: asks for its counters; driver: one of them, one each */
};

/** The link. */
struct kaal_net_link {
    uint8_t address[KAAL_NET_ADDRESS_BYTES]; /**< the device's own */
    uint16_t up;                             /**< 1: frames can pass */
    uint32_t mbit;                           /**< speed in Mbit/s; 0: unknown */
};

/** Counters of a client. */
enum kaal_net_counter {
    KAAL_NET_FRAMES_IN,   /**< delivered to it */
    KAAL_NET_BYTES_IN,    /**< in them */
    KAAL_NET_FRAMES_OUT,  /**< sent for it */
    KAAL_NET_BYTES_OUT,   /**< in them */
    KAAL_NET_DROPPED_IN,  /**< for it, without room for them */
    KAAL_NET_REFUSED_OUT, /**< that no frame can be: length or address */
    KAAL_NET_COUNTERS,
};

/** A counter's value. */
struct kaal_net_count {
    uint32_t counter; /**< enum kaal_net_counter */
    uint32_t low;     /**< lower half of its value */
    uint32_t high;    /**< upper half */
};

/** A message, either way. */
struct kaal_net_message {
    uint32_t kind; /**< enum kaal_net_kind */
    union {
        struct kaal_buffer buffer;
        struct kaal_net_link link;
        struct kaal_net_count count;
    };
};
_Static_assert(sizeof(struct kaal_net_message) == 16, "message_bytes of the channel");

/** What the net framework calls; untyped form, made by KAAL_NET_DRIVER. */
struct kaal_net_operations {
    uint32_t receive_max;  /**< empty buffers that the device takes, at most */
    uint32_t transmit_max; /**< frames that it takes, at most KAAL_NET_BUFFERS_MAX */
    /** Gives the device an empty buffer; there is room for it. token  for take */
    int (*receive_post)(void *device, uint64_t bus, uint32_t bytes, uint32_t token);
    /** KAAL_OK: a frame, or with bytes 0 a bad one; KAAL_ERR_EMPTY; or a device error. */
    int (*receive_take)(void *device, uint32_t *token, uint32_t *bytes);
    /** Gives it a frame to send; there is room for it. */
    int (*transmit_post)(void *device, uint64_t bus, uint32_t bytes, uint32_t token);
    /** KAAL_OK: sent; KAAL_ERR_EMPTY; or a device error. */
    int (*transmit_take)(void *device, uint32_t *token);
    /** Tells the device of all that was posted. */
    void (*kick)(void *device);
    /** The link; false if it is as at the last call since start. */
    bool (*link)(void *device, struct kaal_net_link *link);
    /** Whether to receive frames to other addresses than the device's own, too. */
    void (*promiscuous)(void *device, bool all);
};

/** The net framework, for KAAL_NET_DRIVER. */
extern const struct kaal_class_server kaal_net_server;

/**
 * Declares this component's network driver.
 *   name  of driver and `struct NAME`;  matches  KAAL_MATCH(...);  resources  KAAL_RESOURCES(...)
 *   receive_max_, transmit_max_  as in struct kaal_net_operations
 *   ...  designated initialisers: its functions, and optional KAAL_DRIVER_STEPS; each takes
 *   `struct NAME *`
 */
#define KAAL_NET_DRIVER(name, matches, resources, receive_max_, transmit_max_, ...)               \
    static const struct {                                                                         \
        KAAL_DRIVER_STEPS(name);                                                                  \
        int (*receive_post)(struct name * device, uint64_t bus, uint32_t bytes, uint32_t token);  \
        int (*receive_take)(struct name * device, uint32_t *token, uint32_t *bytes);              \
        int (*transmit_post)(struct name * device, uint64_t bus, uint32_t bytes, uint32_t token); \
        int (*transmit_take)(struct name * device, uint32_t *token);                              \
        void (*kick)(struct name * device);                                                       \
        bool (*link)(struct name * device, struct kaal_net_link *link);                           \
        void (*promiscuous)(struct name * device, bool all);                                      \
    } name##_operations = {__VA_ARGS__};                                                          \
    static int name##_call_receive_post(void *device, uint64_t bus, uint32_t bytes,               \
                                        uint32_t token)                                           \
    {                                                                                             \
        return name##_operations.receive_post(device, bus, bytes, token);                         \
    }                                                                                             \
    static int name##_call_receive_take(void *device, uint32_t *token, uint32_t *bytes)           \
    {                                                                                             \
        return name##_operations.receive_take(device, token, bytes);                              \
    }                                                                                             \
    static int name##_call_transmit_post(void *device, uint64_t bus, uint32_t bytes,              \
                                         uint32_t token)                                          \
    {                                                                                             \
        return name##_operations.transmit_post(device, bus, bytes, token);                        \
    }                                                                                             \
    static int name##_call_transmit_take(void *device, uint32_t *token)                           \
    {                                                                                             \
        return name##_operations.transmit_take(device, token);                                    \
    }                                                                                             \
    static void name##_call_kick(void *device)                                                    \
    {                                                                                             \
        name##_operations.kick(device);                                                           \
    }                                                                                             \
    static bool name##_call_link(void *device, struct kaal_net_link *link)                        \
    {                                                                                             \
        return name##_operations.link(device, link);                                              \
    }                                                                                             \
    static void name##_call_promiscuous(void *device, bool all)                                   \
    {                                                                                             \
        name##_operations.promiscuous(device, all);                                               \
    }                                                                                             \
    static const struct kaal_net_operations name##_net = {                                        \
        .receive_max = (receive_max_),                                                            \
        .transmit_max = (transmit_max_),                                                          \
        .receive_post = name##_call_receive_post,                                                 \
        .receive_take = name##_call_receive_take,                                                 \
        .transmit_post = name##_call_transmit_post,                                               \
        .transmit_take = name##_call_transmit_take,                                               \
        .kick = name##_call_kick,                                                                 \
        .link = name##_call_link,                                                                 \
        .promiscuous = name##_call_promiscuous,                                                   \
    };                                                                                            \
    _Static_assert((receive_max_) > 0 && (transmit_max_) > 0 &&                                   \
                       (transmit_max_) <= KAAL_NET_BUFFERS_MAX,                                   \
                   "the device takes frames");                                                    \
    KAAL_DRIVER_DEFINE(name, KAAL_CLASS_NET, &kaal_net_server, matches, resources, &name##_net)
