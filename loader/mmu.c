/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The address space at kernel entry, as the seL4 16 MCS ABI's boot protocol wants it: 4 KiB
 * granule, 48-bit halves, memory attribute table of six entries.
 * Source: Arm Architecture Reference Manual (Armv8-A), D5.2, D5.3 and D13.2.
 */
#include "elf_image.h"
#include "loader.h"

#include <board.h>

#define TABLE_ENTRIES 512
#define GIB           (1ull << 30)

#define MAIR_ATTRIBUTES 0x0000aaff440c0400ull
#define ATTR_DEVICE     (0ull << 2) /* nGnRnE */
#define ATTR_NORMAL     (4ull << 2) /* write-back */

#define ENTRY_BLOCK    1ull
#define ENTRY_TABLE    3ull
#define ENTRY_ACCESSED (1ull << 10)
#define ENTRY_NO_EXEC  (3ull << 53)

/* T0SZ and T1SZ 16, write-back walks, 4 KiB granules, 16-bit ASIDs. */
#define TCR_BASE                                                                           \
    (16ull | 1ull << 8 | 1ull << 10 | 16ull << 16 | 1ull << 24 | 1ull << 26 | 2ull << 30 | \
     1ull << 36)
#define TCR_IPS_SHIFT 32
#define PARANGE_MAX   5ull

typedef uint64_t page_table[TABLE_ENTRIES] __attribute__((aligned(4096)));

/* Part of the flat image, zero in the file. */
static page_table identity_top __attribute__((section(".tables")));
static page_table identity_gib __attribute__((section(".tables")));
static page_table kernel_top __attribute__((section(".tables")));
static page_table kernel_gib __attribute__((section(".tables")));
static page_table kernel_block __attribute__((section(".tables")));

static uint64_t index_of(uint64_t address, unsigned shift)
{
    return address >> shift & (TABLE_ENTRIES - 1);
}

static uint64_t table_entry(const uint64_t *table)
{
    return (uintptr_t)table | ENTRY_TABLE;
}

static void map_identity(uint64_t address, uint64_t attributes)
{
    uint64_t gib = address & ~(GIB - 1);
    identity_gib[index_of(gib, 30)] = gib | attributes | ENTRY_ACCESSED | ENTRY_BLOCK;
}

void loader_map_memory(uint64_t base, uint64_t tree, const struct elf_image *kernel)
{
    identity_top[0] = table_entry(identity_gib);
    map_identity(PLATFORM_UART_BASE, ATTR_DEVICE | ENTRY_NO_EXEC);
    map_identity(PLATFORM_RAM_BASE, ATTR_NORMAL);
    map_identity(base, ATTR_NORMAL);
    if (tree != 0) {
        map_identity(tree, ATTR_NORMAL);
    }

    /* The whole GiB around the kernel's window, as far as RAM goes. */
    kernel_top[index_of(kernel->virt_start, 39)] = table_entry(kernel_gib);
    kernel_gib[index_of(kernel->virt_start, 30)] = table_entry(kernel_block);
    uint64_t physical = kernel->phys_start;
    for (uint64_t i = index_of(kernel->virt_start, 21); i < TABLE_ENTRIES; i++) {
        if (physical >= PLATFORM_RAM_BASE + (uint64_t)PLATFORM_RAM_BYTES) {
            break;
        }
        kernel_block[i] = physical | ATTR_NORMAL | ENTRY_ACCESSED | ENTRY_BLOCK;
        physical += LOADER_BLOCK_BYTES;
    }

    uint64_t features;
    __asm__("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
    uint64_t address_range = features & 15;
    if (address_range > PARANGE_MAX) {
        address_range = PARANGE_MAX;
    }
    /* Tables were written with caches off: drop lines that a previous stage may have left. */
    for (uintptr_t line = (uintptr_t)identity_top; line < (uintptr_t)(kernel_block + TABLE_ENTRIES);
         line += 16) {
        __asm__ volatile("dc ivac, %0" ::"r"(line) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
    loader_enable_mmu((uintptr_t)identity_top, (uintptr_t)kernel_top, MAIR_ATTRIBUTES,
                      TCR_BASE | address_range << TCR_IPS_SHIFT);
}

void loader_clean_to_unification(uint64_t start, uint64_t end)
{
    uint64_t cache_type;
    __asm__("mrs %0, ctr_el0" : "=r"(cache_type));
    uint64_t line_bytes = 4ull << (cache_type >> 16 & 15);
    for (uint64_t line = start & ~(line_bytes - 1); line < end; line += line_bytes) {
        __asm__ volatile("dc cvau, %0" ::"r"(line) : "memory");
    }
    __asm__ volatile("dsb nsh" ::: "memory");
}
