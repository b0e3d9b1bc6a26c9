/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Multiboot 1 and 2 information. The loader's structures lie below 4 GiB, where the direct map
 * reaches; everything needed later is copied, because that memory is given away. Source: Multiboot
 * Specification 0.6.96, 3.3; Multiboot2 Specification 2.0, 3.4-3.6.
 */
#include "boot/boot.h"
#include "boot/multiboot_regs.h"

#include <arch/layout.h>
#include <kernel/print.h>

#define LOADER_LIMIT ((paddr_t)4 << 30)
#define RAM_START    0x100000 /* memory below 1 MiB is treated as device memory */

/* What the framebuffer tag and boot information have in common: address to type. */
#define FRAMEBUFFER_BYTES (sizeof(seL4_X86_BootInfo_fb_t) - sizeof(seL4_BootInfoHeader))

/* True for memory where a 32-bit loader can have put something. */
static BOOT_CODE bool is_reachable(paddr_t start, word_t bytes)
{
    return start != 0 && start < LOADER_LIMIT && bytes <= LOADER_LIMIT - start;
}

/* The loader's memory, which must be. */
static BOOT_CODE const void *loader_memory(const char *what, paddr_t start, word_t bytes)
{
    if (!is_reachable(start, bytes)) {
        boot_stop("the boot loader's %s at 0x%lx with %lu bytes is not below 4 GiB", what, start,
                  bytes);
    }
    return (const void *)(PHYSICAL_BASE + start);
}

static BOOT_CODE void copy_command_line(struct loader_info *info, const char *text,
                                        word_t bytes_max)
{
    for (word_t i = 0; i < bytes_max && i < LOADER_COMMAND_LINE_MAX - 1 && text[i] != 0; i++) {
        info->command_line[i] = text[i];
    }
}

static BOOT_CODE void add_ram(struct loader_info *info, const void *entry)
{
    struct memory_range range;
    __builtin_memcpy(&range, entry, sizeof(range));
    paddr_t end = range.base + range.length;
    if (range.type != MEMORY_TYPE_RAM || range.base < RAM_START || end <= range.base) {
        return;
    }
    if (end > PHYSICAL_MAP_BYTES) {
        kernel_print("boot: RAM above 0x%lx is not used\n", (word_t)PHYSICAL_MAP_BYTES);
        end = PHYSICAL_MAP_BYTES;
    }
    boot_memory_add_ram((struct boot_region){range.base, end});
    info->ram_end = end > info->ram_end ? end : info->ram_end;
}

/* ---- multiboot 1 ---- */

static BOOT_CODE void read_map1(struct loader_info *info, const uint8_t *map, uint32_t bytes)
{
    uint32_t offset = 0;
    while (bytes - offset >= sizeof(seL4_X86_mb_mmap_t)) {
        uint32_t size;
        __builtin_memcpy(&size, map + offset, sizeof(size));
        if (size < sizeof(struct memory_range) || size > bytes - offset - sizeof(size)) {
            boot_stop("memory map entry at offset %u has a size of %u", offset, size);
        }
        add_ram(info, map + offset + sizeof(size));
        offset += size + (uint32_t)sizeof(size);
    }
    uint32_t copied = bytes < sizeof(info->memory_map.mmap) ? bytes : sizeof(info->memory_map.mmap);
    info->memory_map.mmap_length = copied;
    __builtin_memcpy(info->memory_map.mmap, map, copied);
}

static BOOT_CODE void read_vbe(struct loader_info *info, const struct multiboot1_info *source)
{
    seL4_X86_BootInfo_VBE *vbe = &info->vbe;
    if (is_reachable(source->vbe_control, sizeof(vbe->vbeInfoBlock)) &&
        is_reachable(source->vbe_mode_info, sizeof(vbe->vbeModeInfoBlock))) {
        info->vbe_bytes = sizeof(*vbe) - sizeof(vbe->header);
        __builtin_memcpy(vbe->vbeInfoBlock, (const void *)(PHYSICAL_BASE + source->vbe_control),
                         sizeof(vbe->vbeInfoBlock));
        __builtin_memcpy(vbe->vbeModeInfoBlock,
                         (const void *)(PHYSICAL_BASE + source->vbe_mode_info),
                         sizeof(vbe->vbeModeInfoBlock));
        vbe->vbeMode = source->vbe_mode;
        vbe->vbeInterfaceSeg = source->vbe_interface[0];
        vbe->vbeInterfaceOff = source->vbe_interface[1];
        vbe->vbeInterfaceLen = source->vbe_interface[2];
    }
}

static BOOT_CODE void read_multiboot1(struct loader_info *info, paddr_t info_paddr)
{
    const struct multiboot1_info *source =
        loader_memory("information", info_paddr, sizeof(struct multiboot1_info));
    if (!(source->flags & MULTIBOOT1_FLAG_MEMORY)) {
        boot_stop("the boot loader tells no memory size (multiboot flag 0)");
    }
    if ((source->flags & MULTIBOOT1_FLAG_MODULES) && source->module_count > 0) {
        const uint32_t *module = loader_memory("module list", source->modules, 16);
        info->module = (struct boot_region){module[0], module[1]};
    }
    if ((source->flags & MULTIBOOT1_FLAG_COMMAND) && source->command_line != 0) {
        copy_command_line(info, (const char *)(PHYSICAL_BASE + source->command_line),
                          LOADER_LIMIT - source->command_line);
    }
    if (source->flags & MULTIBOOT1_FLAG_VBE) {
        read_vbe(info, source);
    }
    if (source->flags & MULTIBOOT1_FLAG_MAP) {
        read_map1(info, loader_memory("memory map", source->map, source->map_bytes),
                  source->map_bytes);
    } else {
        add_ram(info, &(struct memory_range){RAM_START, (uint64_t)source->memory_kib[1] << 10,
                                             MEMORY_TYPE_RAM});
    }
}

/* ---- multiboot 2 ---- */

static BOOT_CODE void read_tag(struct loader_info *info, const struct multiboot2_tag *tag)
{
    const uint8_t *content = (const uint8_t *)(tag + 1);
    const uint32_t *words = (const uint32_t *)content;
    word_t bytes = tag->bytes - sizeof(*tag);
    switch (tag->type) {
    case MULTIBOOT2_COMMAND_LINE:
        copy_command_line(info, (const char *)content, bytes);
        break;
    case MULTIBOOT2_MODULE:
        if (bytes >= 8 && info->module.end == 0) {
            info->module = (struct boot_region){words[0], words[1]};
        }
        break;
    case MULTIBOOT2_MEMORY_MAP:
        /* Size and version of an entry, then the entries. */
        if (bytes >= 8 && words[0] >= sizeof(struct memory_range)) {
            for (word_t at = 8; at + words[0] <= bytes; at += words[0]) {
                add_ram(info, content + at);
            }
        }
        break;
    case MULTIBOOT2_FRAMEBUFFER:
        if (bytes >= FRAMEBUFFER_BYTES) {
            info->framebuffer_bytes = FRAMEBUFFER_BYTES;
            __builtin_memcpy(&info->framebuffer.addr, content, FRAMEBUFFER_BYTES);
        }
        break;
    case MULTIBOOT2_RSDP_V1:
    case MULTIBOOT2_RSDP_V2:
        /* The newer one wins, in whichever order they come. */
        if (bytes > info->rsdp_bytes) {
            info->rsdp_bytes = bytes < ACPI_RSDP_BYTES ? bytes : ACPI_RSDP_BYTES;
            __builtin_memcpy(info->rsdp, content, info->rsdp_bytes);
        }
        break;
    default:
        break;
    }
}

static BOOT_CODE void read_multiboot2(struct loader_info *info, paddr_t info_paddr)
{
    const uint32_t *total = loader_memory("information", info_paddr, 8);
    const uint8_t *base = loader_memory("information", info_paddr, *total);
    for (word_t offset = 8; offset + sizeof(struct multiboot2_tag) <= *total;) {
        const struct multiboot2_tag *tag = (const void *)(base + offset);
        if (tag->type == MULTIBOOT2_END) {
            break;
        }
        if (tag->bytes < sizeof(*tag) || tag->bytes > *total - offset) {
            boot_stop("multiboot 2 tag %u at offset %lu has a size of %u", tag->type, offset,
                      tag->bytes);
        }
        read_tag(info, tag);
        offset = ALIGN_UP(offset + tag->bytes, 3);
    }
}

BOOT_CODE void multiboot_read(uint32_t magic, paddr_t info_paddr, struct loader_info *info)
{
    if (magic == MULTIBOOT1_LOADER_MAGIC) {
        read_multiboot1(info, info_paddr);
    } else if (magic == MULTIBOOT2_LOADER_MAGIC) {
        read_multiboot2(info, info_paddr);
    } else {
        boot_stop("the boot loader is not multiboot (magic 0x%x)", magic);
    }
    if (info->module.start >= info->module.end) {
        boot_stop("no root task: the boot loader passed no module (try: -initrd FILE)");
    }
    if (info->ram_end == 0) {
        boot_stop("the boot loader tells of no RAM above 1 MiB");
    }
}
