/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a multiboot 1 or 2 loader tells, copied out of its memory and checked. */
#pragma once

#include <abi/bootinfo.h>
#include <kernel/boot.h>

#define LOADER_COMMAND_LINE_MAX 256
#define LOADER_RSDP_MAX         36

/* VBE block content behind its header: the struct is 800 bytes with the header. */
#define LOADER_VBE_BYTES (sizeof(seL4_X86_BootInfo_VBE) - sizeof(seL4_BootInfoHeader))

struct loader_info {
    char command_line[LOADER_COMMAND_LINE_MAX]; /* cut off at the end, always terminated */
    struct boot_region module;                  /* the first one: the root task's ELF file */
    struct boot_region ram[BOOT_RAM_MAX];       /* as told: any order, may overlap */
    word_t ram_count;
    uint8_t rsdp[LOADER_RSDP_MAX];
    word_t rsdp_bytes; /* 0: not given, search */
    bool multiboot2;
    bool have_vbe;
    bool have_framebuffer;
    /* Extra boot information in its final form, behind the headers. */
    seL4_X86_BootInfo_VBE vbe;
    seL4_X86_BootInfo_fb_t framebuffer;
    seL4_X86_BootInfo_mmap_t memory_map;
};

/*
 * Read the loader's information.
 *   magic, info_paddr  EAX and EBX at entry
 * Returns false after a message that names what is missing.
 */
bool multiboot_read(uint32_t magic, paddr_t info_paddr, struct loader_info *info) MUST_CHECK;
