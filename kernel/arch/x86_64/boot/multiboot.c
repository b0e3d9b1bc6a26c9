/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Multiboot 1 and 2 information. The loader's structures lie below 4 GiB, where the direct map
 * reaches; everything needed later is copied, because that memory is given away. Source: Multiboot
 * Specification 0.6.96, 3.3; Multiboot2 Specification 2.0, 3.4-3.6.
 */
#include "boot/multiboot.h"

#include <arch/layout.h>
#include <kernel/print.h>

#define MULTIBOOT1_LOADER_MAGIC 0x2badb002
#define MULTIBOOT2_LOADER_MAGIC 0x36d76289
#define LOADER_LIMIT            ((paddr_t)4 << 30)
#define RAM_START               0x100000 /* memory below 1 MiB is treated as device memory */
#define MEMORY_TYPE_RAM         1

struct multiboot1_info {
    uint32_t flags;
    uint32_t mem_lower_kib;
    uint32_t mem_upper_kib;
    uint32_t boot_device;
    uint32_t command_line;
    uint32_t module_count;
    uint32_t modules;
    uint32_t symbols[4];
    uint32_t map_bytes;
    uint32_t map;
    uint32_t drives[2];
    uint32_t config_table;
    uint32_t loader_name;
    uint32_t apm_table;
    uint32_t vbe_control;
    uint32_t vbe_mode_info;
    uint16_t vbe_mode;
    uint16_t vbe_interface_segment;
    uint16_t vbe_interface_offset;
    uint16_t vbe_interface_bytes;
} __attribute__((packed));
static_assert(sizeof(struct multiboot1_info) == 88, "Multiboot 3.3");

#define MULTIBOOT1_FLAG_MEMORY  BIT(0)
#define MULTIBOOT1_FLAG_COMMAND BIT(2)
#define MULTIBOOT1_FLAG_MODULES BIT(3)
#define MULTIBOOT1_FLAG_MAP     BIT(6)
#define MULTIBOOT1_FLAG_VBE     BIT(11)

struct multiboot1_module {
    uint32_t start;
    uint32_t end;
    uint32_t string;
    uint32_t reserved;
};

struct multiboot2_tag {
    uint32_t type;
    uint32_t bytes;
};

enum multiboot2_type {
    MULTIBOOT2_END = 0,
    MULTIBOOT2_COMMAND_LINE = 1,
    MULTIBOOT2_MODULE = 3,
    MULTIBOOT2_MEMORY_MAP = 6,
    MULTIBOOT2_FRAMEBUFFER = 8,
    MULTIBOOT2_RSDP_V1 = 14,
    MULTIBOOT2_RSDP_V2 = 15,
};

struct multiboot2_map_entry {
    uint64_t base;
    uint64_t length;
    uint32_t type;
    uint32_t reserved;
};

/* What the framebuffer tag and boot information have in common: address to type. */
#define FRAMEBUFFER_BYTES (sizeof(seL4_X86_BootInfo_fb_t) - sizeof(seL4_BootInfoHeader))

static BOOT_CODE const void *loader_memory(paddr_t paddr)
{
    return (const void *)(PHYSICAL_BASE + paddr);
}

/* True if [start, start + bytes) lies where a 32-bit loader can have put it. */
static BOOT_CODE bool loader_range_ok(const char *what, paddr_t start, word_t bytes)
{
    if (start == 0 || start >= LOADER_LIMIT || bytes > LOADER_LIMIT - start) {
        kernel_print("boot: the boot loader's %s at 0x%lx with %lu bytes is not below 4 GiB\n",
                     what, start, bytes);
        return false;
    }
    return true;
}

static BOOT_CODE void copy_command_line(struct loader_info *info, const char *text,
                                        word_t bytes_max)
{
    word_t i = 0;
    while (i < bytes_max && i < LOADER_COMMAND_LINE_MAX - 1 && text[i] != 0) {
        info->command_line[i] = text[i];
        i++;
    }
    info->command_line[i] = 0;
}

static BOOT_CODE void add_ram(struct loader_info *info, uint64_t base, uint64_t length,
                              uint32_t type)
{
    if (type != MEMORY_TYPE_RAM || base < RAM_START || length == 0 || base + length < base) {
        return;
    }
    if (info->ram_count > 0 && info->ram[info->ram_count - 1].end == base) {
        info->ram[info->ram_count - 1].end += length; /* UEFI maps come in many pieces */
        return;
    }
    if (info->ram_count == BOOT_RAM_MAX) {
        kernel_print("boot: more than %u RAM regions, 0x%lx is left unused\n",
                     (unsigned int)BOOT_RAM_MAX, base);
        return;
    }
    info->ram[info->ram_count++] = (struct boot_region){base, base + length};
}

static BOOT_CODE void set_module(struct loader_info *info, paddr_t start, paddr_t end)
{
    if (info->module.end == 0 && end > start) {
        info->module = (struct boot_region){start, end};
    }
}

/* ---- multiboot 1 ---- */

static BOOT_CODE bool read_map1(struct loader_info *info, paddr_t map, uint32_t bytes)
{
    if (!loader_range_ok("memory map", map, bytes)) {
        return false;
    }
    const uint8_t *base = loader_memory(map);
    uint32_t offset = 0;
    while (bytes - offset >= sizeof(seL4_X86_mb_mmap_t)) {
        const seL4_X86_mb_mmap_t *entry = (const void *)(base + offset);
        if (entry->size < sizeof(*entry) - sizeof(entry->size) ||
            entry->size > bytes - offset - sizeof(entry->size)) {
            kernel_print("boot: memory map entry at offset %u has a size of %u\n", offset,
                         entry->size);
            return false;
        }
        add_ram(info, entry->base_addr, entry->length, entry->type);
        offset += entry->size + (uint32_t)sizeof(entry->size);
    }
    uint32_t copied = bytes < sizeof(info->memory_map.mmap) ? bytes : sizeof(info->memory_map.mmap);
    info->memory_map.mmap_length = copied;
    __builtin_memcpy(info->memory_map.mmap, base, copied);
    return true;
}

static BOOT_CODE void read_vbe(struct loader_info *info, const struct multiboot1_info *source)
{
    info->have_vbe = true;
    __builtin_memcpy(info->vbe.vbeInfoBlock, loader_memory(source->vbe_control),
                     sizeof(info->vbe.vbeInfoBlock));
    __builtin_memcpy(info->vbe.vbeModeInfoBlock, loader_memory(source->vbe_mode_info),
                     sizeof(info->vbe.vbeModeInfoBlock));
    info->vbe.vbeMode = source->vbe_mode;
    info->vbe.vbeInterfaceSeg = source->vbe_interface_segment;
    info->vbe.vbeInterfaceOff = source->vbe_interface_offset;
    info->vbe.vbeInterfaceLen = source->vbe_interface_bytes;
}

static BOOT_CODE bool read_multiboot1(struct loader_info *info, paddr_t info_paddr)
{
    const struct multiboot1_info *source = loader_memory(info_paddr);
    if (!(source->flags & MULTIBOOT1_FLAG_MEMORY)) {
        kernel_print("boot: the boot loader tells no memory size (multiboot flag 0)\n");
        return false;
    }
    if ((source->flags & MULTIBOOT1_FLAG_MODULES) && source->module_count > 0) {
        if (!loader_range_ok("module list", source->modules, sizeof(struct multiboot1_module))) {
            return false;
        }
        const struct multiboot1_module *module = loader_memory(source->modules);
        set_module(info, module->start, module->end);
    }
    if (source->flags & MULTIBOOT1_FLAG_COMMAND && source->command_line != 0) {
        copy_command_line(info, loader_memory(source->command_line), LOADER_COMMAND_LINE_MAX);
    }
    if ((source->flags & MULTIBOOT1_FLAG_VBE) &&
        loader_range_ok("VBE information", source->vbe_control, 512) &&
        loader_range_ok("VBE mode information", source->vbe_mode_info, 256)) {
        read_vbe(info, source);
    }
    if (source->flags & MULTIBOOT1_FLAG_MAP) {
        return read_map1(info, source->map, source->map_bytes);
    }
    add_ram(info, RAM_START, (uint64_t)source->mem_upper_kib << 10, MEMORY_TYPE_RAM);
    return true;
}

/* ---- multiboot 2 ---- */

static BOOT_CODE void read_tag(struct loader_info *info, const struct multiboot2_tag *tag)
{
    const uint8_t *content = (const uint8_t *)(tag + 1);
    word_t bytes = tag->bytes - sizeof(*tag);
    const uint32_t *words = (const uint32_t *)content;
    switch (tag->type) {
    case MULTIBOOT2_COMMAND_LINE:
        copy_command_line(info, (const char *)content, bytes);
        break;
    case MULTIBOOT2_MODULE:
        if (bytes >= 8) {
            set_module(info, words[0], words[1]);
        }
        break;
    case MULTIBOOT2_MEMORY_MAP: {
        word_t entry_bytes = bytes >= 8 ? words[0] : 0;
        if (entry_bytes >= sizeof(struct multiboot2_map_entry)) {
            for (word_t at = 8; at + entry_bytes <= bytes; at += entry_bytes) {
                const struct multiboot2_map_entry *entry = (const void *)(content + at);
                add_ram(info, entry->base, entry->length, entry->type);
            }
        }
        break;
    }
    case MULTIBOOT2_FRAMEBUFFER:
        if (bytes >= FRAMEBUFFER_BYTES) {
            info->have_framebuffer = true;
            __builtin_memcpy(&info->framebuffer.addr, content, FRAMEBUFFER_BYTES);
        }
        break;
    case MULTIBOOT2_RSDP_V1:
    case MULTIBOOT2_RSDP_V2:
        /* The newer one wins, in whichever order they come. */
        if (bytes > info->rsdp_bytes) {
            info->rsdp_bytes = bytes < LOADER_RSDP_MAX ? bytes : LOADER_RSDP_MAX;
            __builtin_memcpy(info->rsdp, content, info->rsdp_bytes);
        }
        break;
    default:
        break;
    }
}

static BOOT_CODE bool read_multiboot2(struct loader_info *info, paddr_t info_paddr)
{
    const uint8_t *base = loader_memory(info_paddr);
    uint32_t total;
    __builtin_memcpy(&total, base, sizeof(total));
    if (!loader_range_ok("multiboot 2 information", info_paddr, total)) {
        return false;
    }
    word_t offset = 8;
    while (offset + sizeof(struct multiboot2_tag) <= total) {
        const struct multiboot2_tag *tag = (const void *)(base + offset);
        if (tag->type == MULTIBOOT2_END) {
            return true;
        }
        if (tag->bytes < sizeof(*tag) || tag->bytes > total - offset) {
            kernel_print("boot: multiboot 2 tag %u at offset %lu has a size of %u\n", tag->type,
                         offset, tag->bytes);
            return false;
        }
        read_tag(info, tag);
        offset = ALIGN_UP(offset + tag->bytes, 3);
    }
    return true;
}

BOOT_CODE bool multiboot_read(uint32_t magic, paddr_t info_paddr, struct loader_info *info)
{
    bool ok;
    if (magic == MULTIBOOT1_LOADER_MAGIC) {
        ok = loader_range_ok("information", info_paddr, sizeof(struct multiboot1_info)) &&
             read_multiboot1(info, info_paddr);
    } else if (magic == MULTIBOOT2_LOADER_MAGIC) {
        info->multiboot2 = true;
        ok = loader_range_ok("information", info_paddr, 8) && read_multiboot2(info, info_paddr);
    } else {
        kernel_print("boot: the boot loader is not multiboot (magic 0x%x)\n", magic);
        return false;
    }
    if (!ok) {
        return false;
    }
    if (info->module.end == 0) {
        kernel_print("boot: no root task: the boot loader passed no module (try: -initrd FILE)\n");
        return false;
    }
    if (info->ram_count == 0) {
        kernel_print("boot: the boot loader tells of no RAM above 1 MiB\n");
        return false;
    }
    return true;
}
