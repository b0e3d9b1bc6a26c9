/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See kernel_map.h. Everything is W^X: no page is writable and executable, under any address. */
#include "kernel_map.h"

#include <arch/tlb.h>
#include <kernel/image.h>

#define GIB_BITS 30
#define RAM_GIBS ((PLATFORM_RAM_BYTES + MASK(GIB_BITS)) >> GIB_BITS)

static_assert(PLATFORM_RAM_BASE % BIT(GIB_BITS) == 0, "tables below start at a GiB");
static_assert(KERNEL_DEVICE_END <= TABLE_ENTRIES, "one table of device pages");

typedef pte_t page_table[TABLE_ENTRIES] __attribute__((aligned(4096)));

static page_table top;   /* level 39 */
static page_table upper; /* level 30: direct map and window share the last 512 GiB */
static page_table ram_blocks[RAM_GIBS];
static page_table ram_pages;   /* the first 2 MiB of RAM, which hold the kernel image */
static page_table window;      /* level 21 */
static page_table image_pages; /* level 12 */
static page_table device_pages;
uint64_t kernel_empty_table[TABLE_ENTRIES] __attribute__((aligned(4096)));

#define KERNEL_DEVICE (PTE_PAGE | PTE_ACCESSED | PTE_ATTR_DEVICE | PTE_USER_XN | PTE_PRIV_XN)

static pte_t table_entry(const pte_t *table)
{
    return kernel_image_paddr(table) | PTE_TABLE;
}

BOOT_CODE static void map_devices(enum kernel_device first, paddr_t paddr, word_t bytes)
{
    for (word_t i = 0; i << LEVEL_LAST < bytes; i++) {
        device_pages[first + i] = (paddr + (i << LEVEL_LAST)) | KERNEL_DEVICE;
    }
}

BOOT_CODE static void map_ram(void)
{
    for (word_t i = 0; i < PLATFORM_RAM_BYTES >> 21; i++) {
        ram_blocks[i >> TABLE_INDEX_BITS][i & (TABLE_ENTRIES - 1)] =
            (PLATFORM_RAM_BASE + (i << 21)) | (KERNEL_DATA & ~PTE_TYPE_MASK) | PTE_BLOCK;
    }
    /* Of the first 2 MiB what users may own: the boot-only part and what follows the image. */
    word_t boot_end = (word_t)(kernel_boot_end - kernel_image_start) >> LEVEL_LAST;
    word_t image_end = (word_t)(kernel_image_end - kernel_image_start) >> LEVEL_LAST;
    for (word_t i = 0; i < TABLE_ENTRIES; i++) {
        if (i < boot_end || i >= image_end) {
            ram_pages[i] = (PLATFORM_RAM_BASE + (i << LEVEL_LAST)) | KERNEL_DATA;
        }
    }
    ram_blocks[0][0] = table_entry(ram_pages);
    for (word_t i = 0; i < RAM_GIBS; i++) {
        upper[table_index(DIRECT_MAP_BASE + PLATFORM_RAM_BASE, GIB_BITS) + i] =
            table_entry(ram_blocks[i]);
    }
}

BOOT_CODE void kernel_map_init(void)
{
    top[table_index(KERNEL_IMAGE_BASE, LEVEL_TOP)] = table_entry(upper);
    upper[table_index(KERNEL_IMAGE_BASE, GIB_BITS)] = table_entry(window);
    window[table_index(KERNEL_IMAGE_BASE, 21)] = table_entry(image_pages);
    window[table_index(KERNEL_DEVICE_BASE, 21)] = table_entry(device_pages);
    map_ram();

    kernel_image_map(image_pages);
    map_devices(KERNEL_DEVICE_UART, PLATFORM_UART_BASE, BIT(LEVEL_LAST));
    map_devices(KERNEL_DEVICE_GICD, PLATFORM_GIC_DISTRIBUTOR, PLATFORM_GIC_DISTRIBUTOR_BYTES);
    map_devices(KERNEL_DEVICE_GIC_CPU, PLATFORM_GIC_CPU, PLATFORM_GIC_CPU_BYTES);

    barrier_table_written();
    sysreg_write(ttbr1_el1, kernel_image_paddr(top));
    sysreg_write(ttbr0_el1, kernel_image_paddr(kernel_empty_table));
    barrier_instruction();
    tlb_invalidate_all();
}

void kernel_map_drop_boot(void)
{
    kernel_image_drop_boot(image_pages);
    tlb_invalidate_all();
    __asm__ volatile("ic iallu" ::: "memory");
    barrier_maintenance();
}
