/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The client's side of the block class: a table of requests over the calls of the channel. A
 * request is sent, or waits for a driver; while one waits, later ones wait behind it, so that
 * barriers hold over a restart.
 */
#include <kaal/class/disk.h>

#include <kaal/bits.h>
#include <kaal/class/clients.h>
#include <kaal/event.h>

enum request_state {
    REQUEST_FREE,
    REQUEST_WAITING, /* for a driver, or for room in the channel */
    REQUEST_SENT,
};

static struct kaal_client *client_of(struct kaal_disk *disk)
{
    return &disk->calls.client;
}

/* The oldest request that waits, or NULL. */
static struct kaal_disk_request *oldest_waiting(struct kaal_disk *disk)
{
    struct kaal_disk_request *oldest = NULL;

    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        struct kaal_disk_request *request = &disk->requests[i];

        if (request->state == REQUEST_WAITING &&
            (oldest == NULL || request->sequence < oldest->sequence)) {
            oldest = request;
        }
    }
    return oldest;
}

/* Sends a request. Fails if no driver runs, or the channel is full: it waits then. */
static bool send(struct kaal_disk *disk, struct kaal_disk_request *request)
{
    if (kaal_block_calls_submit(&disk->calls, &request->request, KAAL_NO_DEADLINE, &request->tag) !=
        KAAL_OK) {
        return false;
    }
    request->state = REQUEST_SENT;
    disk->waiting--;
    return true;
}

static void send_waiting(struct kaal_disk *disk)
{
    while (disk->waiting > 0 && send(disk, oldest_waiting(disk))) {
    }
}

static struct kaal_disk_request *find_tag(struct kaal_disk *disk, uint32_t tag)
{
    for (uint32_t i = 0; i < KAAL_BLOCK_REQUESTS_MAX; i++) {
        if (disk->requests[i].state == REQUEST_SENT && disk->requests[i].tag == tag) {
            return &disk->requests[i];
        }
    }
    return NULL;
}

int kaal_disk_submit(struct kaal_disk *disk, const struct kaal_block_request *request,
                     uint32_t *ticket)
{
    uint32_t index = 0;

    while (index < KAAL_BLOCK_REQUESTS_MAX && disk->requests[index].state != REQUEST_FREE) {
        index++;
    }
    if (index == KAAL_BLOCK_REQUESTS_MAX) {
        return KAAL_ERR_FULL;
    }
    disk->requests[index] = (struct kaal_disk_request){
        .request = *request, .sequence = disk->sequence++, .state = REQUEST_WAITING};
    disk->waiting++;
    disk->in_flight++;
    if (disk->waiting == 1) {
        (void)send(disk, &disk->requests[index]);
    }
    *ticket = index;
    return KAAL_OK;
}

int kaal_disk_collect(struct kaal_disk *disk, uint32_t *ticket, int *status,
                      union kaal_block_reply *reply)
{
    struct kaal_completion completion;
    struct kaal_disk_request *request;
    int error;

    while ((error = kaal_block_calls_collect(&disk->calls, &completion)) == KAAL_OK) {
        request = find_tag(disk, completion.tag);
        if (request == NULL) {
            continue; /* not ours: nobody else uses these calls */
        }
        if (completion.status == KAAL_ERR_PEER) {
            request->state = REQUEST_WAITING;
            disk->waiting++;
            disk->submitted_again++;
            continue;
        }
        request->state = REQUEST_FREE;
        disk->in_flight--;
        *ticket = (uint32_t)(request - disk->requests);
        *status = completion.status;
        if (reply != NULL && completion.reply != NULL) {
            *reply = *(const union kaal_block_reply *)completion.reply;
        }
        return KAAL_OK;
    }
    if (error == KAAL_ERR_PEER && kaal_client_reconnect(client_of(disk)) != KAAL_OK &&
        kaal_channel_peer_gone(&client_of(disk)->channel)) {
        return KAAL_ERR_PEER;
    }
    send_waiting(disk);
    return KAAL_ERR_EMPTY;
}

int kaal_disk_wait(struct kaal_disk *disk, uint64_t deadline_ns)
{
    struct kaal_client *client = client_of(disk);
    uint64_t own_ns;

    if (!kaal_client_prepare_sleep(client, &own_ns) ||
        (disk->waiting > 0 && kaal_channel_peer_alive(&client->channel) &&
         !kaal_channel_prepare_send(&client->channel, 1))) {
        return KAAL_OK;
    }
    if (kaal_channel_peer_changed(&client->channel) && kaal_channel_peer_alive(&client->channel)) {
        return KAAL_OK; /* a new driver, which has yet to be told what waits */
    }
    return kaal_event_sleep(deadline_ns);
}

static int finish(struct kaal_disk *disk, const struct kaal_block_request *request,
                  union kaal_block_reply *reply, uint64_t deadline_ns)
{
    uint32_t ticket;
    uint32_t done;
    int status;
    int error = kaal_disk_submit(disk, request, &ticket);

    while (error == KAAL_OK) {
        error = kaal_disk_collect(disk, &done, &status, reply);
        if (error == KAAL_OK && done == ticket) {
            return status;
        }
        if (error == KAAL_ERR_EMPTY) {
            error = kaal_disk_wait(disk, deadline_ns);
        }
    }
    return error;
}

int kaal_disk_do(struct kaal_disk *disk, const struct kaal_block_request *request,
                 union kaal_block_reply *reply)
{
    return finish(disk, request, reply, KAAL_NO_DEADLINE);
}

int kaal_disk_open(struct kaal_disk *disk, const char *name, uint64_t deadline_ns)
{
    const struct kaal_block_request ask = {.operation = KAAL_BLOCK_INFO};
    const struct kaal_resource *channel = kaal_resource_find(name, KAAL_RESOURCE_CHANNEL);
    const struct kaal_resource *data = channel ? kaal_class_data_channel(channel) : NULL;
    union kaal_block_reply reply;
    int error;

    *disk = (struct kaal_disk){0};
    if (data == NULL || data->channel.region_bytes <= KAAL_BLOCK_DATA_OFFSET) {
        return KAAL_ERR_NOT_FOUND;
    }
    error = kaal_block_calls_client_open(&disk->calls, channel);
    if (error == KAAL_OK) {
        client_of(disk)->quiet = true;
        error = finish(disk, &ask, &reply, deadline_ns);
    }
    if (error != KAAL_OK) {
        return error;
    }
    disk->out = (uint8_t *)(uintptr_t)data->channel.own_vaddr + KAAL_BLOCK_DATA_OFFSET;
    disk->in = (const uint8_t *)(uintptr_t)data->channel.peer_vaddr + KAAL_BLOCK_DATA_OFFSET;
    disk->info = reply.info;
    if (!is_power_of_two(disk->info.block_bytes) ||
        disk->info.data_bytes > data->channel.region_bytes - KAAL_BLOCK_DATA_OFFSET) {
        return KAAL_ERR_PEER; /* a driver that lies */
    }
    return KAAL_OK;
}
