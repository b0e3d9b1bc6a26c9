/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The virtio network device's own: queues, features, configuration. Source: VIRTIO 1.2, 5.1. */
#pragma once

#include <kaal/bits.h>

#define VIRTIO_NET_RECEIVE        0u /* 5.1.2 */
#define VIRTIO_NET_TRANSMIT       1u
#define VIRTIO_NET_F_MAC          BIT64(5)  /* 5.1.3: it has an address */
#define VIRTIO_NET_F_STATUS       BIT64(16) /* it says whether the link is up */
#define VIRTIO_NET_MAC            0u        /* 5.1.4: [6] */
#define VIRTIO_NET_STATUS         6u        /* u16 */
#define VIRTIO_NET_STATUS_LINK_UP 1u
#define VIRTIO_NET_HEADER_BYTES   12u  /* 5.1.6 */
#define VIRTIO_NET_HEADERS_BYTES  256u /* both, each aligned to a cache line */
