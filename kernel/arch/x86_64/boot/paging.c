/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel's own page tables: PML4 slot 511 is shared by every address space. entry.S has built
 * what boot code needs; here the pages get their final rights. All entries are global, except while
 * they may change. Source: Intel SDM vol. 3A 4.5.
 */
#include "boot/boot.h"

#include <arch/cpu.h>
#include <arch/layout.h>

#define ENTRIES    512
#define PAGE_BYTES 4096
#define LARGE_BITS 21
#define HUGE_BITS  30

#define FLAGS_TABLE     (PTE_PRESENT | PTE_WRITE)
#define FLAGS_DATA      (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NO_EXECUTE)
#define FLAGS_READ_ONLY (PTE_PRESENT | PTE_GLOBAL | PTE_NO_EXECUTE)
#define FLAGS_TEXT      (PTE_PRESENT | PTE_GLOBAL)
#define FLAGS_DEVICE    (FLAGS_DATA | PTE_WRITE_THROUGH | PTE_CACHE_DISABLE)

extern uint64_t kernel_pml4[ENTRIES];
extern uint64_t kernel_pdpt[ENTRIES];
extern uint64_t kernel_image_pd[ENTRIES];
extern uint64_t kernel_device_pd[ENTRIES];
extern const char boot_text_start[], boot_data_start[], boot_end[], text_start[], text_end[];
extern const char rodata_end[], kernel_stack_guard[], kernel_end[];

typedef uint64_t page_table[ENTRIES] __attribute__((aligned(PAGE_BYTES)));

static page_table image_pt; /* the image lies in the first 2 MiB, see kernel.ld */
static page_table direct_pd;
static page_table direct_pt; /* the same 2 MiB */
static page_table device_pt;

static BOOT_CODE paddr_t table_paddr(const void *table)
{
    return (uint64_t)table - KERNEL_BASE;
}

static BOOT_CODE void map_image(const char *start, const char *end, uint64_t flags)
{
    for (paddr_t paddr = table_paddr(start); paddr < table_paddr(end); paddr += PAGE_BYTES) {
        image_pt[paddr / PAGE_BYTES] = paddr | flags;
    }
}

static BOOT_CODE void direct_map_init(paddr_t ram_end)
{
    for (uint64_t i = 0; i < ENTRIES; i++) {
        direct_pt[i] = i * PAGE_BYTES | FLAGS_DATA;
        direct_pd[i] = i << LARGE_BITS | FLAGS_DATA | PTE_LARGE;
    }
    for (paddr_t paddr = table_paddr(text_start); paddr < table_paddr(rodata_end);
         paddr += PAGE_BYTES) {
        direct_pt[paddr / PAGE_BYTES] = paddr | FLAGS_READ_ONLY;
    }
    direct_pd[0] = table_paddr(direct_pt) | FLAGS_TABLE;
    kernel_pdpt[0] = table_paddr(direct_pd) | FLAGS_TABLE;
    for (uint64_t i = 1; i < 4 || i << HUGE_BITS < ram_end; i++) {
        kernel_pdpt[i] = i << HUGE_BITS | FLAGS_DATA | PTE_LARGE;
    }
}

BOOT_CODE void paging_boot_init(paddr_t ram_end)
{
    map_image(boot_text_start, boot_data_start, FLAGS_TEXT & ~(uint64_t)PTE_GLOBAL);
    map_image(boot_data_start, boot_end, FLAGS_DATA & ~(uint64_t)PTE_GLOBAL);
    map_image(text_start, text_end, FLAGS_TEXT);
    map_image(text_end, rodata_end, FLAGS_READ_ONLY);
    map_image(rodata_end, kernel_end, FLAGS_DATA);
    image_pt[table_paddr(kernel_stack_guard) / PAGE_BYTES] = 0;
    kernel_image_pd[0] = table_paddr(image_pt) | FLAGS_TABLE;
    kernel_device_pd[0] = table_paddr(device_pt) | FLAGS_TABLE;
    direct_map_init(ram_end);
    kernel_pml4[0] = 0; /* no identity map any more */
    /* Turning global pages off and on drops every TLB entry, global ones too. */
    cpu_write_cr4(cpu_read_cr4() & ~(uint64_t)CR4_PGE);
    cpu_write_cr4(cpu_read_cr4() | CR4_PGE);
}

BOOT_CODE void paging_map_device(uintptr_t address, paddr_t paddr)
{
    device_pt[(address - DEVICE_BASE) / PAGE_BYTES] =
        (paddr & ~(paddr_t)(PAGE_BYTES - 1)) | FLAGS_DEVICE;
    cpu_invalidate_page(address);
}

void paging_drop_boot_code(void)
{
    for (const char *page = boot_text_start; page < boot_end; page += PAGE_BYTES) {
        image_pt[table_paddr(page) / PAGE_BYTES] = 0;
    }
    cpu_write_cr3(cpu_read_cr3());
}
