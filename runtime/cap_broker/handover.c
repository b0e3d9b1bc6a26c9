/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A device goes from one component to another. The taker's bundle is built beside the giver's,
 * without touching the device; what fails until then undoes the taker's bundle only. Then the
 * device's view of memory changes hands, with Bus Master off, and its lines; if that fails it
 * changes back. The
 * rest cannot fail: the device becomes silent, and the giver's bundle ends. The taker opens the
 * device when it takes it up, because a device may need 100 ms after its reset.
 */
#include "server_internal.h"

/* True if the giver keeps a device that only the holder of this one can have, too. */
static bool tied(const struct kaal_broker *broker, const struct kaal_device *device)
{
    for (uint32_t i = 0; i < broker->registry->count; i++) {
        const struct kaal_device *other = &broker->registry->devices[i];
        if (other != device && other->holder != NULL &&
            (device_shares_page(device, other) || io_same_requester(broker, device, other))) {
            return true;
        }
    }
    return false;
}

static int check(const struct kaal_account *account, const struct kaal_grant *origin,
                 const struct kaal_account *peer)
{
    if (!account_may_delegate(account, peer)) {
        return KAAL_ERR_DENIED;
    }
    if (!peer->running || peer == account) {
        return KAAL_ERR_STATE;
    }
    if (!ceiling_allows(peer, origin->device)) {
        return KAAL_ERR_DENIED_PEER;
    }
    return origin->closed || tied(account->broker, origin->device) ? KAAL_ERR_BUSY : KAAL_OK;
}

/* The taker's bundle, as far as it does not concern the device. */
static int build(struct kaal_grant *grant, struct kaal_grant *origin)
{
    struct kaal_account *peer = grant->account;
    int error = device_reference(peer->broker, origin->device);
    if (error == KAAL_OK) {
        grant->device = origin->device;
        grant->index = grant_free_index(peer);
        grant->from = origin;
        grant->closed = true;
        error = grant_fill_bundle(peer, grant, grant->index);
    }
    return error;
}

/* The device sees the taker's memory instead of the giver's. */
static int switch_memory(struct kaal_grant *grant, struct kaal_grant *origin)
{
    struct kaal_broker *broker = grant->account->broker;
    if (origin->master) {
        pci_pause_master(broker, origin->device);
    }
    io_grant_end(origin->account, origin);
    if (!grant_needs_master(broker, grant)) {
        return KAAL_OK;
    }
    grant->master = true;
    return io_device_begin(grant->account, grant);
}

/*
 * Undoes switch_memory(). What the giver had mapped fits again, because it has just been freed;
 * should the kernel refuse it nevertheless, the giver's device stays without DMA.
 */
static void switch_back(struct kaal_grant *grant, struct kaal_grant *origin)
{
    struct kaal_broker *broker = grant->account->broker;
    io_grant_end(grant->account, grant);
    grant->master = false;
    if (origin->master && io_device_begin(origin->account, origin) == KAAL_OK) {
        pci_set_master(broker, origin->device);
    }
}

int grant_hand_over(struct kaal_account *account, struct kaal_grant *origin,
                    struct kaal_account *peer, kaal_handle *peer_handle)
{
    struct kaal_device *device = origin->device;
    int error = check(account, origin, peer);
    if (error != KAAL_OK) {
        return error;
    }
    struct kaal_grant *grant = grant_create(peer);
    if (grant == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    error = build(grant, origin);
    if (error == KAAL_OK) {
        error = switch_memory(grant, origin);
        if (error == KAAL_OK) {
            error = interrupts_switch(grant);
        }
        if (error != KAAL_OK) {
            switch_back(grant, origin);
        }
    }
    if (error != KAAL_OK) {
        grant_destroy(peer, grant);
        return error;
    }
    device_close(account->broker, device);
    device->holder = peer;
    name_copy(device->record.owner, peer->ceiling->name);
    device->refused_to = NULL;
    origin->master = false; /* nothing of it is mapped */
    grant_destroy(account, origin);
    grant->from = NULL;
    *peer_handle = grant->handle;
    return KAAL_OK;
}

/* Lets a silent device work for its holder. */
static int open_bundle(struct kaal_broker *broker, struct kaal_grant *grant)
{
    int error = device_open(broker, grant->device);
    if (error != KAAL_OK) {
        return error;
    }
    error = interrupts_open(broker, grant);
    if (error != KAAL_OK) {
        device_close(broker, grant->device);
        return error;
    }
    if (grant->master) {
        pci_set_master(broker, grant->device);
    }
    grant->closed = false;
    return KAAL_OK;
}

int kaal_broker_bundle_open(struct kaal_account *account, kaal_handle handle, uint32_t *count)
{
    struct kaal_grant *grant = grant_find(account, handle);
    if (grant == NULL || grant->device == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    int error = grant->closed ? open_bundle(account->broker, grant) : KAAL_OK;
    if (error != KAAL_OK) {
        return error;
    }
    *count = 0;
    for (const struct grant_resource *entry = grant->resources; entry != NULL;
         entry = entry->next) {
        (*count)++;
    }
    return KAAL_OK;
}
