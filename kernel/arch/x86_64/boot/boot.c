/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Booting on x86_64: from the boot loader's information to the root task's first instruction.
 * Order: console, descriptors, loader information, CPU features, page tables, ACPI, interrupt
 * controllers, clock, FPU, root task image, then the portable kernel_boot(). A step that cannot go
 * on stops the machine. This code's memory becomes the root task's when it is done.
 */
#include "boot/boot.h"
#include "elf_image.h" /* of loader/ */
#include "invocation.h"

#include <arch/paging.h>
#include <arch/timer.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/fpu.h>
#include <kernel/image.h>
#include <kernel/print.h>

/* Page attribute table: entry i is memory type of attribute value i; 5..7 keep their reset values.
 */
#define PAT_VALUE 0x0007040100070406

/* A few bytes below 4 GiB that the kernel never hands out, as the ABI's list of reserved regions
 * says. */
#define TOP_HOLE_START 0xfffffff8
#define TOP_HOLE_END   0x100000000

extern const char boot_start[]; /* a physical address */

void boot_main(uint32_t magic, uint32_t info_paddr);
NORETURN void restore_user_context(void);

static BOOT_DATA struct loader_info loader;
static BOOT_DATA struct acpi_info acpi;
static BOOT_DATA struct boot_args args;
static BOOT_DATA uint32_t tsc_mhz_block;

/* ---- command line ---- */

/* What follows the first blank-separated word that begins with `start`; null if there is none. */
static BOOT_CODE const char *option_find(const char *line, const char *start)
{
    for (word_t i = 0; line[i] != 0; i++) {
        word_t length = 0;
        while (start[length] != 0 && line[i + length] == start[length]) {
            length++;
        }
        if (start[length] == 0 && (i == 0 || line[i - 1] == ' ')) {
            return &line[i + length];
        }
    }
    return NULL;
}

/* The value of `key=`, 0 if absent or not a number that fits; hex with 0x, else decimal. */
static BOOT_CODE uint16_t option_number(const char *line, const char *key)
{
    const char *digit = option_find(line, key);
    bool hex = digit && digit[0] == '0' && (digit[1] | 0x20) == 'x';
    word_t base = hex ? 16 : 10;
    word_t value = 0;
    for (digit += hex ? 2 : 0; digit && *digit != 0 && *digit != ' '; digit++) {
        char lower = (char)(*digit | 0x20);
        word_t one = lower >= 'a' ? (word_t)(lower - 'a') + 10 : (word_t)(lower - '0');
        value = value * base + one;
        if (one >= base || value > UINT16_MAX) {
            return 0;
        }
    }
    return (uint16_t)value;
}

/* ---- steps ---- */

static BOOT_CODE void need(bool present, const char *what)
{
    if (!present) {
        boot_stop("this CPU has no %s", what);
    }
}

static BOOT_CODE void cpu_init(void)
{
    struct cpuid basic = cpu_id(1, 0);
    struct cpuid structured = cpu_id(0, 0).eax >= 7 ? cpu_id(7, 0) : (struct cpuid){0};
    need(basic.edx & CPUID_1_EDX_APIC, "local APIC (CPUID 1 EDX bit 9)");
    need(basic.edx & CPUID_1_EDX_PAT, "page attribute table (CPUID 1 EDX bit 16)");
    need(structured.ebx & CPUID_7_EBX_FSGSBASE, "FSGSBASE (CPUID 7 EBX bit 0; QEMU: try -cpu max)");
    need(cpu_id(0x80000001, 0).edx & CPUID_EXTENDED_EDX_SYSCALL,
         "SYSCALL (CPUID 0x80000001 EDX bit 11)");
    need(basic.edx & CPUID_1_EDX_FXSR && basic.edx & CPUID_1_EDX_SSE2,
         "FXSAVE or SSE2 (CPUID 1 EDX bits 24 and 26)");
    uint64_t cr4 = cpu_read_cr4() | CR4_FSGSBASE | CR4_OSFXSR | CR4_OSXMMEXCPT;
    cr4 |= structured.ebx & CPUID_7_EBX_SMEP ? CR4_SMEP : 0;
    cr4 |= structured.ebx & CPUID_7_EBX_SMAP ? CR4_SMAP : 0;
    cpu_write_cr4(cr4);
    cpu_write_msr(MSR_PAT, PAT_VALUE);
    __asm__ volatile("fninit");
    arch_fpu_set_trap(true);
}

BOOT_CODE void boot_reserve_page(paddr_t page)
{
    boot_memory_reserve((struct boot_region){page, page + BIT(seL4_PageBits)});
}

static BOOT_CODE void reserve_all(void)
{
    boot_memory_reserve(
        (struct boot_region){(paddr_t)boot_start, kernel_image_paddr(kernel_image_end)});
    boot_memory_reserve((struct boot_region){TOP_HOLE_START, TOP_HOLE_END});
    boot_reserve_page(acpi.lapic);
    for (word_t i = 0; i < acpi.ioapic_count; i++) {
        boot_reserve_page(acpi.ioapics[i]);
    }
}

/*
 * Copy the root task out of the module, to the lowest memory that has room: behind the kernel, else
 * behind the module. The module's own memory is free again afterwards.
 */
static BOOT_CODE void root_task_load(void)
{
    struct boot_region module = {ALIGN_DOWN(loader.module.start, seL4_PageBits),
                                 ALIGN_UP(loader.module.end, seL4_PageBits)};
    if (!boot_memory_take(module)) {
        boot_stop(
            "the root task's file at 0x%lx to 0x%lx overlaps the kernel image or is not in RAM",
            loader.module.start, loader.module.end);
    }
    struct elf_image image;
    struct elf_error error;
    if (elf_image_check((const void *)paddr_to_kptr(loader.module.start),
                        loader.module.end - loader.module.start, ELF_MACHINE_X86_64, &image,
                        &error) != 0) {
        if (error.where == ELF_ERROR_FILE) {
            boot_stop("root task: %s", error.what);
        }
        boot_stop("root task: %s, program header %lu", error.what, error.where);
    }
    if (image.virt_end > ARCH_USER_TOP) {
        boot_stop("root task ends at 0x%lx, above the user address space", image.virt_end);
    }
    word_t bytes = ALIGN_UP(image.virt_end - image.virt_start, seL4_PageBits);
    paddr_t place = boot_memory_take_lowest(bytes);
    if (place == BOOT_NO_MEMORY) {
        boot_stop("no room for the root task's %lu bytes", bytes);
    }
    elf_image_copy(&image, (uint8_t *)paddr_to_kptr(place), bytes);
    boot_memory_add_ram(module);
    args.image = (struct boot_region){place, place + bytes};
    args.image_vaddr = image.virt_start;
    args.entry = image.entry;
}

static BOOT_CODE void add_extra(word_t id, const void *data, word_t bytes)
{
    if (bytes != 0) {
        args.extra[args.extra_count++] = (struct boot_extra){id, data, bytes};
    }
}

/* In the ABI's order. The blocks that multiboot.c filled have room for their headers, which are not
 * counted here. */
static BOOT_CODE void extra_init(void)
{
    tsc_mhz_block = (uint32_t)timer_tsc_mhz;
    add_extra(SEL4_BOOTINFO_HEADER_X86_VBE, loader.vbe.vbeInfoBlock, loader.vbe_bytes);
    add_extra(SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, acpi.rsdp, sizeof(acpi.rsdp));
    add_extra(SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER, &loader.framebuffer.addr,
              loader.framebuffer_bytes);
    add_extra(SEL4_BOOTINFO_HEADER_X86_MBMMAP, &loader.memory_map.mmap_length,
              sizeof(loader.memory_map) - sizeof(seL4_BootInfoHeader));
    add_extra(SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, &tsc_mhz_block, sizeof(tsc_mhz_block));
}

/* Last step, outside the boot code that it unmaps. */
static NORETURN __attribute__((noinline)) void boot_leave(void)
{
    paging_drop_boot_code();
    restore_user_context();
}

BOOT_CODE void boot_main(uint32_t magic, uint32_t info_paddr)
{
    console_init(0);
    descriptors_init();
    boot_memory_init();
    multiboot_read(magic, info_paddr, &loader);
    uint16_t port = option_number(loader.command_line, "console_port=");
    if (port != 0) {
        console_init(port);
    }
    cpu_init();
    paging_boot_init(loader.ram_end);
    const char *behind = option_find(loader.command_line, "disable_iommu");
    acpi.skip_iommu = behind && (*behind == ' ' || *behind == 0);
    acpi_scan(&acpi, loader.rsdp_bytes != 0 ? loader.rsdp : NULL, loader.rsdp_bytes);
    apic_init(&acpi);
    timer_init(&acpi);
    reserve_all();
    root_task_load();
    if (CONFIG_IOMMU) {
        iommu_init(&acpi.iommu);
    }
    args.num_iopt_levels = CONFIG_IOMMU ? iommu_levels : ~(word_t)0;
    args.reusable = (struct boot_region){(paddr_t)boot_start, kernel_image_paddr(kernel_boot_end)};
    extra_init();
    kernel_boot(&args);
    boot_leave();
}
