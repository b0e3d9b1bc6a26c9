/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading and writing call messages in the rings, for both sides.
 */
#pragma once

#include <kaal/call.h>

/* The header of a message in the peer's memory, each word read once. */
static inline struct kaal_call_header call_header_read(const void *message)
{
    const struct kaal_call_header *header = (const struct kaal_call_header *)message;
    return (struct kaal_call_header){
        .tag = __atomic_load_n(&header->tag, __ATOMIC_RELAXED),
        .client = __atomic_load_n(&header->client, __ATOMIC_RELAXED),
        .server = __atomic_load_n(&header->server, __ATOMIC_RELAXED),
        .status = __atomic_load_n(&header->status, __ATOMIC_RELAXED),
    };
}

/* What follows the header. */
static inline const void *call_payload(const void *message)
{
    return (const struct kaal_call_header *)message + 1;
}

/* Publishes a message if there is room; payload may be NULL. */
static inline int call_send(struct kaal_channel *channel, const struct kaal_call_header *header,
                            const void *payload, uint32_t payload_bytes)
{
    uint32_t count;
    uint8_t *slot = (uint8_t *)kaal_channel_reserve(channel, &count);
    if (slot == NULL) {
        return channel->broken ? KAAL_ERR_PEER : KAAL_ERR_FULL;
    }
    __builtin_memcpy(slot, header, sizeof(*header));
    if (payload != NULL) {
        __builtin_memcpy(slot + sizeof(*header), payload, payload_bytes);
    }
    kaal_channel_commit(channel, 1);
    return KAAL_OK;
}

/* True if the channel's messages can carry such payloads, and aligned ones. */
static inline bool call_messages_fit(const struct kaal_resource *resource, uint32_t request_bytes,
                                     uint32_t reply_bytes)
{
    uint32_t payload = request_bytes > reply_bytes ? request_bytes : reply_bytes;
    uint32_t bytes = resource->channel.message_bytes;
    return bytes % sizeof(uint32_t) == 0 && bytes >= sizeof(struct kaal_call_header) &&
           bytes - sizeof(struct kaal_call_header) >= payload;
}
