/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The link between a component and a child that it started: a channel whose frames, the parent's
 * mappings and the parent's doorbell belong to the child's grant, so that all of it goes when the
 * child does. The child's mappings and doorbell are in its own arena and CNode.
 */
#include "server_internal.h"

/* One region while a link is made. */
struct region {
    seL4_CPtr frames[KAAL_CHANNEL_RUNS_MAX];
    uint64_t bytes;
};

static uint32_t run_pages(const struct region *region, uint32_t run)
{
    uint64_t left = region->bytes / PAGE_BYTES - (uint64_t)run * RUN_MAX;
    return left < RUN_MAX ? (uint32_t)left : RUN_MAX;
}

static bool has_run(const struct region *region, uint32_t run)
{
    return (uint64_t)run * RUN_MAX * PAGE_BYTES < region->bytes;
}

static int make_region(struct kaal_arena *arena, struct region *region)
{
    int error = KAAL_OK;
    for (uint32_t run = 0; error == KAAL_OK && has_run(region, run); run++) {
        error = kaal_arena_allocate(arena, kaal_frame_type(PAGE_BITS), PAGE_BITS,
                                    run_pages(region, run), &region->frames[run]);
    }
    return error;
}

static int map_region(struct kaal_account *account, struct kaal_arena *arena,
                      const struct region *region, uint64_t vaddr, uint32_t how)
{
    int error = KAAL_OK;
    for (uint32_t run = 0; error == KAAL_OK && has_run(region, run); run++) {
        error = account_map_copies(account, arena, region->frames[run], run_pages(region, run),
                                   vaddr + (uint64_t)run * RUN_MAX * PAGE_BYTES, PAGE_BITS, how);
    }
    return error;
}

/* The parent's end: address ranges are entries of the grant. */
static int map_parent(struct kaal_account *parent, struct kaal_grant *grant,
                      const struct region *own, const struct region *peer,
                      struct kaal_channel_resource *out)
{
    const struct region *regions[2] = {own, peer};
    uint64_t *vaddrs[2] = {&out->own_vaddr, &out->peer_vaddr};
    int error = KAAL_OK;
    for (uint32_t i = 0; error == KAAL_OK && i < 2; i++) {
        struct grant_resource *entry = resource_add(parent, grant, "link", KAAL_RESOURCE_NONE, 0);
        if (entry == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
        error = grant_take_window(parent, entry, regions[i]->bytes, PAGE_BYTES);
        if (error == KAAL_OK) {
            *vaddrs[i] = entry->window_vaddr;
            error = map_region(parent, &grant->arena, regions[i], entry->window_vaddr,
                               KAAL_MAP_READ | (i == 0 ? KAAL_MAP_WRITE : 0));
        }
    }
    return error;
}

static int map_child(struct kaal_account *child, const struct region *own,
                     const struct region *peer, struct kaal_channel_resource *out)
{
    int error = kaal_vspace_range_take(&child->vspace, own->bytes, PAGE_BYTES, &out->own_vaddr);
    if (error == KAAL_OK) {
        error = kaal_vspace_range_take(&child->vspace, peer->bytes, PAGE_BYTES, &out->peer_vaddr);
    }
    if (error == KAAL_OK) {
        error =
            map_region(child, &child->arena, own, out->own_vaddr, KAAL_MAP_READ | KAAL_MAP_WRITE);
    }
    return error == KAAL_OK ? map_region(child, &child->arena, peer, out->peer_vaddr, KAAL_MAP_READ)
                            : error;
}

/* A doorbell in one CSpace that rings the other; it is listed under the other's name. */
static int place_doorbell(struct kaal_account *account, kaal_handle handle,
                          const struct kaal_account *other, uint32_t other_bit, uint64_t bytes,
                          uint64_t *doorbell)
{
    struct kaal_holding_record record = {.kind = KAAL_HOLDING_LINK, .bytes = bytes};
    seL4_CPtr cap = seL4_CapNull;
    name_copy(record.name, other->ceiling->name);
    int error = account_place(account, handle, other->notification, seL4_CapRights_new(0, 0, 0, 1),
                              NOTIFICATION_BADGE(other_bit), &record, &cap);
    *doorbell = cap;
    return error;
}

static int ring_each_other(struct kaal_account *parent, struct kaal_grant *grant,
                           struct kaal_account *child, uint64_t bytes, struct kaal_link *link)
{
    struct kaal_channel_resource *ends[2] = {&link->parent_end.channel, &link->child_end.channel};
    struct grant_resource *entry = resource_add(parent, grant, "link", KAAL_RESOURCE_NONE, 0);
    if (entry == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    int error = kaal_account_badge_bit(parent, false, &ends[0]->badge_bit);
    if (error != KAAL_OK) {
        return error;
    }
    entry->resource.kind = KAAL_RESOURCE_CHANNEL; /* from here on there is a bit to take back */
    entry->resource.channel.badge_bit = ends[0]->badge_bit;
    error = kaal_account_badge_bit(child, false, &ends[1]->badge_bit);
    if (error == KAAL_OK) {
        error = place_doorbell(parent, grant->handle, child, ends[1]->badge_bit, bytes,
                               &ends[0]->doorbell);
    }
    return error == KAAL_OK
               ? place_doorbell(child, 0, parent, ends[0]->badge_bit, bytes, &ends[1]->doorbell)
               : error;
}

int kaal_broker_child_link(struct kaal_account *parent, kaal_handle handle,
                           const struct kaal_spawn_request *request, uint64_t region_bytes,
                           struct kaal_link *link)
{
    struct kaal_grant *grant = grant_find(parent, handle);
    if (grant == NULL || grant->kind != GRANT_CHILD) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (region_bytes == 0 || region_bytes > KAAL_CHANNEL_RUNS_MAX * RUN_MAX * PAGE_BYTES) {
        return KAAL_ERR_RANGE;
    }
    struct kaal_account *child = grant->child;
    struct region regions[2] = {{.bytes = align_up(region_bytes, PAGE_BYTES)},
                                {.bytes = align_up(region_bytes, PAGE_BYTES)}};
    const struct kaal_resource end = {
        .kind = KAAL_RESOURCE_CHANNEL,
        .channel = {.region_bytes = (uint32_t)regions[0].bytes,
                    .message_bytes = request->message_bytes,
                    .capacity = request->messages,
                    .peer_state = KAAL_PEER_RUNNING},
    };
    *link = (struct kaal_link){.parent_end = end, .child_end = end};
    name_copy(link->parent_end.name, child->ceiling->name);
    name_copy(link->child_end.name, "parent");
    int error = make_region(&grant->arena, &regions[0]);
    if (error == KAAL_OK) {
        error = make_region(&grant->arena, &regions[1]);
    }
    link->headers[0] = regions[0].frames[0];
    link->headers[1] = regions[1].frames[0];
    if (error == KAAL_OK) {
        error = map_parent(parent, grant, &regions[0], &regions[1], &link->parent_end.channel);
    }
    if (error == KAAL_OK) {
        error = map_child(child, &regions[1], &regions[0], &link->child_end.channel);
    }
    if (error == KAAL_OK) {
        error = ring_each_other(parent, grant, child, regions[0].bytes, link);
    }
    return error;
}
