/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From the boot loader to boot_main(): the multiboot 1 and 2 headers, the 32-bit entry point and
 * the switch to long mode. A multiboot loader enters in 32-bit protected mode, paging off, EAX = magic,
 * EBX = physical address of its information structure. Everything here runs at its physical address.
 *
 * Source: Multiboot Specification 0.6.96 (3.1), Multiboot2 Specification 2.0 (3.1), Intel SDM vol. 3A 9.8.5.
 */
#include <arch/layout.h>

    .section .multiboot, "a", @progbits
    .align 8
multiboot1_header:
    .set MULTIBOOT1_MAGIC, 0x1badb002
    .set MULTIBOOT1_FLAGS, 0x10003 /* page-aligned modules, memory information, address fields */
    .long MULTIBOOT1_MAGIC
    .long MULTIBOOT1_FLAGS
    .long -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)
    .long multiboot1_header
    .long boot_start
    .long load_end
    .long kernel_end_physical
    .long boot_entry

    .align 8
multiboot2_header:
    .set MULTIBOOT2_MAGIC, 0xe85250d6
    .set MULTIBOOT2_BYTES, multiboot2_header_end - multiboot2_header
    .long MULTIBOOT2_MAGIC
    .long 0 /* i386, 32-bit protected mode */
    .long MULTIBOOT2_BYTES
    .long -(MULTIBOOT2_MAGIC + MULTIBOOT2_BYTES)
    .short 0, 0 /* end tag */
    .long 8
multiboot2_header_end:

    .section .entry32, "awx", @progbits
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    mov %eax, %edi /* magic: first argument of boot_main */
    mov %ebx, %esi /* information structure: second argument */
    rdtsc
    mov %eax, kernel_entry_ticks - KERNEL_BASE
    mov %edx, kernel_entry_ticks - KERNEL_BASE + 4
    mov $boot_stack_end, %esp

    /* What the static tables below need; boot_main checks the rest. */
    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb report
    mov $0x80000001, %eax
    cpuid
    not %edx
    test $(1 << 29 | 1 << 26 | 1 << 20), %edx
    jnz report

    mov %cr4, %eax
    or $(CR4_PAE | CR4_PGE), %eax
    mov %eax, %cr4
    mov $kernel_pml4 - KERNEL_BASE, %eax
    mov %eax, %cr3
    mov $MSR_EFER, %ecx
    rdmsr
    or $(EFER_SCE | EFER_LME | EFER_NXE), %eax
    wrmsr
    mov $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
    mov %eax, %cr0
    lgdt boot_gdt_pointer
    ljmp $SELECTOR_KERNEL_CODE, $long_mode

/* Say so on the legacy COM1 and stop: nothing else works this early. */
report:
    mov $too_old_text, %ebp
    mov $0x3f8 + 5, %edx
1:  inb %dx, %al
    test $0x20, %al
    jz 1b
    mov $0x3f8, %edx
    mov (%ebp), %al
    test %al, %al
    jz 2f
    outb %al, %dx
    inc %ebp
    mov $0x3f8 + 5, %edx
    jmp 1b
2:  cli
    hlt
    jmp 2b

    .code64
long_mode:
    mov $SELECTOR_KERNEL_DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov $kernel_stack_end, %rsp
    mov %edi, %edi /* the upper halves are undefined after the mode switch */
    mov %esi, %esi
    xor %ebp, %ebp
    mov $boot_main, %rax
    call *%rax
    ud2

boot_gdt_pointer:
    .short 8 * GDT_ENTRIES - 1
    .long kernel_gdt - KERNEL_BASE

too_old_text:
    .asciz "KaaL: this CPU lacks 64-bit long mode, 1 GiB pages or no-execute pages (CPUID 0x80000001 EDX bits 29, 26, 20); boot stops\r\n"

    .align 16
    .skip 256
boot_stack_end:

/*
 * The kernel's own page tables. Filled in here as far as the way to boot_main() needs it: the first 4 GiB at
 * PHYSICAL_BASE, at their own addresses too as long as boot code runs there, and the kernel image at
 * KERNEL_BASE in a large page; paging_boot_init() gives all of them their final rights.
 */
    .section .data.page_tables, "aw", @progbits
    .align 4096
    .globl kernel_pml4
kernel_pml4:
    .quad kernel_pdpt - KERNEL_BASE + (PTE_PRESENT | PTE_WRITE)
    .fill 510, 8, 0
    .quad kernel_pdpt - KERNEL_BASE + (PTE_PRESENT | PTE_WRITE)
    .globl kernel_pdpt
kernel_pdpt:
    .set gib, 0
    .rept 4
    .quad (gib << 30) + (PTE_PRESENT | PTE_WRITE | PTE_LARGE)
    .set gib, gib + 1
    .endr
    .fill 506, 8, 0
    .quad kernel_image_pd - KERNEL_BASE + (PTE_PRESENT | PTE_WRITE)
    .quad kernel_device_pd - KERNEL_BASE + (PTE_PRESENT | PTE_WRITE)
    .globl kernel_image_pd
kernel_image_pd:
    .quad 0x000000 + (PTE_PRESENT | PTE_WRITE | PTE_LARGE)
    .fill 511, 8, 0
    .globl kernel_device_pd
kernel_device_pd:
    .fill 512, 8, 0

/* TSC at the kernel's first instructions: benchmarks read it from outside. */
    .section .data, "aw", @progbits
    .align 8
    .globl kernel_entry_ticks
kernel_entry_ticks:
    .quad 0

/* The kernel's only stack on this core, above a page that is left unmapped. */
    .section .bss.stack, "aw", @nobits
    .align 4096
    .globl kernel_stack_guard
kernel_stack_guard:
    .skip 4096
    .skip KERNEL_STACK_BYTES
    .globl kernel_stack_end
kernel_stack_end:
