/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a thread keeps: registers over preemption, FPU, thread-local storage. */
#include "arch_test.h"

/* ---- preemption ---- */

volatile uint64_t spin_counts[2];

static void spin(uint64_t index)
{
    for (;;) {
        spin_counts[index]++;
    }
}

/* Gives every register a value, then compares them all for ever; any difference is a udf. */
extern const char code_registers[];
__asm__(".text\n.balign 4\n"
        "code_registers:\n"
        ".irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
        "mov x\\n, #0x100 + \\n\n"
        ".endr\n"
        "fmov d3, x30; fmov d31, x29\n"
        "1: ldr x1, [x0]; add x1, x1, #1; str x1, [x0]\n"
        ".irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
        "cmp x\\n, #0x100 + \\n; b.ne 2f\n"
        ".endr\n"
        "fmov x1, d3; cmp x1, x30; b.ne 2f\n"
        "fmov x1, d31; cmp x1, x29; b.ne 2f\n"
        "b 1b\n"
        "2: udf #2\n");

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

volatile uint64_t fpu_rounds;
extern const char code_fpu[], code_fpu_ip[];
__asm__(".text\n.balign 4\n"
        "code_fpu: mov x20, x0\n"
        "code_fpu_ip: fmov d5, x20\n"
        "fmov d31, x20; msr fpsr, x20\n"
        "adrp x21, fpu_rounds; add x21, x21, :lo12:fpu_rounds\n"
        "1: mov x7, #-11; svc #0\n" /* Yield */
        "fmov x0, d5; cmp x0, x20; b.ne 2f\n"
        "fmov x0, d31; cmp x0, x20; b.ne 2f\n"
        "mrs x0, fpsr; cmp x0, x20; b.ne 2f\n"
        "ldr x0, [x21]; add x0, x0, #1; str x0, [x21]; b 1b\n"
        "2: udf #3\n");

void test_fpu(void)
{
    static struct thread threads[3];
    for (uint64_t i = 0; i < 3; i++) {
        world_thread_start(&threads[i], seL4_CapInitThreadVSpace,
                           (void (*)(uint64_t))(uintptr_t)code_fpu, i + 1, seL4_MaxPrio);
    }
    for (int i = 0; i < 100; i++) {
        seL4_Yield();
    }
    check(fpu_rounds >= 250, "three threads keep their FP registers and status apart");
    for (int i = 0; i < 3; i++) {
        world_thread_stop(&threads[i]);
    }

    static struct victim victim;
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_fpu, 5);
    seL4_TCB_SetFlags_t flags = seL4_TCB_SetFlags(victim.thread.tcb, 0, ~(seL4_Word)0);
    check(flags.error == seL4_NoError && flags.flags == 1, "the FPU of a thread can be disabled");
    check_equal(victim_fault(&victim), seL4_Fault_UserException, "its use then faults");
    check(seL4_GetMR(seL4_UserException_Number) == ESR_FP_DISABLED &&
              seL4_GetMR(seL4_UserException_FaultIP) == (seL4_Word)code_fpu_ip,
          "as a trapped FP access");
    flags = seL4_TCB_SetFlags(victim.thread.tcb, 1, 0);
    check(flags.error == seL4_NoError && flags.flags == 0, "and be enabled again");
    uint64_t before = fpu_rounds;
    seL4_Send(victim.reply, seL4_MessageInfo_new(0, 0, 0, 0));
    check_equal(seL4_TCB_SetPriority(victim.thread.tcb, seL4_CapInitThreadTCB, seL4_MaxPrio),
                seL4_NoError, "raise it");
    for (int i = 0; i < 10; i++) {
        seL4_Yield();
    }
    check(fpu_rounds > before, "then it goes on");
    world_thread_stop(&victim.thread);
}

extern const char code_tls[];
__asm__(".text\n.balign 4\n"
        "code_tls: mrs x0, tpidr_el0; mrs x1, tpidrro_el0; mov x7, #-1000; svc #0\n"
        "mov x9, #0x4444; msr tpidr_el0, x9; udf #0\n");

extern const char code_own_tls[];
__asm__(".text\n.balign 4\n"
        "code_own_tls: ldr x1, [x0, #8]; ldr x2, [x0, #16]; ldr x0, [x0]; mov x7, #-1; svc #0\n"
        "mrs x0, tpidr_el0; mov x7, #-1000; svc #0; udf #0\n");

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
    check_equal(seL4_GetMR(seL4_UnknownSyscall_X0), 0x7770, "it holds at once");
    world_thread_stop(&victim.thread);
}

void test_tls(void)
{
    static struct victim victim;
    test_own_tls_base();
    victim_start(&victim, (void (*)(uint64_t))(uintptr_t)code_tls, 0);
    check_equal(seL4_TCB_SetTLSBase(victim.thread.tcb, 0x5555), seL4_NoError, "set the TLS base");
    check_equal(victim_fault(&victim), seL4_Fault_UnknownSyscall, "run");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_X0), 0x5555, "the thread has it");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_X1), 0, "the read-only one is zero");
    seL4_UserContext context;
    seL4_Error error = seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 36, &context);
    check(error == seL4_NoError && context.tpidr_el0 == 0x5555, "and it can be read");
    context.pc = (seL4_Word)code_tls;
    context.tpidr_el0 = 0x6666;
    context.tpidrro_el0 = 0x7777;
    context.spsr = ~(seL4_Word)0;
    error = seL4_TCB_WriteRegisters(victim.thread.tcb, true, 0, 36, &context);
    check_equal(error, seL4_NoError, "write the registers");
    check_equal(victim_fault(&victim), seL4_Fault_UnknownSyscall, "run again");
    check(seL4_GetMR(seL4_UnknownSyscall_X0) == 0x6666 &&
              seL4_GetMR(seL4_UnknownSyscall_X1) == 0x7777,
          "both thread registers were written");
    check_equal(seL4_GetMR(seL4_UnknownSyscall_SPSR) & ~SPSR_NZCV & 0xf, 0, "still in user mode");
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_LR));
    check_equal(victim_reply(&victim, 9), seL4_Fault_UserException, "it sets its own");
    error = seL4_TCB_ReadRegisters(victim.thread.tcb, false, 0, 36, &context);
    check(error == seL4_NoError && context.tpidr_el0 == 0x4444, "which is saved");
    world_thread_stop(&victim.thread);
}
