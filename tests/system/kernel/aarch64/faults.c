/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exceptions and faults. Code that faults is written in assembly with labels, so that every address
 * in a fault message can be compared.
 */
#include "arch_test.h"

FAULTING(code_identify, "mov x0, #1; mov x7, #-15", "svc #0; mov x7, #-1000; svc #0"); /* own TCB */
FAULTING(code_put_char, "mov x0, #10; mov x7, #-12", "svc #0; mov x7, #-1000; svc #0");
FAULTING(code_udf, "nop", "udf #0");
FAULTING(code_brk, "nop", "brk #7");
FAULTING(code_smc, "nop", ".inst 0xd4000003");
FAULTING(code_hvc, "nop", ".inst 0xd4000002");
FAULTING(code_privileged, "nop", "mrs x0, sctlr_el1");
FAULTING(code_cntpct, "nop", "mrs x0, cntpct_el0");
FAULTING(code_read, "nop", "ldr x1, [x0]");
FAULTING(code_write, "nop", "str x1, [x0]");
FAULTING(code_jump, "nop", "br x0");

/* Every register gets a value of its own; then an unknown system call. */
extern const char code_syscall[], code_syscall_ip[];
__asm__(".text\n.balign 4\n"
        "code_syscall:\n"
        ".irp n, 0,1,2,3,4,5,6,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
        "mov x\\n, #0xa00 + \\n\n"
        ".endr\n"
        "mov x7, #0x7770; mov sp, x7; mov x7, #-777\n"
        "code_syscall_ip: svc #0\n"
        "udf #0\n");

seL4_Word start_code(struct victim *victim, const char *code, uint64_t argument)
{
    victim_start(victim, (void (*)(uint64_t))(uintptr_t)code, argument);
    return victim_fault(victim);
}

static void expect_exception(const char *code, const char *ip, seL4_Word esr, const char *name)
{
    static struct victim victim;
    seL4_Word label = start_code(&victim, code, 0);
    bool good =
        label == seL4_Fault_UserException &&
        seL4_GetMR(seL4_UserException_FaultIP) == (seL4_Word)ip &&
        seL4_GetMR(seL4_UserException_SP) == (seL4_Word)(victim.thread.stack + STACK_WORDS) &&
        seL4_GetMR(seL4_UserException_Number) == esr && seL4_GetMR(seL4_UserException_Code) == 0;
    check(good, name);
    if (!good) {
        check_equal(label, seL4_Fault_UserException, "label");
        check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)ip, "IP");
        check_equal(seL4_GetMR(seL4_UserException_Number), esr, "syndrome");
    }
    world_thread_stop(&victim.thread);
}

void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
                     seL4_Word esr, const char *name)
{
    static struct victim victim;
    seL4_Word label = start_code(&victim, code, address);
    bool good = label == seL4_Fault_VMFault && seL4_GetMR(seL4_VMFault_IP) == ip &&
                seL4_GetMR(seL4_VMFault_Addr) == address &&
                seL4_GetMR(seL4_VMFault_PrefetchFault) == fetch &&
                seL4_GetMR(seL4_VMFault_FSR) == esr;
    check(good, name);
    if (!good) {
        check_equal(label, seL4_Fault_VMFault, "label");
        check_equal(seL4_GetMR(seL4_VMFault_IP), ip, "IP");
        check_equal(seL4_GetMR(seL4_VMFault_Addr), address, "address");
        check_equal(seL4_GetMR(seL4_VMFault_FSR), esr, "syndrome");
    }
    world_thread_stop(&victim.thread);
}

void expect_read_fault(seL4_Word vaddr, seL4_Word reason, const char *name)
{
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, vaddr, 0, ESR_DATA | reason, name);
}

void expect_write_fault(seL4_Word vaddr, seL4_Word reason, const char *name)
{
    expect_vm_fault(code_write, (seL4_Word)code_write_ip, vaddr, 0, ESR_DATA | ESR_WRITE | reason,
                    name);
}

void test_exceptions(void)
{
    expect_exception(code_udf, code_udf_ip, ESR_UNDEFINED, "an undefined instruction");
#ifndef CONFIG_HARDWARE_DEBUG_API /* else a debug exception */
    expect_exception(code_brk, code_brk_ip, ESR_BRK + 7, "brk with its number");
#endif
    expect_exception(code_smc, code_smc_ip, ESR_UNDEFINED, "smc is undefined for users");
    expect_exception(code_hvc, code_hvc_ip, ESR_UNDEFINED, "hvc is undefined for users");
    expect_exception(code_privileged, code_privileged_ip, ESR_UNDEFINED,
                     "a system register of EL1 is undefined for users");
#ifdef CONFIG_EXPORT_PCNT_USER
    uint64_t counter;
    __asm__ volatile("mrs %0, cntpct_el0" : "=r"(counter));
    check(counter != 0, "the physical counter is exported");
#else
    expect_exception(code_cntpct, code_cntpct_ip, ESR_CNTPCT_TO_X0,
                     "the physical counter is trapped");
#endif
    expect_read_fault(TEST_VADDR + 0x10, ESR_TRANSLATION, "read of nothing");
    expect_write_fault(TEST_VADDR + 0x18, ESR_TRANSLATION, "write to nothing");
    expect_vm_fault(code_jump, TEST_VADDR + 0x20, TEST_VADDR + 0x20, 1, ESR_FETCH | ESR_TRANSLATION,
                    "jump to nothing");
    expect_read_fault(UINT64_C(0x0100000000000000), ESR_TRANSLATION,
                      "an address above the user half is a VM fault");

    static struct victim victim;
    check_equal(start_code(&victim, code_read, UINT64_C(0xffffffffc0010000)), seL4_Fault_VMFault,
                "read of the kernel");
    check_equal(seL4_GetMR(seL4_VMFault_Addr), UINT64_C(0xffffffffc0010000), "at its address");
    world_thread_stop(&victim.thread);
}

/* The reply to an exception sets IP, stack pointer and, sanitised, the flags; a label stops. */
void test_exception_reply(void)
{
    static struct victim victim;
    seL4_UserContext context;
    check_equal(start_code(&victim, code_udf, 0), seL4_Fault_UserException, "an exception");
    seL4_SetMR(seL4_UserException_FaultIP, (seL4_Word)code_hvc_ip);
    seL4_SetMR(seL4_UserException_SP, 0x1234560);
    seL4_SetMR(seL4_UserException_SPSR, ~(seL4_Word)0);
    check_equal(victim_reply(&victim, 3), seL4_Fault_UserException, "its reply continues it");
    check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code_hvc_ip, "elsewhere");
    check_equal(seL4_GetMR(seL4_UserException_SP), 0x1234560, "with another stack");
    check_equal(seL4_GetMR(seL4_UserException_SPSR) & (SPSR_NZCV | 0xf), SPSR_NZCV,
                "and allowed flags");
    seL4_SetMR(0, 0x1111);
    seL4_Send(victim.reply, seL4_MessageInfo_new(1, 0, 0, 1));
    check_equal(seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 2, &context), seL4_NoError,
                "a reply with a label stops it");
    check_equal(*(seL4_Word *)&context, 0x1111, "with the reply's registers");
    world_thread_stop(&victim.thread);
}

/* Debug system calls work in debug builds; in others they are unknown like any number. */
static void expect_debug_call(const char *code, bool exists, seL4_Word number, seL4_Word argument,
                              seL4_Word result, const char *name)
{
    static struct victim victim;
    check_equal(start_code(&victim, code, 0), seL4_Fault_UnknownSyscall, name);
    check_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), exists ? (seL4_Word)-1000 : number,
                "its number");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_X0), exists ? result : argument, "its argument");
    world_thread_stop(&victim.thread);
}

void test_debug_syscalls(void)
{
#ifdef CONFIG_DEBUG_BUILD
    expect_debug_call(code_identify, true, 0, 0, 12, "CapIdentify tells a TCB, and goes on");
#else
    expect_debug_call(code_identify, false, (seL4_Word)-15, 1, 0, "CapIdentify is not there");
#endif
#ifdef CONFIG_PRINTING
    expect_debug_call(code_put_char, true, 0, 0, 10, "PutChar prints, and goes on");
#else
    expect_debug_call(code_put_char, false, (seL4_Word)-12, 10, 0, "PutChar is not there");
#endif
}

void test_unknown_syscall(void)
{
    static struct victim victim;
    check_equal(start_code(&victim, code_syscall, 0), seL4_Fault_UnknownSyscall,
                "an unknown system call faults");
    bool good = seL4_GetMR(seL4_UnknownSyscall_X7) == (seL4_Word)-777;
    for (int i = 0; i < 7; i++) {
        good = good && seL4_GetMR(i) == 0xa00 + (seL4_Word)i;
    }
    check(good, "its message holds x0 to x7");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_FaultIP), (seL4_Word)code_syscall_ip,
                "the address of the svc instruction");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_SP), 0x7770, "the stack pointer");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_LR), (seL4_Word)code_syscall_ip + 4,
                "the next instruction");
    seL4_Word spsr = seL4_GetMR(seL4_UnknownSyscall_SPSR);
    check_equal(spsr & 0xf, 0, "user mode in the status register");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)-777, "and the number");

    for (int i = 0; i < 8; i++) {
        seL4_SetMR(i, 0x1000 + (seL4_Word)i);
    }
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, (seL4_Word)code_syscall_ip + 4); /* the udf */
    seL4_SetMR(seL4_UnknownSyscall_SP, 0x8880);
    seL4_SetMR(seL4_UnknownSyscall_LR, 0x12345678);
    seL4_SetMR(seL4_UnknownSyscall_SPSR, ~(seL4_Word)0);
    check_equal(victim_reply(&victim, 12), seL4_Fault_UserException, "the reply continues it");
    check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code_syscall_ip + 4,
                "behind the system call");
    check_equal(seL4_GetMR(seL4_UserException_SP), 0x8880, "with the reply's stack pointer");
    check_equal(seL4_GetMR(seL4_UserException_SPSR), (spsr & ~SPSR_NZCV) | SPSR_NZCV,
                "and of its status only the condition flags");
    seL4_UserContext context = {0};
    seL4_Error error = seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 36, &context);
    check_equal(error, seL4_NoError, "read the registers");
    check(context.x0 == 0x1000 && context.x1 == 0x1001 && context.x2 == 0x1002 &&
              context.x3 == 0x1003 && context.x4 == 0x1004 && context.x5 == 0x1005 &&
              context.x6 == 0x1006 && context.x7 == 0x1007,
          "x0 to x7 are the reply's");
    check(context.x8 == 0xa08 && context.x9 == 0xa09 && context.x15 == 0xa0f &&
              context.x16 == 0xa10 && context.x17 == 0xa11 && context.x18 == 0xa12 &&
              context.x19 == 0xa13 && context.x28 == 0xa1c && context.x29 == 0xa1d &&
              context.x30 == 0xa1e,
          "the others are the thread's own");
    check(context.pc == (seL4_Word)code_syscall_ip + 4 && context.sp == 0x8880, "PC and SP, too");
    seL4_SetMR(0, 0);
    seL4_Send(victim.reply, seL4_MessageInfo_new(1, 0, 0, 0));
    check_equal(seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 37, &context), seL4_RangeError,
                "37 registers are too many");
    check(seL4_GetMR(0) == 1 && seL4_GetMR(1) == 36, "of 1 to 36");
    world_thread_stop(&victim.thread);
}
