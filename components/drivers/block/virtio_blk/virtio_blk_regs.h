/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio block device. Source: VIRTIO 1.2, 5.2: 5.2.3 feature bits, 5.2.4 configuration, 5.2.6
 * requests.
 */
#pragma once

#include <stdint.h>

#include <kaal/bits.h>

#define VIRTIO_BLK_F_RO       BIT64(5)
#define VIRTIO_BLK_F_BLK_SIZE BIT64(6)
#define VIRTIO_BLK_F_FLUSH    BIT64(9)

#define VIRTIO_BLK_CONFIG_CAPACITY 0u  /* u64, sectors */
#define VIRTIO_BLK_CONFIG_BLK_SIZE 20u /* u32, bytes */
#define VIRTIO_BLK_SECTOR_BYTES    512u

#define VIRTIO_BLK_T_IN    0u
#define VIRTIO_BLK_T_OUT   1u
#define VIRTIO_BLK_T_FLUSH 4u

#define VIRTIO_BLK_S_OK          0u
#define VIRTIO_BLK_S_IOERR       1u
#define VIRTIO_BLK_S_UNSUPPORTED 2u

/* What stands before the data of a request, and, behind it, the status that the device writes. */
struct virtio_blk_header {
    uint32_t type;
    uint32_t reserved;
    uint64_t sector;
    uint8_t status;
    uint8_t padding[7];
};
#define VIRTIO_BLK_HEADER_BYTES  16u
#define VIRTIO_BLK_STATUS_OFFSET 16u
