/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sizes and limits that are the same on every architecture. The others are in abi/arch/constants.h.
 */
#pragma once

#include <abi/arch/constants.h>
#include <abi/config.h>

/* Words. */
#define seL4_WordBits     64
#define seL4_WordSizeBits 3

/* Object sizes, log2 of bytes. */
#define seL4_SlotBits            5
#define seL4_EndpointBits        4
#define seL4_NotificationBits    6
#define seL4_ReplyBits           5
#define seL4_MinSchedContextBits 7
#define seL4_MinUntypedBits      4
#define seL4_MaxUntypedBits      47
#define seL4_PageBits            12
#define seL4_LargePageBits       21
#define seL4_HugePageBits        30
#define seL4_ASIDPoolBits        12
#define seL4_ASIDPoolIndexBits   9

/*
 * A scheduling context of 2^n bytes holds (2^n - 96) / 16 refills, two of which are not the
 * user's: seL4_MaxExtraRefills(n) = (2^n - 128) / 16.
 */
#define seL4_CoreSchedContextBytes 128
#define seL4_RefillSizeBytes       16

/* Messages. */
#define seL4_MsgMaxLength         120
#define seL4_MsgMaxExtraCaps      3
#define seL4_MsgLengthBits        7
#define seL4_MsgExtraCapBits      2
#define seL4_FastMessageRegisters 4
#define seL4_IPCBufferSizeBits    10

/* The message info word: length, extraCaps, capsUnwrapped, label, from bit 0. */
#define seL4_MsgLengthShift        0
#define seL4_MsgExtraCapsShift     7
#define seL4_MsgCapsUnwrappedShift 9
#define seL4_MsgCapsUnwrappedBits  3
#define seL4_MsgLabelShift         12
#define seL4_MsgLabelBits          52

/* Boot information. */
#define seL4_BootInfoFrameBits 12
#define seL4_BootInfoFrameSize (1 << seL4_BootInfoFrameBits)

/* Capability data: badges, and the guard of a CNode capability (size in bits 0-5, guard above). */
#define seL4_BadgeBits     64
#define seL4_GuardSizeBits 6
#define seL4_GuardBits     58
#define seL4_NilData       0

/* Retype. */
#define seL4_UntypedRetypeMaxObjects CONFIG_RETYPE_FAN_OUT_LIMIT

/* Priorities. */
#define seL4_InvalidPrio (-1)
#define seL4_MinPrio     0
#define seL4_MaxPrio     (CONFIG_NUM_PRIORITIES - 1)

/* TCB flags (TCB_SetFlags). */
typedef enum {
    seL4_TCBFlag_NoFlag = 0,
    seL4_TCBFlag_fpuDisabled = 1,
    seL4_TCBFlag_MASK = 1,
} seL4_TCBFlag;

/* Scheduling context flags (SchedControl_ConfigureFlags). */
typedef enum {
    seL4_SchedContext_NoFlag = 0,
    seL4_SchedContext_Sporadic = 1,
} seL4_SchedContextFlag;

/* States of a thread, as the debug calls show them. */
typedef enum {
    seL4_ThreadState_Inactive = 0,
    seL4_ThreadState_Running = 1,
    seL4_ThreadState_Restart = 2,
    seL4_ThreadState_BlockedOnReceive = 3,
    seL4_ThreadState_BlockedOnSend = 4,
    seL4_ThreadState_BlockedOnReply = 5,
    seL4_ThreadState_BlockedOnNotification = 6,
    seL4_ThreadState_Idle = 7,
} seL4_ThreadState;
