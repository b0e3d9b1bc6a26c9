/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The benchmark on aarch64: CNTVCT, the PL011 that the device tree names, power-off by PSCI.
 */
#include <libfdt.h>

#include "world.h"

#define UART_VADDR      UINT64_C(0x60000000)
#define UART_DR         0x00
#define UART_FR         0x18
#define UART_FR_TXFF    0x20
#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)
#define NS_PER_S        UINT64_C(1000000000)

static volatile uint32_t *uart;

/* Physical address of the first PL011 in the device tree block, 0 if there is none. */
static uint64_t uart_paddr(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    const char *block = (const char *)info + seL4_BootInfoFrameSize;
    const char *end = block + info->extraLen;
    while (block + sizeof(seL4_BootInfoHeader) <= end) {
        const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)block;
        if (header->id == SEL4_BOOTINFO_HEADER_FDT) {
            const void *fdt = block + sizeof(*header);
            int node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl011");
            int length = 0;
            const fdt64_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &length);
            return length >= 16 ? fdt64_to_cpu(reg[0]) : 0;
        }
        block += header->len;
    }
    return 0;
}

/* Retypes the device untyped that starts at the UART until a page of it is there, and maps it. */
void arch_console_init(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    uint64_t paddr = uart_paddr();
    for (seL4_Word i = 0; paddr != 0 && i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        if (desc->isDevice && desc->paddr == paddr) {
            seL4_CPtr frame = world_slot();
            (void)seL4_Untyped_Retype(info->untyped.start + i, seL4_ARM_SmallPageObject, 0,
                                      seL4_CapInitThreadCNode, 0, 0, frame, 1);
            for (int tries = 0; tries < 4; tries++) {
                if (seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, UART_VADDR, seL4_ReadWrite,
                                      0) == seL4_NoError) {
                    uart = (volatile uint32_t *)UART_VADDR;
                    return;
                }
                (void)arch_map_table(seL4_CapInitThreadVSpace, UART_VADDR, 0);
            }
        }
    }
}

void arch_console_write(const char *text)
{
    for (; uart != NULL && *text != '\0'; text++) {
        for (int tries = 0; tries < 100000 && (uart[UART_FR / 4] & UART_FR_TXFF) != 0; tries++) {
        }
        uart[UART_DR / 4] = (uint32_t)*text;
    }
}

uint64_t arch_counter(void)
{
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}

/* ticks stay below 2^32 here, so the product fits. */
uint64_t arch_counter_ns(uint64_t ticks)
{
    uint64_t hz;
    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return ticks * NS_PER_S / hz;
}

void arch_thread_context(seL4_UserContext *context, uint64_t pc, uint64_t sp, uint64_t argument)
{
    context->pc = pc;
    context->sp = sp;
    context->x0 = argument;
}

seL4_Word arch_page_type(void)
{
    return seL4_ARM_SmallPageObject;
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, uint64_t vaddr)
{
    return seL4_ARM_Page_Map(frame, vspace, vaddr, seL4_AllRights, seL4_ARM_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_ARM_Page_Unmap(frame);
}

seL4_Error arch_map_table(seL4_CPtr vspace, uint64_t vaddr, seL4_Word level_bits)
{
    (void)level_bits; /* the kernel installs the table at the first missing level */
    return seL4_ARM_PageTable_Map(world_object(seL4_ARM_PageTableObject, 0), vspace, vaddr,
                                  seL4_ARM_Default_VMAttributes);
}

seL4_Word arch_vspace_type(void)
{
    return seL4_ARM_VSpaceObject;
}

seL4_Error arch_vspace_assign(seL4_CPtr vspace)
{
    return seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
}

seL4_Word arch_table_type(unsigned level)
{
    (void)level;
    return seL4_ARM_PageTableObject;
}

seL4_Error arch_table_install(unsigned level, seL4_CPtr table, seL4_CPtr vspace, uint64_t vaddr)
{
    (void)level;
    return seL4_ARM_PageTable_Map(table, vspace, vaddr, seL4_ARM_Default_VMAttributes);
}

seL4_CPtr arch_vspace_create(void)
{
    seL4_CPtr vspace = world_object(seL4_ARM_VSpaceObject, 0);
    seL4_Error error = seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
    world_check(error == seL4_NoError, "ASID assignment");
    return vspace;
}

void arch_unknown_syscall(void)
{
    register seL4_Word x7 __asm__("x7") = 12345;
    __asm__ volatile("svc #0" : : "r"(x7) : "memory");
}

void arch_undefined_instruction(void)
{
    __asm__ volatile("udf #0");
}

_Noreturn void arch_power_off(void)
{
    seL4_ARM_SMCContext off = {.x0 = PSCI_SYSTEM_OFF};
    seL4_ARM_SMCContext answer;
    (void)seL4_ARM_SMC_Call(seL4_CapSMC, &off, &answer);
    for (;;) {
        seL4_Yield();
    }
}
