/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio block device: one queue; a request is a header, the data where the client has it, and
 * a status byte. Source: VIRTIO 1.2, 5.2.
 */
#include <kaal/class/block.h>

#include "virtio.h"

#include "virtio_blk_regs.h"

#define REQUEST_QUEUE 0
#define STATUS_NONE   0xffu /* the device has not written it */
#define TRANSFER_MAX  (1u << 20)

KAAL_DMA_RING(virtio_blk_headers, struct virtio_blk_header, KAAL_BLOCK_REQUESTS_MAX);

struct virtio_blk {
    struct virtio virtio;
    struct virtio_queue queue;
    struct virtio_blk_headers headers; /* one for each slot */
    uint64_t features;
    uint32_t block_sectors;
};

static int virtio_blk_probe(struct virtio_blk *blk)
{
    return virtio_probe(&blk->virtio, VIRTIO_TYPE_BLOCK);
}

static int virtio_blk_start(struct virtio_blk *blk)
{
    uint64_t wanted = VIRTIO_BLK_F_RO | VIRTIO_BLK_F_BLK_SIZE | VIRTIO_BLK_F_FLUSH;
    int result = virtio_start(&blk->virtio, wanted, &blk->features);

    if (result == KAAL_OK) {
        result = virtio_queue_open(&blk->virtio, &blk->queue, REQUEST_QUEUE, VIRTIO_QUEUE_MAX);
    }
    if (result == KAAL_OK) {
        result = virtio_blk_headers_open(&blk->headers, &blk->virtio.memory, 64);
    }
    if (result == KAAL_OK) {
        virtio_ready(&blk->virtio);
    }
    return result;
}

static void virtio_blk_stop(struct virtio_blk *blk)
{
    virtio_stop(&blk->virtio);
}

static bool virtio_blk_interrupted(struct virtio_blk *blk)
{
    return virtio_interrupted(&blk->virtio);
}

static void virtio_blk_info(struct virtio_blk *blk, struct kaal_block_info *info)
{
    uint64_t sectors = virtio_config64(&blk->virtio, VIRTIO_BLK_CONFIG_CAPACITY);

    info->block_bytes = blk->features & VIRTIO_BLK_F_BLK_SIZE
                            ? virtio_config32(&blk->virtio, VIRTIO_BLK_CONFIG_BLK_SIZE)
                            : VIRTIO_BLK_SECTOR_BYTES;
    blk->block_sectors = info->block_bytes / VIRTIO_BLK_SECTOR_BYTES;
    info->bytes = sectors * VIRTIO_BLK_SECTOR_BYTES;
    info->transfer_max = TRANSFER_MAX;
    info->flags = (blk->features & VIRTIO_BLK_F_RO ? KAAL_BLOCK_READ_ONLY : 0) |
                  (blk->features & VIRTIO_BLK_F_FLUSH ? KAAL_BLOCK_VOLATILE : 0);
}

static int virtio_blk_submit(struct virtio_blk *blk, uint32_t slot,
                             const struct kaal_block_transfer *transfer)
{
    static const uint32_t types[] = {[KAAL_BLOCK_READ] = VIRTIO_BLK_T_IN,
                                     [KAAL_BLOCK_WRITE] = VIRTIO_BLK_T_OUT,
                                     [KAAL_BLOCK_FLUSH] = VIRTIO_BLK_T_FLUSH};
    uint64_t header = blk->headers.bus + slot * sizeof(struct virtio_blk_header);
    struct virtio_segment segments[3] = {{.bus = header, .bytes = VIRTIO_BLK_HEADER_BYTES}};
    bool read = transfer->operation == KAAL_BLOCK_READ;
    uint32_t count = 1;

    virtio_blk_headers_write(&blk->headers, slot,
                             (struct virtio_blk_header){
                                 .type = types[transfer->operation],
                                 .sector = transfer->block * blk->block_sectors,
                                 .status = STATUS_NONE,
                             });
    if (transfer->bytes > 0) {
        segments[count++] = (struct virtio_segment){.bus = transfer->bus, .bytes = transfer->bytes};
    }
    segments[count++] =
        (struct virtio_segment){.bus = header + VIRTIO_BLK_STATUS_OFFSET, .bytes = 1};
    return virtio_queue_add(&blk->queue, segments, count - 1 - read, 1 + (uint32_t)read, slot);
}

static void virtio_blk_kick(struct virtio_blk *blk)
{
    virtio_queue_kick(&blk->queue);
}

static int virtio_blk_complete(struct virtio_blk *blk, uint32_t *slot, int *status)
{
    uint32_t bytes;
    int result = virtio_queue_take(&blk->queue, slot, &bytes);

    if (result != KAAL_OK) {
        return result;
    }
    switch (virtio_blk_headers_read(&blk->headers, *slot).status) {
    case VIRTIO_BLK_S_OK:
        *status = KAAL_OK;
        return KAAL_OK;
    case VIRTIO_BLK_S_IOERR:
        *status = KAAL_ERR_IO;
        return KAAL_OK;
    case VIRTIO_BLK_S_UNSUPPORTED:
        *status = KAAL_ERR_UNSUPPORTED;
        return KAAL_OK;
    default:
        return KAAL_ERR_IO; /* finished without a status */
    }
}

KAAL_BLOCK_DRIVER(virtio_blk, KAAL_MATCH(KAAL_VIRTIO(VIRTIO_TYPE_BLOCK)),
                  VIRTIO_RESOURCES(virtio, VIRTIO_QUEUE_BYTES + 4096), .probe = virtio_blk_probe,
                  .start = virtio_blk_start, .stop = virtio_blk_stop, .reset = virtio_blk_stop,
                  .interrupted = virtio_blk_interrupted, .info = virtio_blk_info,
                  .submit = virtio_blk_submit, .kick = virtio_blk_kick,
                  .complete = virtio_blk_complete);
