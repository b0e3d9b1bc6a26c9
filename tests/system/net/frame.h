/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The frames between echo.c and net_peer.py. */
#pragma once

#include <stdint.h>

#define FRAME_TYPE      0xB588u /* 0x88B5, for local experiments, as it lies in memory */
#define FRAME_BYTES_MAX 1514u
#define FRAME_BYTES_MIN 60u

/** What a frame is. */
enum frame_command {
    FRAME_DATA = 0,   /**< to the peer: send it back, its data the other way round */
    FRAME_ECHO = 1,   /**< from the peer */
    FRAME_REPORT = 2, /**< from the peer: report */
    FRAME_FINISH = 3, /**< from the peer: send no more, report once all is back */
};

/** Its first bytes; data follows. */
struct frame_header {
    uint8_t to[6];
    uint8_t from[6];
    uint16_t type;     /**< FRAME_TYPE */
    uint16_t command;  /**< enum frame_command, little-endian */
    uint32_t sequence; /**< little-endian */
    uint32_t sum;      /**< CRC-32 of the data, xor sequence */
};
_Static_assert(sizeof(struct frame_header) == 24, "no holes");
