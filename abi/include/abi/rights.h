/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rights word of capabilities: bits of Mint, Copy and Page_Map arguments.
 */
#pragma once

#include <abi/types.h>

#define seL4_CapRightsBits 4

#define seL4_RightWriteShift      0
#define seL4_RightReadShift       1
#define seL4_RightGrantShift      2
#define seL4_RightGrantReplyShift 3

#define seL4_RightWrite      (1u << seL4_RightWriteShift)
#define seL4_RightRead       (1u << seL4_RightReadShift)
#define seL4_RightGrant      (1u << seL4_RightGrantShift)
#define seL4_RightGrantReply (1u << seL4_RightGrantReplyShift)
#define seL4_RightAll        0xfu

struct seL4_CapRights {
    seL4_Uint64 words[1];
};
typedef struct seL4_CapRights seL4_CapRights_t;
