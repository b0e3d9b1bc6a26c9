/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rng class framework: one request in the device at a time, its bytes dealt out to the clients
 * in turns.
 */
#include <string.h>

#include <kaal/class/rng.h>

/* A device that has not answered by then is broken. */
#define ANSWER_NS UINT64_C(5000000000)
/* Bytes for one client before it is the next one's turn. */
#define SHARE_BYTES 64u

static struct {
    struct kaal_channel clients[KAAL_CLASS_CLIENTS_MAX];
    uint32_t client_count;
    uint32_t turn;
    uint8_t *bytes; /* what is left of the device's last answer */
    uint32_t left;
    bool requested;
    uint64_t answer_ns; /* when an answer is due */
} rng;

static int rng_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource;
    uint32_t position = 0;

    (void)instance;
    memset(&rng, 0, sizeof(rng));
    while ((resource = kaal_class_channel(1, &position)) != NULL) {
        int result = rng.client_count == KAAL_CLASS_CLIENTS_MAX
                         ? KAAL_ERR_NO_SPACE
                         : kaal_channel_open(&rng.clients[rng.client_count++], resource);
        if (result != KAAL_OK) {
            return result;
        }
    }
    return rng.client_count > 0 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

/* Some bytes for one client; false if it has no room. */
static bool rng_give(struct kaal_channel *client)
{
    uint32_t slots;
    uint8_t *place = kaal_channel_reserve(client, &slots);
    uint32_t count = rng.left < SHARE_BYTES ? rng.left : SHARE_BYTES;

    if (!place) {
        return false;
    }
    count = count < slots ? count : slots;
    memcpy(place, rng.bytes, count);
    explicit_bzero(rng.bytes, count);
    rng.bytes += count;
    rng.left -= count;
    kaal_channel_commit(client, count);
    return true;
}

/* Deals out what is left. */
static void rng_deal(struct kaal_driver_instance *instance)
{
    uint32_t before = rng.left;
    uint32_t full = 0;

    while (rng.left > 0 && full < rng.client_count) {
        full = rng_give(&rng.clients[rng.turn]) ? 0 : full + 1;
        rng.turn = (rng.turn + 1) % rng.client_count;
    }
    instance->statistics.in_messages += before - rng.left;
    instance->statistics.full_channels += rng.left > 0;
    for (uint32_t i = 0; i < rng.client_count; i++) {
        kaal_channel_notify(&rng.clients[i]);
    }
}

/* True if a client wants bytes; if none does, each wakes us when it has read half. */
static bool rng_wanted(void)
{
    bool wanted = false;

    for (uint32_t i = 0; i < rng.client_count; i++) {
        struct kaal_channel *client = &rng.clients[i];
        int room = kaal_channel_room(client);

        if (room > 0) {
            wanted = true;
        } else if (room == 0) {
            wanted = !kaal_channel_prepare_send(client, (client->capacity + 1) / 2) || wanted;
        }
    }
    return wanted;
}

static int rng_service(struct kaal_driver_instance *instance)
{
    const struct kaal_rng_operations *operations = instance->driver->operations;
    void *device = instance->driver->device;
    int result = KAAL_ERR_EMPTY;

    for (uint32_t i = 0; i < rng.client_count; i++) {
        if (kaal_channel_peer_changed(&rng.clients[i])) {
            instance->statistics.reconnects++;
            (void)kaal_channel_reconnect(&rng.clients[i]); /* a liar's channel stays closed */
        }
    }
    if (rng.requested) {
        result = operations->take(device, &rng.bytes, &rng.left);
        rng.requested = result == KAAL_ERR_EMPTY;
    }
    if (result == KAAL_ERR_EMPTY && rng.requested && kaal_now_ns() > rng.answer_ns) {
        return KAAL_ERR_TIMEOUT;
    }
    if (result != KAAL_OK && result != KAAL_ERR_EMPTY) {
        return result;
    }
    rng_deal(instance);
    if (rng.requested || !rng_wanted()) {
        return KAAL_OK;
    }
    if (rng.left > 0) {
        return KAAL_ERR_STATE; /* room came up just now */
    }
    rng.requested = true;
    rng.answer_ns = kaal_now_ns() + ANSWER_NS;
    instance->deadline_ns = rng.answer_ns;
    return operations->request(device);
}

static void rng_restarted(struct kaal_driver_instance *instance)
{
    (void)instance;
    rng.requested = false;
    rng.left = 0;
}

const struct kaal_class_server kaal_rng_server = {
    .name = "rng",
    .attach = rng_attach,
    .service = rng_service,
    .restarted = rng_restarted,
};
