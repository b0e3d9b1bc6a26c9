/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: power-off by PSCI through the SMC capability.
 */
#include "arch.h"

#define PSCI_SYSTEM_OFF 0x84000008

_Noreturn void arch_power_off(void)
{
    seL4_ARM_SMCContext call = {.x0 = PSCI_SYSTEM_OFF};
    (void)seL4_ARM_SMC_Call(seL4_CapSMC, &call, &call);
    for (;;) {
        seL4_Yield();
    }
}

void arch_thread_begin(seL4_UserContext *regs, void (*entry)(void), seL4_Word stack_top)
{
    *regs = (seL4_UserContext){.pc = (seL4_Word)entry, .sp = stack_top};
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_Word vaddr)
{
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                             seL4_ARM_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_ARM_Page_Unmap(frame);
}

seL4_Word arch_page_address(seL4_CPtr frame)
{
    seL4_ARM_Page_GetAddress_t result = seL4_ARM_Page_GetAddress(frame);
    return result.error == seL4_NoError ? result.paddr : 0;
}

seL4_Word arch_page_type(void)
{
    return seL4_ARM_SmallPageObject;
}

seL4_Word arch_unknown_syscall(void)
{
    register seL4_Word x0 __asm__("x0") = 5;
    register seL4_Word x7 __asm__("x7") = 12345;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x7) : "memory");
    return x0;
}

seL4_MessageInfo_t arch_answer_unknown_syscall(seL4_Fault_t fault)
{
    for (int i = 0; i < seL4_UnknownSyscall_Syscall; i++) {
        seL4_SetMR(i, fault.words[i]);
    }
    seL4_SetMR(seL4_UnknownSyscall_X0, 777);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_Fault_UnknownSyscall_get_FaultIP(fault) + 4);
    return seL4_MessageInfo_new(0, 0, 0, seL4_UnknownSyscall_Syscall);
}

seL4_Word arch_unknown_syscall_sp(seL4_Fault_t fault)
{
    return seL4_Fault_UnknownSyscall_get_SP(fault);
}

seL4_Word arch_stack_pointer(void)
{
    seL4_Word sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    return sp;
}
