/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: page tables, a free IOAPIC pin and the diagnostic ports 0x80-0x8f.
 */
#include "fuzz.h"

_Noreturn void arch_power_off(void)
{
    seL4_CPtr slot = seL4_GetBootInfo()->empty.end - 1;
    (void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x64, 0x64, seL4_CapInitThreadCNode,
                                       slot, seL4_WordBits);
    (void)seL4_X86_IOPort_Out8(slot, 0x64, 0xfe);
    for (;;) {
        seL4_Yield();
    }
}

void arch_thread_begin(seL4_UserContext *regs, seL4_Word entry, seL4_Word stack_top,
                       seL4_Word argument)
{
    regs->rip = entry;
    regs->rsp = stack_top - 8; /* as after a call */
    regs->rdi = argument;
    regs->rflags = 0x202;
}

seL4_Word arch_page_type(void)
{
    return seL4_X86_4K;
}

seL4_Word arch_table_type(void)
{
    return seL4_X86_PageTableObject;
}

seL4_Word arch_vspace_type(void)
{
    return seL4_X64_PML4Object;
}

seL4_Error arch_assign(seL4_CPtr vspace)
{
    return seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word vaddr,
                         seL4_CapRights_t rights)
{
    return seL4_X86_Page_Map(frame, vspace, vaddr, rights, seL4_X86_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_X86_Page_Unmap(frame);
}

seL4_Error arch_map_tables(seL4_CPtr vspace, seL4_Word vaddr, seL4_CPtr (*make)(seL4_Word type))
{
    seL4_Error error =
        seL4_X86_PDPT_Map(make(seL4_X86_PDPTObject), vspace, vaddr, seL4_X86_Default_VMAttributes);
    if (error == seL4_NoError) {
        error = seL4_X86_PageDirectory_Map(make(seL4_X86_PageDirectoryObject), vspace, vaddr,
                                           seL4_X86_Default_VMAttributes);
    }
    if (error == seL4_NoError) {
        error = seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject), vspace, vaddr,
                                       seL4_X86_Default_VMAttributes);
    }
    return error;
}

bool arch_devices(seL4_CPtr irq_slot, seL4_CPtr ports_slot)
{
    return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, irq_slot,
                                     seL4_WordBits, 0, 23, 0, 0, 100) == seL4_NoError &&
           seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x80, 0x8f, seL4_CapInitThreadCNode,
                                        ports_slot, seL4_WordBits) == seL4_NoError;
}
