/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86_64: power-off through the keyboard controller's reset line (QEMU runs with -no-reboot).
 */
#include "arch.h"

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

void arch_thread_begin(seL4_UserContext *regs, void (*entry)(void), seL4_Word stack_top)
{
    *regs = (seL4_UserContext){.rip = (seL4_Word)entry, .rsp = stack_top - 8, .rflags = 0x202};
}

seL4_Error arch_map_page(seL4_CPtr frame, seL4_Word vaddr)
{
    return seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite,
                             seL4_X86_Default_VMAttributes);
}

seL4_Error arch_unmap_page(seL4_CPtr frame)
{
    return seL4_X86_Page_Unmap(frame);
}

seL4_Word arch_page_address(seL4_CPtr frame)
{
    seL4_X86_Page_GetAddress_t result = seL4_X86_Page_GetAddress(frame);
    return result.error == seL4_NoError ? result.paddr : 0;
}

seL4_Word arch_page_type(void)
{
    return seL4_X86_4K;
}

seL4_Word arch_unknown_syscall(void)
{
    seL4_Word result;
    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "=a"(result)
                     : "d"(12345ul), "a"(5ul)
                     : "rbx", "rcx", "r11", "memory");
    return result;
}

seL4_MessageInfo_t arch_answer_unknown_syscall(seL4_Fault_t fault)
{
    for (int i = 0; i < seL4_UnknownSyscall_Syscall; i++) {
        seL4_SetMR(i, fault.words[i]);
    }
    seL4_SetMR(seL4_UnknownSyscall_RAX, 777);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_Fault_UnknownSyscall_get_FaultIP(fault) + 2);
    return seL4_MessageInfo_new(0, 0, 0, seL4_UnknownSyscall_Syscall);
}

seL4_Word arch_unknown_syscall_sp(seL4_Fault_t fault)
{
    return seL4_Fault_UnknownSyscall_get_RSP(fault);
}

seL4_Word arch_stack_pointer(void)
{
    seL4_Word sp;
    __asm__ volatile("movq %%rsp, %0" : "=r"(sp));
    return sp;
}
