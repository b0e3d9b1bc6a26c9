/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The benchmark on x86_64: TSC, COM1 and the end of the machine by port capabilities.
 */
#include "world.h"

#define KEYBOARD_PORT  0x64
#define KEYBOARD_RESET 0xfe
#define COM1_FIRST     0x3f8
#define COM1_LAST      0x3ff
#define COM1_THR       COM1_FIRST
#define COM1_LSR       (COM1_FIRST + 5)
#define LSR_THRE       0x20 /* transmitter holding register empty */

static seL4_CPtr com1;

void arch_console_init(void)
{
    com1 = world_slot();
    (void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, COM1_FIRST, COM1_LAST,
                                       seL4_CapInitThreadCNode, com1, seL4_WordBits);
}

void arch_console_write(const char *text)
{
    for (; *text != '\0'; text++) {
        for (int tries = 0; tries < 100000; tries++) {
            if ((seL4_X86_IOPort_In8(com1, COM1_LSR).result & LSR_THRE) != 0) {
                break;
            }
        }
        (void)seL4_X86_IOPort_Out8(com1, COM1_THR, (seL4_Word)*text);
    }
}

uint64_t arch_counter(void)
{
    return __builtin_ia32_rdtsc();
}

uint64_t arch_counter_start(int round)
{
    (void)round; /* every instruction is a tick */
    return arch_counter();
}

/* Under -icount shift=0 QEMU's TSC runs at 1 GHz whatever the kernel measured. */
uint64_t arch_counter_ns(uint64_t ticks)
{
    return ticks;
}

void arch_thread_context(seL4_UserContext *context, uint64_t pc, uint64_t sp, uint64_t argument)
{
    context->rip = pc;
    context->rsp = sp - 8; /* as after a call */
    context->rdi = argument;
}

seL4_Word arch_page_type(void)
{
    return seL4_X86_4K;
}

seL4_Word arch_large_page_type(void)
{
    return seL4_X86_LargePageObject;
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, uint64_t vaddr)
{
    return seL4_X86_Page_Map(frame, vspace, vaddr, seL4_AllRights, seL4_X86_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_X86_Page_Unmap(frame);
}

seL4_Error arch_map_table(seL4_CPtr vspace, uint64_t vaddr, seL4_Word level_bits)
{
    switch (level_bits) {
    case SEL4_MAPPING_LOOKUP_NO_PT:
        return seL4_X86_PageTable_Map(world_object(seL4_X86_PageTableObject, 0), vspace, vaddr,
                                      seL4_X86_Default_VMAttributes);
    case SEL4_MAPPING_LOOKUP_NO_PD:
        return seL4_X86_PageDirectory_Map(world_object(seL4_X86_PageDirectoryObject, 0), vspace,
                                          vaddr, seL4_X86_Default_VMAttributes);
    default:
        return seL4_X86_PDPT_Map(world_object(seL4_X86_PDPTObject, 0), vspace, vaddr,
                                 seL4_X86_Default_VMAttributes);
    }
}

seL4_Word arch_vspace_type(void)
{
    return seL4_X64_PML4Object;
}

seL4_Error arch_vspace_assign(seL4_CPtr vspace)
{
    return seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
}

seL4_Error arch_pool_make(seL4_CPtr untyped, seL4_CPtr slot)
{
    return seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                         slot, seL4_WordBits);
}

seL4_Error arch_pool_assign(seL4_CPtr pool, seL4_CPtr vspace)
{
    return seL4_X86_ASIDPool_Assign(pool, vspace);
}

seL4_Word arch_table_type(unsigned level)
{
    static const seL4_Word types[] = {seL4_X86_PDPTObject, seL4_X86_PageDirectoryObject,
                                      seL4_X86_PageTableObject};
    return types[level];
}

seL4_Error arch_table_install(unsigned level, seL4_CPtr table, seL4_CPtr vspace, uint64_t vaddr)
{
    switch (level) {
    case 0:
        return seL4_X86_PDPT_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    case 1:
        return seL4_X86_PageDirectory_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    default:
        return seL4_X86_PageTable_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    }
}

seL4_CPtr arch_vspace_create(void)
{
    seL4_CPtr vspace = world_object(seL4_X64_PML4Object, 0);
    seL4_Error error = seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
    world_check(error == seL4_NoError, "ASID assignment");
    return vspace;
}

void arch_unknown_syscall(void)
{
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     :
                     : "d"(12345ul)
                     : "rbx", "rcx", "r11", "memory");
}

void arch_undefined_instruction(void)
{
    __asm__ volatile("ud2");
}

/* A reset by the keyboard controller, which ends QEMU with -no-reboot. */
_Noreturn void arch_power_off(void)
{
    seL4_CPtr keyboard = world_slot();
    (void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, KEYBOARD_PORT, KEYBOARD_PORT,
                                       seL4_CapInitThreadCNode, keyboard, seL4_WordBits);
    (void)seL4_X86_IOPort_Out8(keyboard, KEYBOARD_PORT, KEYBOARD_RESET);
    for (;;) {
        seL4_Yield();
    }
}
