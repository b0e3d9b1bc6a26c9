/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel's own page tables: PML4 slot 511 is shared by every address space. entry.S has built
 * what boot code needs; here the pages get their final rights. All entries are global. Source:
 * Intel SDM vol. 3A 4.5, 4.10.4.1.
 */
#include "boot/boot.h"

#include <arch/thread.h>
#include <kernel/image.h>

#define LARGE_BITS 21
#define HUGE_BITS  30

#define KERNEL_TABLE  (PTE_PRESENT | PTE_WRITE)
#define KERNEL_DEVICE (KERNEL_DATA | PTE_WRITE_THROUGH | PTE_CACHE_DISABLE)

extern pte_t kernel_pdpt[TABLE_ENTRIES], kernel_image_pd[], kernel_device_pd[];

typedef pte_t page_table[TABLE_ENTRIES] __attribute__((aligned(BIT(LEVEL_LAST))));

static page_table image_pt; /* the image lies in the first 2 MiB, see kernel.ld */
static page_table direct_pd;
static page_table direct_pt; /* the same 2 MiB */
static page_table device_pt;

/* Turning global pages off and on drops every TLB entry, global ones too. */
static void drop_tlb(void)
{
    cpu_write_cr4(cpu_read_cr4() & ~(uint64_t)CR4_PGE);
    cpu_write_cr4(cpu_read_cr4() | CR4_PGE);
}

static BOOT_CODE void direct_map_init(paddr_t ram_end)
{
    for (word_t i = 0; i < TABLE_ENTRIES; i++) {
        direct_pt[i] = i << LEVEL_LAST | KERNEL_DATA;
        direct_pd[i] = i << LARGE_BITS | KERNEL_DATA | PTE_LARGE;
    }
    for (const char *page = kernel_boot_end; page < kernel_const_end; page += BIT(LEVEL_LAST)) {
        paddr_t paddr = kernel_image_paddr(page);
        direct_pt[paddr >> LEVEL_LAST] = paddr | KERNEL_CONST;
    }
    direct_pd[0] = kernel_image_paddr(direct_pt) | KERNEL_TABLE;
    kernel_pdpt[0] = kernel_image_paddr(direct_pd) | KERNEL_TABLE;
    for (word_t i = 1; i < 4 || i << HUGE_BITS < ram_end; i++) {
        kernel_pdpt[i] = i << HUGE_BITS | KERNEL_DATA | PTE_LARGE;
    }
}

BOOT_CODE void paging_boot_init(paddr_t ram_end)
{
    kernel_image_map(image_pt);
    kernel_image_pd[0] = kernel_image_paddr(image_pt) | KERNEL_TABLE;
    kernel_device_pd[0] = kernel_image_paddr(device_pt) | KERNEL_TABLE;
    direct_map_init(ram_end);
    kernel_pml4[0] = 0; /* no identity map any more */
    drop_tlb();
}

BOOT_CODE void paging_map_device(uintptr_t address, paddr_t paddr)
{
    device_pt[table_index(address, LEVEL_LAST)] = ALIGN_DOWN(paddr, LEVEL_LAST) | KERNEL_DEVICE;
    cpu_invalidate_page(address);
}

void paging_drop_boot_code(void)
{
    kernel_image_drop_boot(image_pt);
    drop_tlb();
}
