/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exceptions and faults. Code that faults is written in assembly with labels, so that every address
 * in a fault message can be compared.
 */
#include "arch_test.h"

/* Error code of a refused `int n`: 8n + 2 on hardware, but QEMU 7.2 counts in 16-byte entries. */
#define IDT_ERROR(n) (16 * (n) + 2)

FAULTING(code_divide, "xor %ecx, %ecx; mov $1, %eax; xor %edx, %edx", "div %ecx");
FAULTING(code_int3, "nop", "int3");
FAULTING(code_ud2, "nop", "ud2");
FAULTING(code_hlt, "nop", "hlt");
FAULTING(code_int80, "nop", "int $0x80");
FAULTING(code_canonical, "movabs $0x800000000000, %rax", "mov (%rax), %rbx");
FAULTING(code_read, "movabs $0x600000000010, %rax", "mov (%rax), %rbx");
FAULTING(code_write, "movabs $0x600000000018, %rax", "mov %rbx, (%rax)");
FAULTING(code_jump, "movabs $0x600000000020, %rax", "jmp *%rax");
FAULTING(code_kernel, "movabs $0xffffffff80100000, %rax", "mov (%rax), %rbx");
FAULTING(code_int158, "mov $0x12345678, %eax", "int $158");
FAULTING(code_int157, "nop", "int $157");
FAULTING(code_out, "mov $0x80, %edx", "outb %al, %dx");
FAULTING(code_identify, "mov $1, %edi; mov $-15, %rdx", "syscall"); /* the test's TCB */
FAULTING(code_put_char, "mov $10, %edi; mov $-12, %rdx", "syscall");
FAULTING(code_trap, "pushfq; orq $0x100, (%rsp); popfq", "nop");

/* Every register gets a value of its own; then an unknown system call, and after it whatever the
 * reply put there. */
extern const char code_syscall[], code_syscall_ip[];
__asm__(".text\n"
        "code_syscall:\n"
        "mov $0xa1, %eax; mov $0xb1, %ebx; mov $0x51, %esi; mov $0xd1, %edi; mov $0xb9, %ebp\n"
        "mov $8, %r8d; mov $9, %r9d; mov $10, %r10d; mov $12, %r12d; mov $13, %r13d\n"
        "mov $14, %r14d; mov $15, %r15d; mov $-777, %rdx; movabs $0x123456789abc, %rsp\n"
        "code_syscall_ip: syscall\n"
        "ud2\n");

seL4_Word start_code(struct victim *victim, const char *code)
{
    victim_start(victim, (void (*)(uint64_t))(uintptr_t)code, 0);
    return victim_fault(victim);
}

static void expect_exception(const char *code, const char *ip, seL4_Word vector, seL4_Word error,
                             const char *name)
{
    static struct victim victim;
    seL4_Word label = start_code(&victim, code);
    bool good =
        label == seL4_Fault_UserException &&
        seL4_GetMR(seL4_UserException_FaultIP) == (seL4_Word)ip &&
        seL4_GetMR(seL4_UserException_SP) == (seL4_Word)(victim.thread.stack + STACK_WORDS) - 8 &&
        (seL4_GetMR(seL4_UserException_FLAGS) & RFLAGS_MASK) == RFLAGS_USER &&
        seL4_GetMR(seL4_UserException_Number) == vector &&
        seL4_GetMR(seL4_UserException_Code) == error;
    check(good, name);
    if (!good) {
        check_equal(label, seL4_Fault_UserException, "label");
        check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)ip, "IP");
        check_equal(seL4_GetMR(seL4_UserException_Number), vector, "vector");
        check_equal(seL4_GetMR(seL4_UserException_Code), error, "error code");
    }
    world_thread_stop(&victim.thread);
}

void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
                     seL4_Word status, const char *name)
{
    static struct victim victim;
    seL4_Word label = start_code(&victim, code);
    bool good = label == seL4_Fault_VMFault && seL4_GetMR(seL4_VMFault_IP) == ip &&
                seL4_GetMR(seL4_VMFault_Addr) == address &&
                seL4_GetMR(seL4_VMFault_PrefetchFault) == fetch &&
                seL4_GetMR(seL4_VMFault_FSR) == status;
    check(good, name);
    if (!good) {
        check_equal(label, seL4_Fault_VMFault, "label");
        check_equal(seL4_GetMR(seL4_VMFault_IP), ip, "IP");
        check_equal(seL4_GetMR(seL4_VMFault_Addr), address, "address");
        check_equal(seL4_GetMR(seL4_VMFault_FSR), status, "status");
    }
    world_thread_stop(&victim.thread);
}

void test_exceptions(void)
{
    expect_exception(code_divide, code_divide_ip, 0, 0, "divide error is exception 0");
#ifndef CONFIG_HARDWARE_DEBUG_API /* else a debug exception */
    expect_exception(code_int3, code_int3_next, 3, 0, "int3 is exception 3, IP behind it");
#endif
    expect_exception(code_ud2, code_ud2_ip, 6, 0, "ud2 is exception 6");
    expect_exception(code_hlt, code_hlt_ip, 13, 0, "a privileged instruction is exception 13");
    expect_exception(code_int80, code_int80_ip, 13, IDT_ERROR(0x80), "int 0x80 is exception 13");
    expect_exception(code_int157, code_int157_ip, 13, IDT_ERROR(157),
                     "int of the kernel's timer vector is exception 13");
    expect_exception(code_canonical, code_canonical_ip, 13, 0,
                     "a non-canonical address is exception 13");
    expect_exception(code_out, code_out_ip, 13, 0, "a port instruction is exception 13");
    expect_exception(code_trap, code_trap_next, 1, 0, "a single step is exception 1");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER,
                    "read of nothing");
    expect_vm_fault(code_write, (seL4_Word)code_write_ip, TEST_VADDR + 0x18, 0,
                    FAULT_USER | FAULT_WRITE, "write to nothing");
    expect_vm_fault(code_jump, TEST_VADDR + 0x20, TEST_VADDR + 0x20, 1, FAULT_USER | FAULT_FETCH,
                    "jump to nothing");
    expect_vm_fault(code_kernel, (seL4_Word)code_kernel_ip, 0xffffffff80100000, 0, FAULT_USER,
                    "read of the kernel");
}

/* The reply to an exception sets IP, stack pointer and, sanitised, the flags; a label stops. */
void test_exception_reply(void)
{
    static struct victim victim;
    seL4_UserContext context;
    check_equal(start_code(&victim, code_ud2), seL4_Fault_UserException, "an exception");
    seL4_SetMR(seL4_UserException_FaultIP, (seL4_Word)code_hlt_ip);
    seL4_SetMR(seL4_UserException_SP, 0x1234560);
    seL4_SetMR(seL4_UserException_FLAGS, ~(seL4_Word)0);
    check_equal(victim_reply(&victim, 3), seL4_Fault_UserException, "its reply continues it");
    check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code_hlt_ip, "elsewhere");
    check_equal(seL4_GetMR(seL4_UserException_SP), 0x1234560, "with another stack");
    check_equal(seL4_GetMR(seL4_UserException_FLAGS) & 0xfff, 0xed7, "and allowed flags");
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
    check_equal(start_code(&victim, code), seL4_Fault_UnknownSyscall, name);
    check_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), exists ? (seL4_Word)-1000 : number,
                "its number");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RDI), exists ? result : argument, "its argument");
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
    static const seL4_Word expected[] = {
        0xa1, 0xb1, 0, (seL4_Word)-777, 0x51, 0xd1, 0xb9, 8, 9, 10, 0, 12, 13, 14, 15};
    static struct victim victim;
    check_equal(start_code(&victim, code_syscall), seL4_Fault_UnknownSyscall,
                "an unknown system call faults");
    bool good = true;
    for (int i = 0; i < 15; i++) {
        /* RCX and R11 are the CPU's way back. */
        good = good && (i == seL4_UnknownSyscall_RCX || i == seL4_UnknownSyscall_R11 ||
                        seL4_GetMR(i) == expected[i]);
    }
    check(good, "its message holds every register");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_FaultIP), (seL4_Word)code_syscall_ip,
                "the address of the syscall instruction");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_SP), 0x123456789abc, "the stack pointer");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_FLAGS) & RFLAGS_MASK, RFLAGS_USER, "the flags");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)-777, "and the number");

    for (int i = 0; i < 15; i++) {
        seL4_SetMR(i, 0x1000 + (seL4_Word)i);
    }
    seL4_SetMR(seL4_UnknownSyscall_RDX, (seL4_Word)-778);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, (seL4_Word)code_syscall_ip + 2); /* the ud2 */
    seL4_SetMR(seL4_UnknownSyscall_SP, 0x7777);
    seL4_SetMR(seL4_UnknownSyscall_FLAGS, 0x203);
    check_equal(victim_reply(&victim, 18), seL4_Fault_UserException, "the reply continues it");
    check_equal(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code_syscall_ip + 2,
                "behind the system call");
    check_equal(seL4_GetMR(seL4_UserException_SP), 0x7777, "with the reply's stack pointer");
    check_equal(seL4_GetMR(seL4_UserException_FLAGS) & 0x203, 0x203, "and its flags");
    seL4_UserContext context = {0};
    seL4_Error error = seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 20, &context);
    check_equal(error, seL4_NoError, "read the registers");
    check(context.rax == 0x1000 && context.rbx == 0x1001 && context.rsi == 0x1004 &&
              context.rdi == 0x1005 && context.rbp == 0x1006 && context.r8 == 0x1007 &&
              context.r9 == 0x1008 && context.r10 == 0x1009 && context.r12 == 0x100b &&
              context.r13 == 0x100c && context.r14 == 0x100d && context.r15 == 0x100e,
          "they are the reply's");
    check(context.rcx == 0x1002 && context.r11 == 0x100a, "RCX and R11, too");
    world_thread_stop(&victim.thread);

    static struct victim soft;
    check_equal(start_code(&soft, code_int158), seL4_Fault_UnknownSyscall, "int 158 faults as one");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_Syscall), 0xffffffff9e345678,
                "its number is the vector and EAX");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_FaultIP), (seL4_Word)code_int158_ip, "its address");
    world_thread_stop(&soft.thread);
}
