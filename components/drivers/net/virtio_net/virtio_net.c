/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio network device. Source: VIRTIO 1.2, 5.1. Each frame is a chain of two: a header that
 * says nothing, because no offload is agreed on, and the client's buffer.
 */
#include <kaal/class/net.h>

#include "virtio.h"
#include "virtio_net_regs.h"

struct virtio_net {
    struct virtio virtio;
    struct virtio_queue receive;
    struct virtio_queue transmit;
    struct kaal_dma header_in;  /* of all received frames: nobody reads it */
    struct kaal_dma header_out; /* of all sent frames: zeros */
    uint64_t features;
    bool link_changed;
};

static int virtio_net_probe(struct virtio_net *net)
{
    return virtio_probe(&net->virtio, VIRTIO_TYPE_NET);
}

/* A device that has no address of its own is none that anybody could be told of (5.1.4). */
static int virtio_net_start(struct virtio_net *net)
{
    int result = virtio_start(&net->virtio, VIRTIO_NET_F_MAC | VIRTIO_NET_F_STATUS, &net->features);

    if (result == KAAL_OK && !(net->features & VIRTIO_NET_F_MAC)) {
        result = KAAL_ERR_UNSUPPORTED;
    }
    if (result == KAAL_OK) {
        result =
            virtio_queue_open(&net->virtio, &net->receive, VIRTIO_NET_RECEIVE, VIRTIO_QUEUE_MAX);
    }
    if (result == KAAL_OK) {
        result =
            virtio_queue_open(&net->virtio, &net->transmit, VIRTIO_NET_TRANSMIT, VIRTIO_QUEUE_MAX);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(&net->virtio.memory, VIRTIO_NET_HEADER_BYTES, 64, &net->header_in);
    }
    if (result == KAAL_OK) {
        result = kaal_dma_take(&net->virtio.memory, VIRTIO_NET_HEADER_BYTES, 64, &net->header_out);
    }
    if (result == KAAL_OK) {
        net->link_changed = true;
        virtio_ready(&net->virtio);
    }
    return result;
}

static void virtio_net_stop(struct virtio_net *net)
{
    virtio_stop(&net->virtio);
}

/* A message does not say whether the configuration changed; the link is looked at each time. */
static bool virtio_net_interrupted(struct virtio_net *net)
{
    net->link_changed = true;
    return virtio_interrupted(&net->virtio);
}

static int virtio_net_receive_post(struct virtio_net *net, uint64_t bus, uint32_t bytes,
                                   uint32_t token)
{
    const struct virtio_segment chain[] = {{net->header_in.bus, VIRTIO_NET_HEADER_BYTES},
                                           {bus, bytes}};

    return virtio_queue_add(&net->receive, chain, 0, 2, token);
}

static int virtio_net_receive_take(struct virtio_net *net, uint32_t *token, uint32_t *bytes)
{
    int result = virtio_queue_take(&net->receive, token, bytes);

    if (result == KAAL_OK) {
        *bytes -= *bytes < VIRTIO_NET_HEADER_BYTES ? *bytes : VIRTIO_NET_HEADER_BYTES;
    }
    return result;
}

static int virtio_net_transmit_post(struct virtio_net *net, uint64_t bus, uint32_t bytes,
                                    uint32_t token)
{
    const struct virtio_segment chain[] = {{net->header_out.bus, VIRTIO_NET_HEADER_BYTES},
                                           {bus, bytes}};

    return virtio_queue_add(&net->transmit, chain, 2, 0, token);
}

static int virtio_net_transmit_take(struct virtio_net *net, uint32_t *token)
{
    uint32_t bytes;

    return virtio_queue_take(&net->transmit, token, &bytes);
}

static void virtio_net_kick(struct virtio_net *net)
{
    virtio_queue_kick(&net->receive);
    virtio_queue_kick(&net->transmit);
}

static bool virtio_net_link(struct virtio_net *net, struct kaal_net_link *link)
{
    struct kaal_net_link now = {.up = 1};

    if (!net->link_changed) {
        return false;
    }
    net->link_changed = false;
    if (net->features & VIRTIO_NET_F_STATUS) {
        now.up = virtio_config16(&net->virtio, VIRTIO_NET_STATUS) & VIRTIO_NET_STATUS_LINK_UP;
    }
    for (uint32_t i = 0; i < KAAL_NET_ADDRESS_BYTES; i++) {
        now.address[i] = virtio_config8(&net->virtio, VIRTIO_NET_MAC + i);
    }
    *link = now;
    return true;
}

/* Without the control queue the device filters nothing; the framework does. */
static void virtio_net_promiscuous(struct virtio_net *net, bool all)
{
    (void)net;
    (void)all;
}

KAAL_NET_DRIVER(virtio_net, KAAL_MATCH(KAAL_VIRTIO(VIRTIO_TYPE_NET)),
                VIRTIO_RESOURCES(virtio, 2 * VIRTIO_QUEUE_BYTES + VIRTIO_NET_HEADERS_BYTES),
                VIRTIO_QUEUE_MAX / 2, VIRTIO_QUEUE_MAX / 2, .probe = virtio_net_probe,
                .start = virtio_net_start, .stop = virtio_net_stop, .reset = virtio_net_stop,
                .interrupted = virtio_net_interrupted, .receive_post = virtio_net_receive_post,
                .receive_take = virtio_net_receive_take, .transmit_post = virtio_net_transmit_post,
                .transmit_take = virtio_net_transmit_take, .kick = virtio_net_kick,
                .link = virtio_net_link, .promiscuous = virtio_net_promiscuous);
