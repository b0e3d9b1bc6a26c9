/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory grants. Memory is made in runs whose lengths are powers of two, each in an untyped of
 * exactly that size, so a component holds no byte that it is not charged for. The runs are
 * recorded: sharing maps copies of their frames into the other component, charged to the one who
 * shares. A share ends with the memory, with either component, or when the other one releases it.
 */
#include "server_internal.h"

/* The longest run of pages whose length is a power of two. */
static uint32_t run_length(uint64_t pages)
{
    return pages >= RUN_MAX ? RUN_MAX : UINT32_C(1) << (31 - __builtin_clz((uint32_t)pages));
}

/* Makes and maps one run, recorded in the entry. */
static int fill_run(struct kaal_account *account, struct kaal_grant *grant,
                    struct grant_resource *entry, uint64_t vaddr)
{
    int error = kaal_arena_allocate(&grant->arena, kaal_frame_type(PAGE_BITS), PAGE_BITS,
                                    entry->frame_count, &entry->frames);
    if (error != KAAL_OK) {
        entry->frame_count = 0;
        return error;
    }
    return kaal_vspace_map(&account->vspace, entry->frames, entry->frame_count, vaddr, PAGE_BITS,
                           KAAL_MAP_READ | KAAL_MAP_WRITE);
}

/* The first entry has the address range and the first run; each further run has one of its own. */
static int fill_memory(struct kaal_account *account, struct kaal_grant *grant,
                       struct grant_resource *first, uint64_t bytes)
{
    struct grant_resource *entry = first;
    int error = grant_take_window(account, first, bytes, PAGE_BYTES);
    for (uint64_t done = 0; error == KAAL_OK && done < bytes;) {
        if (done != 0) {
            entry = resource_add(account, grant, "memory", KAAL_RESOURCE_NONE, 0);
        }
        if (entry == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
        entry->frame_count = run_length((bytes - done) / PAGE_BYTES);
        done += (uint64_t)entry->frame_count * PAGE_BYTES;
        error = fill_run(account, grant, entry,
                         first->window_vaddr + done - (uint64_t)entry->frame_count * PAGE_BYTES);
    }
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_holding_record record =
        holding_of(first, KAAL_HOLDING_MEMORY, first->window_vaddr, bytes);
    return account_list(account, grant->handle, &record);
}

int grant_memory(struct kaal_account *account, uint64_t bytes, kaal_handle *handle, uint64_t *vaddr,
                 uint64_t *mapped_bytes)
{
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    if ((account->ceiling->allow & KAAL_ALLOW_MEMORY) == 0) {
        return KAAL_ERR_DENIED;
    }
    if (bytes == 0) {
        return KAAL_ERR_INVALID;
    }
    if (bytes > account->ceiling->memory_bytes) {
        return KAAL_ERR_QUOTA_MEMORY;
    }
    uint64_t rounded = align_up(bytes, PAGE_BYTES);
    struct kaal_grant *grant = grant_create(account);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    grant->kind = GRANT_MEMORY;
    struct grant_resource *entry = resource_add(account, grant, "memory", KAAL_RESOURCE_NONE, 0);
    int error = entry == NULL ? KAAL_ERR_NO_SPACE : fill_memory(account, grant, entry, rounded);
    if (error != KAAL_OK) {
        grant_destroy(account, grant);
        return error;
    }
    *handle = grant->handle;
    *vaddr = entry->window_vaddr;
    *mapped_bytes = rounded;
    return KAAL_OK;
}

static int fill_dma(struct kaal_account *account, struct kaal_grant *grant,
                    struct grant_resource *entry, uint64_t bytes, uint64_t alignment, uint32_t how)
{
    seL4_CPtr frames;
    uint32_t count;
    uint64_t paddr;
    int error = kaal_arena_allocate_dma(&grant->arena, bytes, alignment, &frames, &count, &paddr);
    if (error == KAAL_OK) {
        entry->frames = frames;
        entry->frame_count = count;
        error = grant_take_window(account, entry, (uint64_t)count * PAGE_BYTES, PAGE_BYTES);
    }
    if (error == KAAL_OK) {
        error = kaal_vspace_map(&account->vspace, frames, count, entry->window_vaddr, PAGE_BITS,
                                how | KAAL_MAP_READ | KAAL_MAP_WRITE);
    }
    if (error != KAAL_OK) {
        return error;
    }
    entry->resource.dma = (struct kaal_dma_resource){
        .vaddr = entry->window_vaddr, .bytes = (uint64_t)count * PAGE_BYTES, .bus = paddr};
    error = io_pool_begin(account, grant);
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_holding_record record =
        holding_of(entry, KAAL_HOLDING_DMA, paddr, entry->resource.dma.bytes);
    return account_list(account, grant->handle, &record);
}

int grant_dma(struct kaal_account *account, uint64_t bytes, uint64_t alignment, bool uncached,
              kaal_handle *handle, struct kaal_dma_resource *dma)
{
    if (!account->running) {
        return KAAL_ERR_STATE;
    }
    if (account->ceiling->selector_count == 0) {
        return KAAL_ERR_DENIED;
    }
    struct kaal_grant *grant = grant_create(account);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    struct grant_resource *entry = resource_add(account, grant, "dma", KAAL_RESOURCE_DMA, 0);
    int error = entry == NULL ? KAAL_ERR_NO_SPACE
                              : fill_dma(account, grant, entry, bytes, alignment,
                                         uncached ? KAAL_MAP_DEVICE : 0);
    if (error != KAAL_OK) {
        grant_destroy(account, grant);
        return error;
    }
    *handle = grant->handle;
    *dma = entry->resource.dma;
    return KAAL_OK;
}

bool account_may_delegate(const struct kaal_account *account, const struct kaal_account *peer)
{
    const struct kaal_system_component *ceiling = account->ceiling;
    if (peer->parent == account) {
        return true;
    }
    for (uint32_t i = 0; i < ceiling->delegate_count && i < KAAL_SYSTEM_DELEGATES_MAX; i++) {
        if (peer->parent == NULL && ceiling->delegates[i] == peer->index) {
            return true;
        }
    }
    return false;
}

static uint64_t memory_bytes(const struct kaal_grant *grant)
{
    uint64_t bytes = 0;
    for (const struct grant_resource *run = grant->resources; run != NULL; run = run->next) {
        bytes += (uint64_t)run->frame_count * PAGE_BYTES;
    }
    return bytes;
}

/* Maps every run of the origin into the share's account. */
static int fill_share(struct kaal_grant *share, uint32_t how)
{
    struct kaal_account *peer = share->account;
    const struct kaal_account *owner = share->origin->account;
    uint64_t bytes = memory_bytes(share->origin);
    struct grant_resource *entry =
        resource_add(peer, share, owner->ceiling->name, KAAL_RESOURCE_NONE, 0);
    if (entry == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    int error = grant_take_window(peer, entry, bytes, PAGE_BYTES);
    uint64_t vaddr = entry->window_vaddr;
    for (const struct grant_resource *run = share->origin->resources;
         error == KAAL_OK && run != NULL; run = run->next) {
        error = account_map_copies(peer, &share->arena, run->frames, run->frame_count, vaddr,
                                   PAGE_BITS, how);
        vaddr += (uint64_t)run->frame_count * PAGE_BYTES;
    }
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_holding_record record =
        holding_of(entry, KAAL_HOLDING_SHARED, entry->window_vaddr, bytes);
    return account_list(peer, share->handle, &record);
}

int grant_share(struct kaal_account *account, kaal_handle handle, struct kaal_account *peer,
                uint32_t how, kaal_handle *peer_handle)
{
    struct kaal_grant *origin = grant_find(account, handle);
    if (origin == NULL) {
        return grant_missing(account->broker, handle);
    }
    if (!account_may_delegate(account, peer)) {
        return KAAL_ERR_DENIED;
    }
    if (origin->kind != GRANT_MEMORY) {
        return KAAL_ERR_UNSUPPORTED; /* only memory, and only by its owner */
    }
    if (how != KAAL_MAP_READ && how != (KAAL_MAP_READ | KAAL_MAP_WRITE)) {
        return KAAL_ERR_INVALID;
    }
    if (!peer->running || peer == account) {
        return KAAL_ERR_STATE;
    }
    struct kaal_grant *grant = grant_create(peer);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    kaal_arena_init_tight(&grant->arena, account->broker->untyped, &account->usage);
    grant->kind = GRANT_SHARE;
    grant->origin = origin;
    grant->next_share = origin->shares;
    origin->shares = grant;
    int error = fill_share(grant, how);
    if (error != KAAL_OK) {
        grant_destroy(peer, grant);
        return error;
    }
    *peer_handle = grant->handle;
    return KAAL_OK;
}

void grant_end_shares(struct kaal_grant *grant)
{
    while (grant->kind == GRANT_MEMORY && grant->shares != NULL) {
        grant_destroy(grant->shares->account, grant->shares); /* unlinks itself below */
    }
    if (grant->kind != GRANT_SHARE) {
        return;
    }
    struct kaal_grant **link = &grant->origin->shares;
    while (*link != grant) {
        link = &(*link)->next_share;
    }
    *link = grant->next_share;
}

int kaal_broker_memory_of(const struct kaal_account *account, kaal_handle handle, uint64_t *vaddr,
                          uint64_t *bytes)
{
    const struct kaal_grant *grant = grant_find(account, handle);
    if (grant == NULL || (grant->kind != GRANT_MEMORY && grant->kind != GRANT_SHARE)) {
        return KAAL_ERR_NOT_FOUND;
    }
    *vaddr = grant->resources->window_vaddr;
    *bytes = memory_bytes(grant->kind == GRANT_SHARE ? grant->origin : grant);
    return KAAL_OK;
}

int kaal_broker_memory_frame(const struct kaal_account *account, kaal_handle handle, uint64_t page,
                             seL4_CPtr *frame)
{
    const struct kaal_grant *grant = grant_find(account, handle);
    if (grant == NULL || grant->kind != GRANT_MEMORY) {
        return KAAL_ERR_NOT_FOUND;
    }
    for (const struct grant_resource *run = grant->resources; run != NULL; run = run->next) {
        if (page < run->frame_count) {
            *frame = run->frames + page;
            return KAAL_OK;
        }
        page -= run->frame_count;
    }
    return KAAL_ERR_NOT_FOUND;
}
