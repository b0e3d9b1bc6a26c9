/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Maps each end's header page for a moment, reads every word once, and computes with the copies.
 * Nothing that a region says is used as an address, an index or a bound.
 */
#include "channel_state.h"

#include <string.h>

#include "channels.h"
#include "memory.h"

/* The words of a header that say something. */
struct header {
    uint32_t produced;
    uint32_t consumed;
    uint32_t wake_data;
    uint32_t wake_room;
};

static uint32_t read_once(const _Atomic uint32_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static struct header header_of(const struct kaal_channel_region *region)
{
    return (struct header){.produced = read_once(&region->produced),
                           .consumed = read_once(&region->consumed),
                           .wake_data = read_once(&region->wake_data),
                           .wake_room = read_once(&region->wake_room)};
}

/* An index has not passed an event yet, see passed() of runtime/ipc: the bell is still owed. */
static bool is_owed(uint32_t event, uint32_t index)
{
    return (int32_t)(index - event) <= 0;
}

static void judge(const struct header headers[2], struct kaal_channel_record *record)
{
    for (unsigned end = 0; end < 2; end++) {
        uint32_t unread = headers[end].produced - headers[1 - end].consumed;
        record->produced[end] = headers[end].produced;
        record->consumed[end] = headers[end].consumed;
        record->fill[end] = unread <= record->capacity ? (int32_t)unread : KAAL_ERR_PEER;
    }
    for (unsigned end = 0; end < 2; end++) {
        const struct header *own = &headers[end];
        const struct header *peer = &headers[1 - end];
        record->waits[end] = KAAL_CHANNEL_AWAKE;
        if (record->fill[1 - end] == 0 && is_owed(own->wake_data, peer->produced)) {
            record->waits[end] = KAAL_CHANNEL_WAITS_DATA;
        } else if (record->fill[end] == (int32_t)record->capacity &&
                   is_owed(own->wake_room, peer->consumed)) {
            record->waits[end] = KAAL_CHANNEL_WAITS_ROOM;
        }
    }
}

void channel_state_judge(const struct kaal_channel_region *const headers[2],
                         struct kaal_channel_record *record)
{
    const struct header copies[2] = {header_of(headers[0]), header_of(headers[1])};
    judge(copies, record);
}

static int read_header(seL4_CPtr frame, struct header *header)
{
    const void *page = memory_scratch_begin(frame);
    if (page == NULL) {
        return KAAL_ERR_KERNEL;
    }
    *header = header_of(page);
    memory_scratch_end(frame);
    return KAAL_OK;
}

/* The index-th channel that has the component at an end. */
static bool find(const struct component *component, uint32_t index, struct channel_line *line)
{
    for (uint32_t i = 0; channels_at(i, line); i++) {
        bool counts = component == NULL || line->ends[0] == component || line->ends[1] == component;
        if (counts && index-- == 0) {
            return true;
        }
    }
    return false;
}

int channel_state_read(const struct component *component, uint32_t index,
                       struct kaal_channel_record *record)
{
    struct channel_line line;
    struct header headers[2];
    if (!find(component, index, &line)) {
        return KAAL_ERR_NOT_FOUND;
    }
    *record = (struct kaal_channel_record){.message_bytes = line.message_bytes,
                                           .capacity = line.capacity};
    memcpy(record->name, line.name, sizeof(record->name));
    for (unsigned end = 0; end < 2; end++) {
        const struct component *at = line.ends[end];
        memcpy(record->ends[end], at->description->name, sizeof(record->ends[end]));
        record->generation[end] = line.generations[end];
        record->running[end] = at->state == KAAL_COMPONENT_RUNNING;
        int error = read_header(line.headers[end], &headers[end]);
        if (error != KAAL_OK) {
            return error;
        }
    }
    judge(headers, record);
    return KAAL_OK;
}
