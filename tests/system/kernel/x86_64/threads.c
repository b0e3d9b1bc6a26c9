/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a thread keeps: registers over preemption, FPU, thread-local storage. */
#include "arch_test.h"

/* ---- preemption ---- */

static volatile uint64_t spin_counts[2];

static void spin(uint64_t index)
{
    for (;;) {
        spin_counts[index]++;
    }
}

/* Gives every register a value, then compares them all for ever; any difference is a ud2. */
extern const char code_registers[];
__asm__(
    ".text\n"
    "code_registers:\n"
    "mov $1, %eax; mov $2, %ebx; mov $3, %ecx; mov $4, %edx; mov $5, %esi; mov $6, %ebp\n"
    "mov $8, %r8d; mov $9, %r9d; mov $10, %r10d; mov $11, %r11d; mov $12, %r12d\n"
    "mov $13, %r13d; mov $14, %r14d; mov $15, %r15d\n"
    "movq %rax, %xmm3\n"
    "1: incq (%rdi)\n"
    "cmp $1, %rax; jne 2f; cmp $2, %rbx; jne 2f; cmp $3, %rcx; jne 2f; cmp $4, %rdx; jne 2f\n"
    "cmp $5, %rsi; jne 2f; cmp $6, %rbp; jne 2f; cmp $8, %r8; jne 2f; cmp $9, %r9; jne 2f\n"
    "cmp $10, %r10; jne 2f; cmp $11, %r11; jne 2f; cmp $12, %r12; jne 2f; cmp $13, %r13; jne 2f\n"
    "cmp $14, %r14; jne 2f; cmp $15, %r15; jne 2f\n"
    "movq %xmm3, %rax; cmp $1, %rax; je 1b\n"
    "2: ud2\n");

void test_preemption(void)
{
    static struct thread first;
    static struct thread second;
    world_thread_start(&first, seL4_CapInitThreadVSpace,
                       (void (*)(uint64_t))(uintptr_t)code_registers, (uint64_t)&spin_counts[0],
                       seL4_MaxPrio);
    world_thread_start(&second, seL4_CapInitThreadVSpace, spin, 1, seL4_MaxPrio);
    for (int i = 0; i < 20; i++) {
        seL4_Yield();
    }
    uint64_t counts[2] = {spin_counts[0], spin_counts[1]};
    check(counts[0] > 0 && counts[1] > 0, "threads of equal priority share the processor");
    for (int i = 0; i < 20; i++) {
        seL4_Yield();
    }
    check(spin_counts[0] > counts[0], "every register survives preemption");
    world_thread_stop(&first);
    world_thread_stop(&second);
}

/* ---- FPU and thread-local storage ---- */

extern const char code_fpu[], code_fpu_ip[];
__asm__(".text\n"
        "code_fpu: mov %rdi, %rbx\n"
        "code_fpu_ip: movq %rbx, %xmm5\n"
        "pxor %xmm6, %xmm6; fldpi\n"
        "1: mov $-11, %rdx; syscall\n" /* Yield */
        "movq %xmm5, %rax; cmp %rax, %rbx; jne 2f\n"
        "incq spin_fpu(%rip); jmp 1b\n"
        "2: ud2\n");
volatile uint64_t spin_fpu;

void test_fpu(void)
{
    static struct thread threads[3];
    for (uint64_t i = 0; i < 3; i++) {
        world_thread_start(&threads[i], seL4_CapInitThreadVSpace,
                           (void (*)(uint64_t))(uintptr_t)code_fpu, 0x1111 * (i + 1), seL4_MaxPrio);
    }
    for (int i = 0; i < 100; i++) {
        seL4_Yield();
    }
    check(spin_fpu >= 250, "three threads keep their SSE registers apart");
    for (int i = 0; i < 3; i++) {
        world_thread_stop(&threads[i]);
    }

    static struct victim victim;
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_fpu, 5);
    seL4_TCB_SetFlags_t flags = seL4_TCB_SetFlags(victim.thread.tcb, 0, ~(seL4_Word)0);
    check(flags.error == seL4_NoError && flags.flags == 1, "the FPU of a thread can be disabled");
    check_equal(victim_fault(&victim), seL4_Fault_UserException, "its use then faults");
    check(seL4_GetMR(seL4_UserException_Number) == 7 &&
              seL4_GetMR(seL4_UserException_FaultIP) == (seL4_Word)code_fpu_ip,
          "as exception 7");
    flags = seL4_TCB_SetFlags(victim.thread.tcb, 1, 0);
    check(flags.error == seL4_NoError && flags.flags == 0, "and be enabled again");
    uint64_t before = spin_fpu;
    seL4_Send(victim.reply, seL4_MessageInfo_new(0, 0, 0, 0));
    seL4_CPtr timer = world_object(seL4_NotificationObject, 0);
    seL4_Word badge;
    (void)seL4_Poll(timer, &badge);
    check_equal(seL4_TCB_SetPriority(victim.thread.tcb, seL4_CapInitThreadTCB, seL4_MaxPrio),
                seL4_NoError, "raise it");
    for (int i = 0; i < 10; i++) {
        seL4_Yield();
    }
    check(spin_fpu > before, "then it goes on");
    world_thread_stop(&victim.thread);
}

extern const char code_tls[];
__asm__(".text\n"
        "code_tls: rdfsbase %rax; rdgsbase %rbx; mov $-1000, %rdx; syscall\n"
        "rdfsbase %rax; mov $0x4444, %ecx; wrfsbase %rcx; ud2\n");

extern const char code_own_tls[];
__asm__(".text\ncode_own_tls: mov 8(%rdi), %rsi; mov 16(%rdi), %r10; mov (%rdi), %rdi\n"
        "mov $-1, %rdx; syscall; rdfsbase %rax; mov $-1000, %rdx; syscall; ud2\n");

/* A thread sets its own TLS base, which takes effect at once. */
static void test_own_tls_base(void)
{
    static struct victim victim;
    static seL4_Word call[3];
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_own_tls, (uint64_t)call);
    call[0] = victim.thread.tcb;
    call[1] = seL4_MessageInfo_new(TCBSetTLSBase, 0, 0, 1).words[0];
    call[2] = 0x7770;
    check_equal(victim_fault(&victim), seL4_Fault_UnknownSyscall, "set one's own TLS base");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RAX), 0x7770, "it holds at once");
    world_thread_stop(&victim.thread);
}

void test_tls(void)
{
    static struct victim victim;
    test_own_tls_base();
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_tls, 0);
    check_equal(seL4_TCB_SetTLSBase(victim.thread.tcb, 0x5555), seL4_NoError, "set FS base");
    check_equal(victim_fault(&victim), seL4_Fault_UnknownSyscall, "run");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RAX), 0x5555, "the thread has it");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RBX), 0, "GS base is zero");
    seL4_UserContext context;
    seL4_Error error = seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 20, &context);
    check(error == seL4_NoError && context.fs_base == 0x5555, "and it can be read");
    context.rip = (seL4_Word)code_tls;
    context.fs_base = 0x800000000000; /* not canonical */
    context.gs_base = 0x7fffffffffff;
    context.rflags = ~(seL4_Word)0;
    error = seL4_TCB_WriteRegisters(victim.thread.tcb, true, 0, 20, &context);
    check_equal(error, seL4_NoError, "write the registers");
    check_equal(victim_fault(&victim), seL4_Fault_UnknownSyscall, "run again");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RAX), 0, "a non-canonical base becomes zero");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_RBX), 0x7fffffffffff, "a canonical one stays");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_FLAGS), 0xed7 & ~0x100ul,
                "flags are cut to what users may have");
    world_thread_stop(&victim.thread);
}
