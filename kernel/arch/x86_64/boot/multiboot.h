/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a multiboot 1 or 2 loader tells, as one record, copied out of its memory and checked. */
#pragma once

#include <abi/bootinfo.h>
#include <kernel/boot_memory.h>

#define LOADER_COMMAND_LINE_MAX 256
#define LOADER_RSDP_MAX         36

struct loader_info {
    char command_line[LOADER_COMMAND_LINE_MAX]; /* cut off at the end, always terminated */
    struct boot_region module;                  /* the first one: the root task's ELF file */
    paddr_t ram_end;
    uint8_t rsdp[LOADER_RSDP_MAX];
    word_t rsdp_bytes; /* 0: not given, search */
    bool have_vbe;
    bool have_framebuffer;
    /* Extra boot information in its final form, behind the headers. */
    seL4_X86_BootInfo_VBE vbe;
    seL4_X86_BootInfo_fb_t framebuffer;
    seL4_X86_BootInfo_mmap_t memory_map;
};

/*
 * Read the loader's information, and add the RAM above 1 MiB to the boot memory.
 *   magic, info_paddr  EAX and EBX at entry
 * Returns false after a message that names what is missing.
 */
bool multiboot_read(uint32_t magic, paddr_t info_paddr, struct loader_info *info) MUST_CHECK;
