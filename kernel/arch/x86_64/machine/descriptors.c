/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Segments, the interrupt table, the task state segment and the system call registers.
 * Source: Intel SDM vol. 3A 3.4.5 (descriptors), 6.14 (64-bit interrupts), 7.7 (TSS), 5.8.8
 * (SYSCALL).
 */
#include "boot/boot.h"
#include "machine/descriptors_regs.h"

#include <arch/thread.h>

#define STUB_BYTES 16

#define PANIC_STACK_BYTES 2048

extern const char vector_stubs[];
extern const char syscall_entry[];
extern uint64_t kernel_gdt[GDT_ENTRIES];

/* Null, kernel code and data, a hole (32-bit user code in SYSRET's view), user data and code, TSS.
 * entry.S loads it, too, by its physical address.
 */
uint64_t kernel_gdt[GDT_ENTRIES] = {
    0, SEGMENT_KERNEL_CODE, SEGMENT_KERNEL_DATA, 0, SEGMENT_USER_DATA, SEGMENT_USER_CODE, 0, 0,
};
/* RSP0 is misaligned by the four reserved bytes; aligning the rest keeps it in one cache line. */
static struct tss tss __attribute__((aligned(64)));
static uint64_t idt[256][2] __attribute__((aligned(16)));
static uint8_t panic_stack[PANIC_STACK_BYTES] __attribute__((aligned(16)));

static BOOT_CODE void idt_init(void)
{
    for (unsigned int vector = 0; vector < ARRAY_LENGTH(idt); vector++) {
        uint64_t stub = (uint64_t)vector_stubs + vector * STUB_BYTES;
        bool user = vector == EXCEPTION_BREAKPOINT ||
                    (vector >= VECTOR_SOFTWARE_MIN && vector <= VECTOR_SOFTWARE_MAX);
        bool panic = vector == EXCEPTION_NMI || vector == EXCEPTION_DOUBLE_FAULT ||
                     vector == EXCEPTION_MACHINE_CHECK;
        idt[vector][0] = (stub & 0xffff) | (stub & 0xffff0000) << 32 |
                         GATE_SELECTOR(SELECTOR_KERNEL_CODE) | GATE_INTERRUPT |
                         (user ? GATE_DPL_USER : 0) | (panic ? GATE_STACK : 0);
        idt[vector][1] = stub >> 32;
    }
}

BOOT_CODE void descriptors_init(void)
{
    uint64_t base = (uint64_t)&tss;
    tss.ist[0] = (uint64_t)(panic_stack + sizeof(panic_stack));
    tss.io_map_base = sizeof(tss); /* behind the limit: no port for user code */
    kernel_gdt[SELECTOR_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 |
                                   SEGMENT_TSS_AVAILABLE | (base >> 24 & 0xff) << 56;
    kernel_gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
    idt_init();

    struct table_pointer gdt_pointer = {sizeof(kernel_gdt) - 1, (uint64_t)kernel_gdt};
    struct table_pointer idt_pointer = {sizeof(idt) - 1, (uint64_t)idt};
    __asm__ volatile("lgdt %0" : : "m"(gdt_pointer));
    __asm__ volatile("lidt %0" : : "m"(idt_pointer));
    __asm__ volatile("ltr %w0" : : "r"(SELECTOR_TSS));
    /* Null data segments are fine in long mode; the user's SS comes from SYSRET and IRETQ. */
    __asm__ volatile("mov %w0, %%ds; mov %w0, %%es" : : "r"(0));

    cpu_write_msr(MSR_STAR,
                  (uint64_t)SELECTOR_SYSRET_BASE << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
    cpu_write_msr(MSR_LSTAR, (uint64_t)syscall_entry);
    cpu_write_msr(MSR_SYSCALL_MASK, RFLAGS_TRAP | RFLAGS_INTERRUPT | RFLAGS_DIRECTION |
                                        RFLAGS_NESTED | RFLAGS_ALIGNMENT_CHECK);
}

void descriptors_set_frame(struct user_context *context)
{
    tss.rsp[0] = (uint64_t)&context->regs[REG_FS_BASE];
}
