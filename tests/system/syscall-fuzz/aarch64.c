/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: page tables and an interrupt that no device of the machine uses.
 */
#include "fuzz.h"

#define PSCI_SYSTEM_OFF 0x84000008
#define UNUSED_IRQ      150

_Noreturn void arch_power_off(void)
{
    seL4_ARM_SMCContext call = {.x0 = PSCI_SYSTEM_OFF};
    (void)seL4_ARM_SMC_Call(seL4_CapSMC, &call, &call);
    for (;;) {
        seL4_Yield();
    }
}

void arch_thread_begin(seL4_UserContext *regs, seL4_Word entry, seL4_Word stack_top,
                       seL4_Word argument)
{
    regs->pc = entry;
    regs->sp = stack_top;
    regs->x0 = argument;
}

seL4_Word arch_page_type(void)
{
    return seL4_ARM_SmallPageObject;
}

seL4_Word arch_table_type(void)
{
    return seL4_ARM_PageTableObject;
}

seL4_Word arch_vspace_type(void)
{
    return seL4_ARM_VSpaceObject;
}

seL4_Error arch_assign(seL4_CPtr vspace)
{
    return seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace);
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word vaddr,
                         seL4_CapRights_t rights)
{
    return seL4_ARM_Page_Map(frame, vspace, vaddr, rights, seL4_ARM_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_ARM_Page_Unmap(frame);
}

seL4_Error arch_map_tables(seL4_CPtr vspace, seL4_Word vaddr, seL4_CPtr (*make)(seL4_Word type))
{
    seL4_Error error = seL4_NoError;
    for (int level = 0; level < 3 && error == seL4_NoError; level++) {
        error = seL4_ARM_PageTable_Map(make(seL4_ARM_PageTableObject), vspace, vaddr,
                                       seL4_ARM_Default_VMAttributes);
    }
    return error;
}

bool arch_devices(seL4_CPtr irq_slot, seL4_CPtr ports_slot)
{
    (void)ports_slot; /* stays empty */
    return seL4_IRQControl_GetTrigger(seL4_CapIRQControl, UNUSED_IRQ, 1, seL4_CapInitThreadCNode,
                                      irq_slot, seL4_WordBits) == seL4_NoError;
}
