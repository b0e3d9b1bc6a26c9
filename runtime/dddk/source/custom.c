/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The custom class framework: one request in the device at a time, the clients' in turns.
 */
#include <string.h>

#include <kaal/class/custom.h>

/* A device that has not answered by then is broken. */
#define ANSWER_NS UINT64_C(2000000000)

static struct {
    struct kaal_custom_server clients[KAAL_CLASS_CLIENTS_MAX];
    uint32_t count;
    uint32_t turn;                    /* client asked next */
    bool busy;                        /* the device has a request */
    uint32_t client;                  /* whose */
    uint32_t tag;                     /* its name there */
    struct kaal_custom_words request; /* kept, for after a reset */
    uint64_t due_ns;                  /* when its answer is due */
} custom;

static int custom_attach(struct kaal_driver_instance *instance)
{
    const struct kaal_resource *resource;
    uint32_t position = 0;

    (void)instance;
    memset(&custom, 0, sizeof(custom));
    while ((resource = kaal_class_channel(kaal_custom_MESSAGE_BYTES, &position)) != NULL) {
        int error = custom.count == KAAL_CLASS_CLIENTS_MAX
                        ? KAAL_ERR_NO_SPACE
                        : kaal_custom_server_open(&custom.clients[custom.count++], resource);
        if (error != KAAL_OK) {
            return error;
        }
    }
    return custom.count > 0 ? KAAL_OK : KAAL_ERR_NOT_FOUND;
}

/* Answers the request at work; its client may be gone, then nobody is answered. */
static void custom_answer(int status, const struct kaal_custom_words *reply)
{
    struct kaal_custom_server *client = &custom.clients[custom.client];

    custom.busy = false;
    (void)kaal_custom_reply(client, custom.tag, status, reply);
    kaal_channel_notify(&client->server.channel);
}

static void custom_begin(struct kaal_driver_instance *instance)
{
    const struct kaal_custom_operations *operations = instance->driver->operations;
    int status = operations->begin(instance->driver->device, custom.request.words);

    custom.busy = true;
    custom.due_ns = kaal_now_ns() + ANSWER_NS;
    instance->deadline_ns = custom.due_ns;
    if (status != KAAL_OK) {
        instance->statistics.refused++;
        custom_answer(status, NULL);
    }
}

/* Takes the next request of the clients in turns; false if there is none. */
static bool custom_next(struct kaal_driver_instance *instance)
{
    for (uint32_t i = 0; i < custom.count; i++) {
        struct kaal_custom_server *client = &custom.clients[custom.turn];

        custom.client = custom.turn;
        custom.turn = (custom.turn + 1) % custom.count;
        if (kaal_channel_peer_changed(&client->server.channel)) {
            instance->statistics.reconnects++;
            (void)kaal_server_reconnect(&client->server); /* a liar's channel stays closed */
        }
        if (kaal_custom_next(client, &custom.tag, &custom.request) == KAAL_OK) {
            instance->statistics.out_messages++;
            custom_begin(instance);
            return true;
        }
    }
    return false;
}

static int custom_service(struct kaal_driver_instance *instance)
{
    const struct kaal_custom_operations *operations = instance->driver->operations;
    bool more = false;

    if (custom.busy) {
        struct kaal_custom_words reply = {0};
        int status = operations->finish(instance->driver->device, reply.words);

        if (status == KAAL_ERR_EMPTY) {
            return kaal_now_ns() > custom.due_ns ? KAAL_ERR_TIMEOUT : KAAL_OK;
        }
        if (status != KAAL_OK) {
            return status;
        }
        instance->statistics.in_messages++;
        custom_answer(KAAL_OK, &reply);
    }
    instance->deadline_ns = KAAL_DRIVER_NO_DEADLINE;
    if (custom_next(instance)) {
        return KAAL_ERR_STATE; /* look at once: the device may be quick */
    }
    for (uint32_t i = 0; i < custom.count; i++) {
        more = !kaal_server_prepare_sleep(&custom.clients[i].server) || more;
    }
    return more ? KAAL_ERR_STATE : KAAL_OK;
}

static void custom_restarted(struct kaal_driver_instance *instance)
{
    if (custom.busy) {
        custom_begin(instance);
    }
}

const struct kaal_class_server kaal_custom_server = {
    .name = "custom",
    .attach = custom_attach,
    .service = custom_service,
    .restarted = custom_restarted,
};
