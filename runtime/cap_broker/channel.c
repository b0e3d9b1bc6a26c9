/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Channels: two regions of frames that belong to the broker, each writable by one end only, and a
 * doorbell each way. Frames, notifications and badge bits survive a restart of either end, so
 * connecting the new instance is all that is needed.
 */
#include "server_internal.h"

#include <kaal/sel4_error.h>

/* The largest block that is contiguous. */
#define BLOCK_MAX (RUN_MAX * PAGE_BYTES)

static uint32_t pages_of(const struct kaal_broker_channel *channel)
{
    return (uint32_t)(channel->region_bytes / PAGE_BYTES);
}

/* Pages in a run of a region. */
static uint32_t run_pages(const struct kaal_broker_channel *channel, uint32_t run)
{
    uint32_t left = pages_of(channel) - run * RUN_MAX;
    return left < RUN_MAX ? left : RUN_MAX;
}

static bool has_devices(const struct kaal_account *account)
{
    return account->ceiling->selector_count > 0;
}

/* Both regions in one block, end 0's first. */
static int make_block(struct kaal_broker_channel *channel)
{
    uint32_t count;
    int error =
        kaal_arena_allocate_dma(&channel->arena, (uint64_t)channel->region_bytes * 2, PAGE_BYTES,
                                &channel->frames[0][0], &count, &channel->paddr);
    channel->frames[1][0] = channel->frames[0][0] + pages_of(channel);
    return error;
}

static int make_runs(struct kaal_broker_channel *channel)
{
    int error = KAAL_OK;
    for (uint32_t end = 0; end < 2; end++) {
        for (uint32_t run = 0; error == KAAL_OK && run * RUN_MAX < pages_of(channel); run++) {
            error = kaal_arena_allocate(&channel->arena, kaal_frame_type(PAGE_BITS), PAGE_BITS,
                                        run_pages(channel, run), &channel->frames[end][run]);
        }
    }
    return error;
}

int kaal_broker_channel_create(struct kaal_broker_channel *channel, struct kaal_broker *broker,
                               const struct kaal_system_channel *description,
                               struct kaal_account *end0, struct kaal_account *end1,
                               uint64_t region_bytes)
{
    uint64_t rounded = align_up(region_bytes, PAGE_BYTES);
    if (region_bytes == 0 || region_bytes > KAAL_CHANNEL_RUNS_MAX * RUN_MAX * PAGE_BYTES) {
        return KAAL_ERR_RANGE;
    }
    *channel = (struct kaal_broker_channel){
        .description = description,
        .ends = {end0, end1},
        .region_bytes = (uint32_t)rounded,
    };
    kaal_arena_init(&channel->arena, broker->untyped, &channel->usage);
    channel->contiguous = (has_devices(end0) || has_devices(end1)) && rounded * 2 <= BLOCK_MAX;
    int made = channel->contiguous ? make_block(channel) : make_runs(channel);
    if (made != KAAL_OK) {
        kaal_arena_release(&channel->arena);
        return made;
    }
    uint64_t before[2] = {end0->badge_bits_fixed, end1->badge_bits_fixed};
    for (uint32_t end = 0; end < 2; end++) {
        int error = kaal_account_badge_bit(channel->ends[end], true, &channel->badge_bits[end]);
        if (error != KAAL_OK) {
            if (end == 1) {
                end0->badge_bits &= ~(end0->badge_bits_fixed ^ before[0]);
                end0->badge_bits_fixed = before[0];
            }
            kaal_arena_release(&channel->arena);
            return error;
        }
    }
    for (uint32_t end = 0; channel->contiguous && end < 2; end++) {
        /* A channel from a component to itself is in its list once. */
        if (has_devices(channel->ends[end]) && (end == 0 || end0 != end1)) {
            channel->next_bus[end] = channel->ends[end]->bus_channels;
            channel->ends[end]->bus_channels = channel;
        }
    }
    return KAAL_OK;
}

static int map_region(struct kaal_broker_channel *channel, uint32_t owner,
                      struct kaal_account *account, uint32_t how, uint64_t vaddr)
{
    int error = KAAL_OK;
    for (uint32_t run = 0; error == KAAL_OK && run * RUN_MAX < pages_of(channel); run++) {
        error =
            kaal_account_map_shared(account, channel->frames[owner][run], run_pages(channel, run),
                                    vaddr + (uint64_t)run * RUN_MAX * PAGE_BYTES, how);
    }
    return error;
}

int kaal_broker_channel_connect(struct kaal_broker_channel *channel, uint32_t end,
                                struct kaal_resource *resource)
{
    if (end > 1) {
        return KAAL_ERR_INVALID;
    }
    struct kaal_account *account = channel->ends[end];
    const struct kaal_account *peer = channel->ends[1 - end];
    const struct kaal_system_channel *description = channel->description;
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    *resource = (struct kaal_resource){.kind = KAAL_RESOURCE_CHANNEL};
    name_copy(resource->name, description->name);
    struct kaal_channel_resource *out = &resource->channel;
    uint64_t window = 0;
    int error = kaal_vspace_range_take(&account->vspace, (uint64_t)channel->region_bytes * 2,
                                       PAGE_BYTES, &window);
    out->own_vaddr = window + (uint64_t)end * channel->region_bytes;
    out->peer_vaddr = window + (uint64_t)(1 - end) * channel->region_bytes;
    if (error == KAAL_OK) {
        error = map_region(channel, end, account, KAAL_MAP_READ | KAAL_MAP_WRITE, out->own_vaddr);
    }
    if (error == KAAL_OK) {
        error = map_region(channel, 1 - end, account, KAAL_MAP_READ, out->peer_vaddr);
    }
    if (error != KAAL_OK) {
        return error;
    }
    out->region_bytes = channel->region_bytes;
    out->message_bytes = description->message_bytes;
    out->capacity = description->capacity;
    out->badge_bit = channel->badge_bits[end];
    struct kaal_holding_record record = {.kind = KAAL_HOLDING_CHANNEL,
                                         .bytes = channel->region_bytes};
    name_copy(record.name, description->name);
    return kaal_account_place(account, peer->notification, seL4_CapRights_new(0, 0, 0, 1),
                              NOTIFICATION_BADGE(channel->badge_bits[1 - end]), &record,
                              &out->doorbell);
}

bool kaal_broker_channel_bus(const struct kaal_broker_channel *channel, uint32_t end,
                             const struct kaal_resource *connected, struct kaal_resource *dma)
{
    if (!channel->contiguous || !has_devices(channel->ends[end])) {
        return false;
    }
    *dma = (struct kaal_resource){
        .kind = KAAL_RESOURCE_DMA,
        .device = KAAL_NO_DEVICE,
        .dma = {.vaddr = connected->channel.own_vaddr - (uint64_t)end * channel->region_bytes,
                .bytes = (uint64_t)channel->region_bytes * 2,
                .bus = channel->paddr},
    };
    name_copy(dma->name, connected->name);
    return true;
}
