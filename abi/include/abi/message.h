/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Message info, IPC buffer, and the data word of CNode capabilities.
 *
 * A message lives in four registers and the IPC buffer: MRi is msg[i], and the kernel uses msg[]
 * from index 4 on, because MR0-MR3 travel in registers.
 */
#pragma once

#include <stddef.h>

#include <abi/constants.h>
#include <abi/types.h>

struct seL4_MessageInfo {
    seL4_Uint64 words[1];
};
typedef struct seL4_MessageInfo seL4_MessageInfo_t;

struct seL4_CNode_CapData {
    seL4_Uint64 words[1];
};
typedef struct seL4_CNode_CapData seL4_CNode_CapData_t;

typedef struct seL4_IPCBuffer_ {
    seL4_MessageInfo_t tag;           /* user convenience: the kernel neither reads nor writes it */
    seL4_Word msg[seL4_MsgMaxLength]; /* 0-3 are not the kernel's: registers */
    seL4_Word userData;               /* user convenience */
    seL4_Word caps_or_badges[seL4_MsgMaxExtraCaps]; /* in: capabilities; out: unwrapped badges */
    seL4_CPtr receiveCNode;
    seL4_CPtr receiveIndex;
    seL4_Word receiveDepth;
} seL4_IPCBuffer __attribute__((aligned(1 << seL4_IPCBufferSizeBits)));

_Static_assert(sizeof(seL4_MessageInfo_t) == 8, "message info is one word");
_Static_assert(sizeof(seL4_IPCBuffer) == 1024, "IPC buffer size");
_Static_assert(offsetof(seL4_IPCBuffer, msg) == 8, "IPC buffer: msg");
_Static_assert(offsetof(seL4_IPCBuffer, userData) == 968, "IPC buffer: userData");
_Static_assert(offsetof(seL4_IPCBuffer, caps_or_badges) == 976, "IPC buffer: caps_or_badges");
_Static_assert(offsetof(seL4_IPCBuffer, receiveCNode) == 1000, "IPC buffer: receiveCNode");
_Static_assert(offsetof(seL4_IPCBuffer, receiveIndex) == 1008, "IPC buffer: receiveIndex");
_Static_assert(offsetof(seL4_IPCBuffer, receiveDepth) == 1016, "IPC buffer: receiveDepth");
