/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The boot information frame, its extra blocks, and the fixed capability slots of the initial
 * thread.
 */
#pragma once

#include <stddef.h>

#include <abi/config.h>
#include <abi/constants.h>
#include <abi/message.h>
#include <abi/types.h>

/* Slots [start, end) of the initial thread's CNode. */
typedef struct seL4_SlotRegion {
    seL4_SlotPos start;
    seL4_SlotPos end;
} seL4_SlotRegion;

/* Entry i describes the capability in slot untyped.start + i. */
typedef struct seL4_UntypedDesc {
    seL4_Word paddr;
    seL4_Uint8 sizeBits;
    seL4_Uint8 isDevice;
    seL4_Uint8 padding[6];
} seL4_UntypedDesc;

typedef struct seL4_BootInfo {
    seL4_Word extraLen; /* bytes of extra blocks, on the pages behind this frame */
    seL4_NodeId nodeID;
    seL4_Word numNodes;
    seL4_Word numIOPTLevels; /* all ones without IOMMU support (x86_64) */
    seL4_IPCBuffer *ipcBuffer;
    seL4_SlotRegion empty;
    seL4_SlotRegion sharedFrames;
    seL4_SlotRegion userImageFrames;
    seL4_SlotRegion userImagePaging;
    seL4_SlotRegion ioSpaceCaps;
    seL4_SlotRegion extraBIPages;
    seL4_Word initThreadCNodeSizeBits;
    seL4_Domain initThreadDomain;
    seL4_SlotRegion schedcontrol;
    seL4_SlotRegion untyped;
    seL4_UntypedDesc untypedList[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];
} seL4_BootInfo;

/* Head of each extra block; len includes this header. Blocks are packed, without alignment. */
typedef struct seL4_BootInfoHeader {
    seL4_Word id;
    seL4_Word len;
} seL4_BootInfoHeader;

typedef enum {
    SEL4_BOOTINFO_HEADER_PADDING = 0,
    SEL4_BOOTINFO_HEADER_X86_VBE = 1,
    SEL4_BOOTINFO_HEADER_X86_MBMMAP = 2,
    SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP = 3,
    SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER = 4,
    SEL4_BOOTINFO_HEADER_X86_TSC_FREQ = 5, /* 32 bits, MHz */
    SEL4_BOOTINFO_HEADER_FDT = 6,
    SEL4_BOOTINFO_HEADER_NUM = 7,
} seL4_BootInfoID;

enum seL4_RootCNodeCapSlots {
    seL4_CapNull = 0,
    seL4_CapInitThreadTCB = 1,
    seL4_CapInitThreadCNode = 2,
    seL4_CapInitThreadVSpace = 3,
    seL4_CapIRQControl = 4,
    seL4_CapASIDControl = 5,
    seL4_CapInitThreadASIDPool = 6,
    seL4_CapIOPortControl = 7, /* x86 */
    seL4_CapIOSpace = 8,       /* with an IOMMU */
    seL4_CapBootInfoFrame = 9,
    seL4_CapInitThreadIPCBuffer = 10,
    seL4_CapDomain = 11,
    seL4_CapSMMUSIDControl = 12, /* always empty here */
    seL4_CapSMMUCBControl = 13,  /* always empty here */
    seL4_CapInitThreadSC = 14,
    seL4_CapSMC = 15, /* aarch64 with the SMC option */
    seL4_NumInitialCaps = 16,
};

_Static_assert(sizeof(seL4_SlotRegion) == 16, "slot region");
_Static_assert(sizeof(seL4_UntypedDesc) == 16, "untyped descriptor");
_Static_assert(sizeof(seL4_BootInfoHeader) == 16, "extra block header");
_Static_assert(offsetof(seL4_BootInfo, numIOPTLevels) == 24, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, ipcBuffer) == 32, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, empty) == 40, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, userImageFrames) == 72, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, extraBIPages) == 120, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, initThreadCNodeSizeBits) == 136, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, initThreadDomain) == 144, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, schedcontrol) == 152, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, untyped) == 168, "bootinfo");
_Static_assert(offsetof(seL4_BootInfo, untypedList) == 184, "bootinfo");
_Static_assert(sizeof(seL4_BootInfo) == 184 + 16 * CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS,
               "bootinfo");
_Static_assert(sizeof(seL4_BootInfo) <= seL4_BootInfoFrameSize, "bootinfo fits its frame");

#include <abi/arch/bootinfo.h>
