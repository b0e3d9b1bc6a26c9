/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The benchmark on aarch64: CNTVCT, the PL011 that the device tree names, power-off by PSCI.
 */
#include <libfdt.h>

#include "world.h"
#include "world_aarch64.h"

#define DEVICES_VADDR   UINT64_C(0x60000000)
#define DEVICES_BITS    21 /* one large page holds the UART and its neighbours */
#define UART_DR         0x00
#define UART_FR         0x18
#define UART_FR_TXFF    0x20
#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)
#define NS_PER_S        UINT64_C(1000000000)

static seL4_CPtr devices_frame;
static uint64_t devices_paddr;
static volatile uint32_t *uart;

static const void *device_tree(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    const char *block = (const char *)info + seL4_BootInfoFrameSize;
    const char *end = block + info->extraLen;
    while (block + sizeof(seL4_BootInfoHeader) <= end) {
        const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)block;
        if (header->id == SEL4_BOOTINFO_HEADER_FDT) {
            return block + sizeof(*header);
        }
        block += header->len;
    }
    return NULL;
}

/* Physical address of the first such device in the device tree, 0 if there is none. */
static uint64_t device_paddr(const char *compatible, uint32_t *spi)
{
    const void *fdt = device_tree();
    int node = fdt == NULL ? -1 : fdt_node_offset_by_compatible(fdt, -1, compatible);
    int length = 0;
    const fdt64_t *reg = node < 0 ? NULL : fdt_getprop(fdt, node, "reg", &length);
    if (reg == NULL || length < (int)sizeof(*reg)) {
        return 0;
    }
    const fdt32_t *interrupts = fdt_getprop(fdt, node, "interrupts", &length);
    *spi = interrupts != NULL && length >= 12 ? fdt32_to_cpu(interrupts[1]) : 0;
    return fdt64_to_cpu(reg[0]);
}

static bool devices_map(seL4_CPtr frame, seL4_CPtr vspace)
{
    for (int tries = 0; tries < 4; tries++) {
        if (seL4_ARM_Page_Map(frame, vspace, DEVICES_VADDR, seL4_ReadWrite, 0) == seL4_NoError) {
            return true;
        }
        (void)arch_map_table(vspace, DEVICES_VADDR, 0);
    }
    return false;
}

/* The device untyped that starts at the UART's large page becomes that page, mapped. */
void arch_console_init(void)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    uint32_t spi;
    uint64_t paddr = device_paddr("arm,pl011", &spi);
    devices_paddr = paddr & ~((UINT64_C(1) << DEVICES_BITS) - 1);
    for (seL4_Word i = 0; paddr != 0 && i < info->untyped.end - info->untyped.start; i++) {
        const seL4_UntypedDesc *desc = &info->untypedList[i];
        if (desc->isDevice && desc->paddr == devices_paddr && desc->sizeBits >= DEVICES_BITS) {
            devices_frame = world_slot();
            (void)seL4_Untyped_Retype(info->untyped.start + i, seL4_ARM_LargePageObject, 0,
                                      seL4_CapInitThreadCNode, 0, 0, devices_frame, 1);
            if (devices_map(devices_frame, seL4_CapInitThreadVSpace)) {
                uart = (volatile uint32_t *)(DEVICES_VADDR + paddr - devices_paddr);
            }
            return;
        }
    }
}

volatile uint32_t *arch_device(const char *compatible, uint32_t *spi)
{
    uint64_t offset = device_paddr(compatible, spi) - devices_paddr;
    bool near = uart != NULL && offset < UINT64_C(1) << DEVICES_BITS;
    return near ? (volatile uint32_t *)(DEVICES_VADDR + offset) : NULL;
}

void arch_devices_share(seL4_CPtr vspace)
{
    seL4_CPtr copy = world_slot();
    seL4_Error error =
        seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                        devices_frame, seL4_WordBits, seL4_AllRights);
    world_check(error == seL4_NoError && devices_map(copy, vspace), "sharing the devices");
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

/* A tick is 16 instructions; three more in each round come to every phase of it. */
uint64_t arch_counter_start(int round)
{
    unsigned turns = (unsigned)round % 16 + 1;
    __asm__ volatile("1:\tsubs %w0, %w0, #1\n\tnop\n\tb.ne 1b" : "+r"(turns) : : "cc");
    return arch_counter();
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

seL4_Word arch_large_page_type(void)
{
    return seL4_ARM_LargePageObject;
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

seL4_Error arch_pool_make(seL4_CPtr untyped, seL4_CPtr slot)
{
    return seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                         slot, seL4_WordBits);
}

seL4_Error arch_pool_assign(seL4_CPtr pool, seL4_CPtr vspace)
{
    return seL4_ARM_ASIDPool_Assign(pool, vspace);
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
