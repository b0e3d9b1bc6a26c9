/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Extra boot information blocks of x86_64. Blocks are not aligned: copy before use.
 */
#pragma once

#include <abi/bootinfo.h>

/* Memory map in multiboot 1 form; empty after a multiboot 2 boot. */
typedef struct seL4_X86_mb_mmap {
    seL4_Uint32 size;
    seL4_Uint64 base_addr;
    seL4_Uint64 length;
    seL4_Uint32 type;
} __attribute__((packed)) seL4_X86_mb_mmap_t;

#define SEL4_MULTIBOOT_MAX_MMAP_ENTRIES 50

typedef struct seL4_X86_BootInfo_mmap {
    seL4_BootInfoHeader header;
    seL4_Uint32 mmap_length; /* bytes used of mmap */
    seL4_X86_mb_mmap_t mmap[SEL4_MULTIBOOT_MAX_MMAP_ENTRIES];
} __attribute__((packed)) seL4_X86_BootInfo_mmap_t;

/* Framebuffer of a multiboot 2 boot loader. */
typedef struct seL4_X86_BootInfo_fb {
    seL4_BootInfoHeader header;
    seL4_Uint64 addr;
    seL4_Uint32 pitch;
    seL4_Uint32 width;
    seL4_Uint32 height;
    seL4_Uint8 bpp;
    seL4_Uint8 type;
} __attribute__((packed)) seL4_X86_BootInfo_fb_t;

/* VBE data as the boot loader passed it. */
typedef struct seL4_X86_BootInfo_VBE {
    seL4_BootInfoHeader header;
    seL4_Uint8 vbeInfoBlock[512];
    seL4_Uint8 vbeModeInfoBlock[256];
    seL4_Uint32 vbeMode;
    seL4_Uint16 vbeInterfaceSeg;
    seL4_Uint16 vbeInterfaceOff;
    seL4_Uint16 vbeInterfaceLen;
} seL4_X86_BootInfo_VBE;

/* ACPI RSDP behind its header, and the TSC frequency behind its. */
#define ABI_BOOTINFO_RSDP_BLOCK_BYTES 52
#define ABI_BOOTINFO_TSC_BLOCK_BYTES  20

_Static_assert(sizeof(seL4_X86_mb_mmap_t) == 24, "memory map entry");
_Static_assert(sizeof(seL4_X86_BootInfo_mmap_t) == 1220, "memory map block");
_Static_assert(sizeof(seL4_X86_BootInfo_fb_t) == 38, "framebuffer block");
_Static_assert(sizeof(seL4_X86_BootInfo_VBE) == 800, "VBE block");
