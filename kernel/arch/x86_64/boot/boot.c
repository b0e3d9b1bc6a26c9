/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Booting on x86_64: from the boot loader's information to the root task's first instruction.
 * Order: console, descriptors, loader information, CPU features, page tables, ACPI, interrupt
 * controllers, clock, FPU, root task image, then the portable kernel_boot(). Each step that can
 * fail prints why; then the machine halts. This code's memory becomes the root task's when it is
 * done.
 */
#include "boot/acpi.h"
#include "boot/elf.h"
#include "boot/multiboot.h"
#include "boot/paging.h"
#include "fpu.h"
#include "machine/apic.h"
#include "machine/console.h"
#include "machine/descriptors.h"
#include "machine/timer.h"

#include <abi/bootinfo.h>
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/timer.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/print.h>

#define PAGE_BITS 12

/* Page attribute table: entry i is memory type of attribute value i; 5..7 keep their reset values.
 */
#define PAT_VALUE 0x0007040100070406

#define CPUID_1_EDX_APIC           BIT(9)
#define CPUID_1_EDX_PAT            BIT(16)
#define CPUID_7_EBX_FSGSBASE       BIT(0)
#define CPUID_7_EBX_SMEP           BIT(7)
#define CPUID_7_EBX_SMAP           BIT(20)
#define CPUID_EXTENDED_EDX_SYSCALL BIT(11)

/* A few bytes below 4 GiB that the kernel never hands out, as the ABI's list of reserved regions
 * says. */
#define TOP_HOLE_START 0xfffffff8
#define TOP_HOLE_END   0x100000000

/* What must fit between the image and the end of user memory: IPC buffer, BootInfo and extra
 * blocks. */
#define BOOT_INFO_ROOM 0x10000

extern const char boot_start[], boot_end[], kernel_end[];

void boot_main(uint32_t magic, uint32_t info_paddr);
NORETURN void restore_user_context(void);

static BOOT_DATA struct loader_info loader;
static BOOT_DATA struct acpi_info acpi;
static BOOT_DATA struct boot_args args;
static BOOT_DATA uint32_t tsc_mhz_block;

/* Print the reason's conclusion and stop. */
static BOOT_CODE NORETURN void stop(const char *what)
{
    kernel_print("boot: %s; the machine stops\n", what);
    arch_halt();
}

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

/* The value of `key=` on the command line, 0 if absent or not a number; hex with 0x, else decimal.
 */
static BOOT_CODE word_t option_number(const char *line, const char *key)
{
    const char *digit = option_find(line, key);
    if (!digit) {
        return 0;
    }
    word_t base = digit[0] == '0' && (digit[1] == 'x' || digit[1] == 'X') ? 16 : 10;
    word_t value = 0;
    for (digit += base == 16 ? 2 : 0; *digit != 0 && *digit != ' '; digit++) {
        char lower = (char)(*digit | 0x20);
        word_t one = lower >= 'a' ? (word_t)(lower - 'a') + 10 : (word_t)(lower - '0');
        if (one >= base) {
            return 0;
        }
        value = value * base + one;
    }
    return value;
}

/* True if the blank-separated word stands on the command line. */
static BOOT_CODE bool option_present(const char *line, const char *word)
{
    const char *behind = option_find(line, word);
    return behind && (*behind == ' ' || *behind == 0);
}

static BOOT_CODE void cpu_init(void)
{
    struct cpuid basic = cpu_id(1, 0);
    struct cpuid structured = cpu_id(0, 0).eax >= 7 ? cpu_id(7, 0) : (struct cpuid){0};
    if (!(basic.edx & CPUID_1_EDX_APIC)) {
        stop("this CPU has no local APIC (CPUID 1 EDX bit 9)");
    }
    if (!(basic.edx & CPUID_1_EDX_PAT)) {
        stop("this CPU has no page attribute table (CPUID 1 EDX bit 16)");
    }
    if (!(structured.ebx & CPUID_7_EBX_FSGSBASE)) {
        stop("this CPU has no FSGSBASE (CPUID 7 EBX bit 0; QEMU: try -cpu max)");
    }
    if (!(cpu_id(0x80000001, 0).edx & CPUID_EXTENDED_EDX_SYSCALL)) {
        stop("this CPU has no SYSCALL (CPUID 0x80000001 EDX bit 11)");
    }
    uint64_t cr4 = cpu_read_cr4() | CR4_FSGSBASE;
    cr4 |= structured.ebx & CPUID_7_EBX_SMEP ? CR4_SMEP : 0;
    cr4 |= structured.ebx & CPUID_7_EBX_SMAP ? CR4_SMAP : 0;
    cpu_write_cr4(cr4);
    cpu_write_msr(MSR_PAT, PAT_VALUE);
    if (!fpu_init()) {
        stop("no usable FPU");
    }
}

/* Sort the loader's regions, round them inwards to pages, join neighbours and drop what is not
 * reachable. */
static BOOT_CODE paddr_t ram_init(void)
{
    for (word_t i = 1; i < loader.ram_count; i++) {
        struct boot_region region = loader.ram[i];
        word_t j = i;
        for (; j > 0 && loader.ram[j - 1].start > region.start; j--) {
            loader.ram[j] = loader.ram[j - 1];
        }
        loader.ram[j] = region;
    }
    paddr_t end = 0;
    for (word_t i = 0; i < loader.ram_count; i++) {
        struct boot_region region = {ALIGN_UP(loader.ram[i].start, PAGE_BITS),
                                     ALIGN_DOWN(loader.ram[i].end, PAGE_BITS)};
        if (region.end > PHYSICAL_MAP_BYTES) {
            kernel_print("boot: RAM above 0x%lx is not used\n", (word_t)PHYSICAL_MAP_BYTES);
            region.end = PHYSICAL_MAP_BYTES;
        }
        region.start = region.start < end ? end : region.start;
        if (region.start >= region.end) {
            continue;
        }
        if (args.ram_count > 0 && args.ram[args.ram_count - 1].end == region.start) {
            args.ram[args.ram_count - 1].end = region.end;
        } else {
            args.ram[args.ram_count++] = region;
        }
        end = region.end;
    }
    return end;
}

static BOOT_CODE void reserve(paddr_t start, paddr_t end)
{
    args.reserved[args.reserved_count++] = (struct boot_region){start, end};
}

static BOOT_CODE void reserved_init(void)
{
    paddr_t kernel_end_paddr = (paddr_t)kernel_end - KERNEL_BASE;
    reserve((paddr_t)boot_start, kernel_end_paddr);
    args.reusable = (struct boot_region){(paddr_t)boot_start, (paddr_t)boot_end - KERNEL_BASE};
    reserve(acpi.lapic, acpi.lapic + BIT(PAGE_BITS));
    for (word_t i = 0; i < acpi.ioapic_count; i++) {
        reserve(acpi.ioapics[i], acpi.ioapics[i] + BIT(PAGE_BITS));
    }
    reserve(TOP_HOLE_START, TOP_HOLE_END);
}

/* True if [start, start + bytes) is RAM and does not touch the module. */
static BOOT_CODE bool image_fits(paddr_t start, word_t bytes)
{
    if (start < loader.module.end && start + bytes > loader.module.start) {
        return false;
    }
    for (word_t i = 0; i < args.ram_count; i++) {
        if (start >= args.ram[i].start && start < args.ram[i].end) {
            return bytes <= args.ram[i].end - start;
        }
    }
    return false;
}

/* First choice: behind the kernel; then behind the module; then the start of any region that has
 * room. */
static BOOT_CODE paddr_t image_place(word_t bytes)
{
    paddr_t kernel_end_paddr = (paddr_t)kernel_end - KERNEL_BASE;
    if (image_fits(kernel_end_paddr, bytes)) {
        return kernel_end_paddr;
    }
    paddr_t behind_module = ALIGN_UP(loader.module.end, PAGE_BITS);
    if (image_fits(behind_module, bytes)) {
        return behind_module;
    }
    for (word_t i = 0; i < args.ram_count; i++) {
        if (args.ram[i].start >= kernel_end_paddr && image_fits(args.ram[i].start, bytes)) {
            return args.ram[i].start;
        }
    }
    return 0;
}

static BOOT_CODE void root_task_load(void)
{
    paddr_t kernel_end_paddr = (paddr_t)kernel_end - KERNEL_BASE;
    if (loader.module.end > PHYSICAL_MAP_BYTES ||
        (loader.module.start < kernel_end_paddr && loader.module.end > (paddr_t)boot_start)) {
        kernel_print("boot: the root task's file lies at 0x%lx to 0x%lx\n", loader.module.start,
                     loader.module.end);
        stop("it overlaps the kernel image or is out of reach");
    }
    const void *file = (const void *)paddr_to_kptr(loader.module.start);
    struct elf_image image;
    if (!elf_check(&image, file, loader.module.end - loader.module.start,
                   ARCH_USER_TOP - BOOT_INFO_ROOM)) {
        stop("the root task's ELF file can't be loaded");
    }
    word_t bytes = image.end - image.start;
    paddr_t place = image_place(bytes);
    if (place == 0) {
        kernel_print("boot: no room for the root task's %lu bytes\n", bytes);
        stop("not enough memory");
    }
    elf_load(&image, (uint8_t *)paddr_to_kptr(place));
    args.image = (struct boot_region){place, place + bytes};
    args.image_vaddr = image.start;
    args.entry = image.entry;
}

/* Memory beside the root task's image, which the module's file may have occupied before; 0 if none.
 */
static BOOT_CODE paddr_t take_memory(word_t bytes)
{
    loader.module = args.image;
    paddr_t place = image_place(bytes);
    if (place != 0) {
        reserve(place, place + bytes);
    }
    return place;
}

/* Without usable DMAR tables the machine goes on without an IOMMU. */
static BOOT_CODE void iommu_init(void)
{
    args.num_iopt_levels = 0;
    if (acpi.iommu.refused || acpi.iommu.unit_count == 0) {
        return;
    }
    if (!iommu_probe(&acpi.iommu)) {
        stop("the IOMMUs can't be used (command line: disable_iommu)");
    }
    paddr_t place = take_memory(iommu_memory_bytes(&acpi.iommu));
    if (place == 0) {
        stop("no memory for the IOMMU's tables");
    }
    for (word_t i = 0; i < acpi.iommu.unit_count; i++) {
        reserve(acpi.iommu.units[i], acpi.iommu.units[i] + BIT(PAGE_BITS));
    }
    iommu_start(&acpi.iommu, (void *)paddr_to_kptr(place));
    args.num_iopt_levels = iommu_levels;
}

static BOOT_CODE void add_extra(word_t id, const void *data, word_t bytes)
{
    args.extra[args.extra_count++] = (struct boot_extra){id, data, bytes};
}

static BOOT_CODE void extra_init(void)
{
    word_t header = sizeof(seL4_BootInfoHeader);
    if (loader.have_vbe) {
        add_extra(SEL4_BOOTINFO_HEADER_X86_VBE, (const char *)&loader.vbe + header,
                  sizeof(loader.vbe) - header);
    }
    add_extra(SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, acpi.rsdp, sizeof(acpi.rsdp));
    if (loader.have_framebuffer) {
        add_extra(SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER, (const char *)&loader.framebuffer + header,
                  sizeof(loader.framebuffer) - header);
    }
    add_extra(SEL4_BOOTINFO_HEADER_X86_MBMMAP, (const char *)&loader.memory_map + header,
              sizeof(loader.memory_map) - header);
    tsc_mhz_block = (uint32_t)timer_tsc_mhz;
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
    if (!multiboot_read(magic, info_paddr, &loader)) {
        stop("the boot loader's information can't be used");
    }
    word_t port = option_number(loader.command_line, "console_port=");
    if (port != 0 && port <= UINT16_MAX) {
        console_init((uint16_t)port);
    }
    cpu_init();
    paging_boot_init(ram_init());
    acpi.skip_iommu = option_present(loader.command_line, "disable_iommu");
    if (!acpi_scan(&acpi, loader.rsdp_bytes != 0 ? loader.rsdp : 0, loader.rsdp_bytes)) {
        stop("the ACPI tables can't be used");
    }
    if (!apic_init(&acpi) || !timer_init(&acpi)) {
        stop("interrupts or time can't be had");
    }
    reserved_init();
    root_task_load();
    args.num_iopt_levels = ~(word_t)0;
    if (CONFIG_IOMMU) {
        iommu_init();
    }
    extra_init();
    if (!kernel_boot(&args)) {
        stop("the root task can't be built");
    }
    boot_leave();
}
