/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The steps of booting in the order in which boot.c takes them, and what they tell each other. A
 * step that cannot be done ends in boot_stop(). Nothing here may be called later.
 */
#pragma once

#include "boot/acpi_regs.h"

#include <abi/bootinfo.h>
#include <kernel/boot_memory.h>

#define LOADER_COMMAND_LINE_MAX 256
#define ACPI_IOAPICS_MAX        8u
#define IOMMU_UNITS_MAX         8
#define IOMMU_RMRR_MAX          32

/* What a multiboot 1 or 2 loader tells, copied out of its memory and checked. */
struct loader_info {
    char command_line[LOADER_COMMAND_LINE_MAX]; /* cut off at the end, always terminated */
    struct boot_region module;                  /* the first one: the root task's ELF file */
    paddr_t ram_end;
    uint8_t rsdp[ACPI_RSDP_BYTES];
    word_t rsdp_bytes;        /* 0: not given, search */
    word_t vbe_bytes;         /* behind the header; 0: none */
    word_t framebuffer_bytes; /* alike */
    /* Extra boot information in its final form, behind the headers. */
    seL4_X86_BootInfo_VBE vbe;
    seL4_X86_BootInfo_fb_t framebuffer;
    seL4_X86_BootInfo_mmap_t memory_map;
};

/* Memory that firmware keeps using by DMA of one device. */
struct iommu_rmrr {
    uint16_t request_id;
    paddr_t base;
    paddr_t limit; /* last byte */
};

/* What the DMAR tables say. */
struct iommu_info {
    paddr_t units[IOMMU_UNITS_MAX];
    word_t unit_count;
    struct iommu_rmrr rmrrs[IOMMU_RMRR_MAX];
    word_t rmrr_count;
    bool refused; /* the tables describe something this kernel cannot do: no IOMMU at all */
};

/* What the kernel needs from ACPI tables. */
struct acpi_info {
    uint8_t rsdp[ACPI_RSDP_BYTES]; /* revision 0 fills the first 20 bytes only */
    paddr_t lapic;
    paddr_t ioapics[ACPI_IOAPICS_MAX];
    word_t ioapic_count;
    paddr_t hpet;        /* 0: none */
    uint16_t pm_timer;   /* I/O port, 0: none */
    bool pm_timer_32bit; /* else 24 bits */
    bool skip_iommu;     /* set by the caller: leave DMAR tables alone */
    struct iommu_info iommu;
};

/*
 * Choose the console's port and set 115200 baud, 8 data bits, no parity.
 *   port  I/O port of the UART; 0 takes the BIOS's first serial port, else 0x3f8
 */
void console_init(uint16_t port);

/* Load this core's GDT, IDT and TSS and set the syscall MSRs. */
void descriptors_init(void);

/*
 * Read the loader's information, and add the RAM above 1 MiB to the boot memory.
 *   magic, info_paddr  EAX and EBX at entry
 */
void multiboot_read(uint32_t magic, paddr_t info_paddr, struct loader_info *info);

/*
 * Replace the boot page tables: W^X 4 KiB pages for the kernel image, the direct map of all memory
 * with the kernel's text and constants read-only in it as well, no identity map any more.
 *   ram_end  physical end of RAM; memory above what the direct map can hold is the caller's to
 *            leave out
 */
void paging_boot_init(paddr_t ram_end);

/* Map one page of device registers uncached at a fixed address of the window at DEVICE_BASE. */
void paging_map_device(uintptr_t address, paddr_t paddr);

/*
 * Find and read the ACPI tables. They are firmware input: every length and checksum is checked
 * before anything is believed.
 *   rsdp_copy  RSDP that the boot loader passed, or null to search the BIOS areas
 *   rsdp_bytes its length
 */
void acpi_scan(struct acpi_info *info, const void *rsdp_copy, word_t rsdp_bytes);

/* Bring up the local APIC and all IOAPICs with every pin masked; quieten the legacy PICs. */
void apic_init(const struct acpi_info *info);

/*
 * Learn the TSC's frequency and set the local APIC's timer up. Takes at most 100 us of measuring,
 * none if CPUID tells the frequency and the CPU has TSC deadlines.
 */
void timer_init(const struct acpi_info *info);

/*
 * Turn the IOMMUs on, if there are usable ones, with nothing but the RMRRs mapped: iommu_levels
 * tells. Takes memory, and reserves the registers.
 */
void iommu_init(const struct iommu_info *info);

/* Never hand out the page at a physical address. */
void boot_reserve_page(paddr_t page);

/* Forget the mapping of the kernel's boot code; the caller no longer runs in it. */
void paging_drop_boot_code(void);
