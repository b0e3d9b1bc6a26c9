/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An end's generation word counts the instances of its peer. It is written before the signal, so a
 * woken component always sees the new value; the component reads it with an atomic load.
 */
#include "channels.h"

#include <string.h>

#include <kaal/channel.h>

#include "devices.h"
#include "log.h"
#include "memory.h"

struct channel {
    struct kaal_broker_channel broker;
    struct component *ends[2];
    struct kaal_resource *resources[2]; /* in the ends' start-up pages; NULL: not connected */
    bool usable;
};

static struct channel *channels;
static uint32_t count;

int channels_create(const struct kaal_system *system)
{
    const struct kaal_system_channel *descriptions = kaal_system_channels(system);
    if (system->channel_count == 0) {
        return KAAL_OK;
    }
    channels = memory_permanent(system->channel_count * sizeof(*channels));
    if (channels == NULL) {
        return KAAL_ERR_NO_MEMORY;
    }
    count = system->channel_count;
    for (uint32_t i = 0; i < count; i++) {
        struct channel *channel = &channels[i];
        const struct kaal_system_channel *description = &descriptions[i];
        channel->ends[0] = component_at(description->ends[0]);
        channel->ends[1] = component_at(description->ends[1]);
        memory_top_up();
        int error = kaal_broker_channel_create(
            &channel->broker, broker(), description, &channel->ends[0]->account,
            &channel->ends[1]->account,
            kaal_channel_region_bytes(description->message_bytes, description->capacity));
        channel->usable = error == KAAL_OK;
        if (error != KAAL_OK) {
            log_line("init: error: channel '%s' between %s and %s cannot be made: %s; try: fewer "
                     "or smaller messages in compose.yaml",
                     description->name, channel->ends[0]->description->name,
                     channel->ends[1]->description->name, kaal_error_text(error));
        }
    }
    return KAAL_OK;
}

/* Which end a component is: 0, 1, or 2 for none. A component may be both ends (a loop). */
static bool is_end(const struct channel *channel, uint32_t end, const struct component *component)
{
    return channel->usable && channel->ends[end] == component;
}

/* What a component that is being connected is told of its peer. */
static enum kaal_peer_state peer_state(const struct component *component,
                                       const struct component *peer)
{
    switch ((enum kaal_component_state)peer->state) {
    case KAAL_COMPONENT_RUNNING:
        return KAAL_PEER_RUNNING;
    case KAAL_COMPONENT_BACKOFF:
        return KAAL_PEER_STOPPED;
    case KAAL_COMPONENT_FAILED:
        return KAAL_PEER_GONE;
    case KAAL_COMPONENT_STOPPED:
        break;
    }
    /* Its turn is yet to come, or has been. */
    return peer == component || peer->generation == 0 ? KAAL_PEER_STOPPED : KAAL_PEER_GONE;
}

static int connect(struct channel *channel, uint32_t end)
{
    struct component *component = channel->ends[end];
    struct component *peer = channel->ends[1 - end];
    struct kaal_startup *startup = component->startup;
    channel->resources[end] = NULL;
    if (startup->resource_count == KAAL_STARTUP_RESOURCES_MAX) {
        return KAAL_ERR_NO_SPACE;
    }
    struct kaal_resource *resource = &startup->resources[startup->resource_count];
    int error = kaal_broker_channel_connect(&channel->broker, end, resource);
    if (error != KAAL_OK) {
        return error;
    }
    resource->channel.generation = (uint32_t)peer->generation;
    resource->channel.peer_state = peer_state(component, peer);
    startup->resource_count++;
    channel->resources[end] = resource;
    if (startup->resource_count < KAAL_STARTUP_RESOURCES_MAX &&
        kaal_broker_channel_bus(&channel->broker, end, resource, resource + 1)) {
        startup->resource_count++;
    }
    return KAAL_OK;
}

int channels_connect(struct component *component)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t end = 0; end < 2; end++) {
            if (!is_end(&channels[i], end, component)) {
                continue;
            }
            int error = connect(&channels[i], end);
            if (error != KAAL_OK) {
                log_line("init: error: %s: channel '%s' cannot be connected: %s",
                         component->description->name, channels[i].broker.description->name,
                         kaal_error_text(error));
                return error;
            }
        }
    }
    return KAAL_OK;
}

void channels_announce(struct component *component, enum kaal_peer_state state)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t end = 0; end < 2; end++) {
            if (!is_end(&channels[i], end, component)) {
                continue;
            }
            struct component *peer = channels[i].ends[1 - end];
            struct kaal_resource *resource = channels[i].resources[1 - end];
            if (state == KAAL_PEER_STOPPED) {
                channels[i].resources[end] = NULL;
            }
            if (resource == NULL) {
                continue;
            }
            /* In this order: who sees the new instance run sees its generation, too. */
            __atomic_store_n(&resource->channel.generation, (uint32_t)component->generation,
                             __ATOMIC_RELEASE);
            __atomic_store_n(&resource->channel.peer_state, state, __ATOMIC_RELEASE);
            if (peer->state == KAAL_COMPONENT_RUNNING) {
                seL4_Signal(peer->event_signal);
            }
        }
    }
}

/* The generation of an end: what stands in its peer's start-up page, if there is one. */
static uint32_t told_generation(const struct channel *channel, uint32_t end)
{
    const struct kaal_resource *told = channel->resources[1 - end];
    return told != NULL ? __atomic_load_n(&told->channel.generation, __ATOMIC_RELAXED)
                        : (uint32_t)channel->ends[end]->generation;
}

/* The index-th channel of a child to its parent. */
static bool link_at(uint32_t index, struct channel_line *line)
{
    for (uint32_t i = 0; i < component_count(); i++) {
        struct component *child = component_at(i);
        if (child->unused || child->link == NULL || index-- != 0) {
            continue;
        }
        const struct kaal_channel_resource *resource = &child->link->channel;
        *line = (struct channel_line){
            .name = child->description->name,
            .ends = {child->starter, child},
            .headers = {child->link_headers[0], child->link_headers[1]},
            .message_bytes = resource->message_bytes,
            .capacity = resource->capacity,
            .generations = {(uint32_t)child->starter->generation, (uint32_t)child->generation}};
        return true;
    }
    return false;
}

bool channels_at(uint32_t index, struct channel_line *line)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct channel *channel = &channels[i];
        if (!channel->usable || index-- != 0) {
            continue;
        }
        const struct kaal_system_channel *description = channel->broker.description;
        *line = (struct channel_line){
            .name = description->name,
            .ends = {channel->ends[0], channel->ends[1]},
            .headers = {channel->broker.frames[0][0], channel->broker.frames[1][0]},
            .message_bytes = description->message_bytes,
            .capacity = description->capacity,
            .generations = {told_generation(channel, 0), told_generation(channel, 1)}};
        return true;
    }
    return link_at(index, line);
}
