/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a multiboot loader leaves in memory; the kernel only reads it.
 * Source: Multiboot Specification 0.6.96, 3.2 and 3.3; Multiboot2 Specification 2.0, 3.5 and 3.6.
 */
#pragma once

#include <kernel/types.h>

/* EAX at entry. */
#define MULTIBOOT1_LOADER_MAGIC 0x2badb002
#define MULTIBOOT2_LOADER_MAGIC 0x36d76289

/* Multiboot 3.3. */
struct multiboot1_info {
    uint32_t flags;
    uint32_t memory_kib[2]; /* below and above 1 MiB */
    uint32_t boot_device;
    uint32_t command_line;
    uint32_t module_count;
    uint32_t modules; /* of 4 words each: start, end, string, reserved */
    uint32_t symbols[4];
    uint32_t map_bytes;
    uint32_t map; /* of seL4_X86_mb_mmap_t, whose size does not count itself */
    uint32_t unused[5];
    uint32_t vbe_control;
    uint32_t vbe_mode_info;
    uint16_t vbe_mode;
    uint16_t vbe_interface[3]; /* segment, offset, length */
};
static_assert(sizeof(struct multiboot1_info) == 88, "Multiboot 3.3");

#define MULTIBOOT1_FLAG_MEMORY  BIT(0)
#define MULTIBOOT1_FLAG_COMMAND BIT(2)
#define MULTIBOOT1_FLAG_MODULES BIT(3)
#define MULTIBOOT1_FLAG_MAP     BIT(6)
#define MULTIBOOT1_FLAG_VBE     BIT(11)

/* Multiboot2 3.6.2: what each tag begins with. */
struct multiboot2_tag {
    uint32_t type;
    uint32_t bytes; /* these two words included; the next tag begins on a multiple of 8 */
};

/* Multiboot2 3.6.3 and following. */
enum multiboot2_type {
    MULTIBOOT2_END = 0,
    MULTIBOOT2_COMMAND_LINE = 1,
    MULTIBOOT2_MODULE = 3, /* start, end, string */
    MULTIBOOT2_MEMORY_MAP = 6,
    MULTIBOOT2_FRAMEBUFFER = 8,
    MULTIBOOT2_RSDP_V1 = 14,
    MULTIBOOT2_RSDP_V2 = 15,
};

/* What the entries of both memory maps have in common. */
struct memory_range {
    uint64_t base;
    uint64_t length;
    uint32_t type;
} __attribute__((packed));
#define MEMORY_TYPE_RAM 1
