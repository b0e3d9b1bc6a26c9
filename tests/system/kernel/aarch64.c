/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Kernel tests of aarch64. Code that faults is written in assembly with labels, so that every
 * address in a fault message can be compared.
 */
#include "kernel_test.h"

#define TEST_VADDR   UINT64_C(0x600000000000) /* nothing of the program is below this top entry */
#define PAGE_BYTES   UINT64_C(0x1000)
#define LARGE_BYTES  UINT64_C(0x200000)
#define HUGE_BITS    30
#define SPSR_NZCV    UINT64_C(0xf0000000)
#define UART_VADDR   UINT64_C(0x60000000) /* where world's arch_aarch64.c maps the PL011 */
#define UART_IMSC    (0x38 / 4)
#define UART_ICR     (0x44 / 4)
#define UART_DR      0
#define UART_TX      (1u << 5)
#define UART_IRQ     33 /* QEMU virt: SPI 1 */
#define TIMER_IRQ    27
#define IRQ_MAX      159
#define SGI          3
#define PSCI_VERSION UINT64_C(0x84000000)
#define PSCI_OTHER   UINT64_C(0x84000006) /* MIGRATE_INFO_TYPE */

/* Syndromes: class, instruction length, and the reason in the low bits. */
#define ESR_UNDEFINED     UINT64_C(0x02000000)
#define ESR_FP_DISABLED   UINT64_C(0x1fe00000)
#define ESR_BRK           UINT64_C(0xf2000000)
#define ESR_CNTPCT_TO_X0  UINT64_C(0x6232f801)
#define ESR_DATA          UINT64_C(0x92000000)
#define ESR_FETCH         UINT64_C(0x82000000)
#define ESR_WRITE         UINT64_C(0x40)
#define ESR_TRANSLATION   UINT64_C(0x04) /* + level */
#define ESR_PERMISSION_L3 UINT64_C(0x0f)

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

/* Code with a label on the instruction that faults. */
#define FAULTING(name, setup, instruction) \
    extern const char name[], name##_ip[]; \
    __asm__(".text\n.balign 4\n" #name ": " setup "\n" #name "_ip: " instruction "\nudf #1\n")

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

static seL4_Word start_code(struct victim *victim, const char *code, uint64_t argument)
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

static void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
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

static void expect_read_fault(seL4_Word vaddr, seL4_Word reason, const char *name)
{
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, vaddr, 0, ESR_DATA | reason, name);
}

static void expect_write_fault(seL4_Word vaddr, seL4_Word reason, const char *name)
{
    expect_vm_fault(code_write, (seL4_Word)code_write_ip, vaddr, 0, ESR_DATA | ESR_WRITE | reason,
                    name);
}

static void test_exceptions(void)
{
    expect_exception(code_udf, code_udf_ip, ESR_UNDEFINED, "an undefined instruction");
    expect_exception(code_brk, code_brk_ip, ESR_BRK + 7, "brk with its number");
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

static void test_unknown_syscall(void)
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

static void test_preemption(void)
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

static void test_fpu(void)
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

static void test_tls(void)
{
    static struct victim victim;
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

/* ---- address spaces ---- */

static seL4_Error page_map(seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights,
                           seL4_ARM_VMAttributes attributes)
{
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, rights, attributes);
}

static seL4_Error table_map(seL4_CPtr table, seL4_Word vaddr)
{
    return seL4_ARM_PageTable_Map(table, seL4_CapInitThreadVSpace, vaddr,
                                  seL4_ARM_Default_VMAttributes);
}

/* The answer to a map call at TEST_VADDR: FailedLookup, and the level that is missing. */
static void expect_missing(seL4_Error error, seL4_Word level, const char *name)
{
    check(error == seL4_FailedLookup && seL4_GetMR(0) == 0 &&
              seL4_GetMR(1) == seL4_MissingCapability && seL4_MappingFailedLookupLevel() == level,
          name);
}

static seL4_CPtr copy_of(seL4_CPtr source)
{
    seL4_CPtr copy = world_slot();
    seL4_Error error =
        seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                        source, seL4_WordBits, seL4_AllRights);
    world_check(error == seL4_NoError, "copy");
    return copy;
}

static seL4_Error delete_slot(seL4_CPtr slot)
{
    return seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, seL4_WordBits);
}

static void test_tables(seL4_CPtr frame, seL4_CPtr last_table)
{
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 39, "no level-2 table");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR + 0x12345),
                seL4_NoError, "a table goes to the first missing level");
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 30, "then level 30 is missing");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR), seL4_NoError,
                "the second table");
    expect_missing(page_map(frame, TEST_VADDR, seL4_AllRights, 3), 21, "then level 21");
    check_equal(table_map(last_table, TEST_VADDR), seL4_NoError, "the third table");
    check_equal(table_map(last_table, TEST_VADDR), seL4_InvalidCapability, "not mapped twice");
    check_equal(seL4_GetMR(0), 0, "it is the invoked capability");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR), seL4_DeleteFirst,
                "there is no fourth level");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), UINT64_C(0x800000000000)),
                seL4_InvalidArgument, "no table above the user half");
}

static void test_pages(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr last_table = world_object(seL4_ARM_PageTableObject, 0);
    volatile uint64_t *words = (volatile uint64_t *)TEST_VADDR;
    test_tables(frame, last_table);
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map a page");
    words[0] = 0x1234;
    check_equal(words[0], 0x1234, "it can be written");
    check_equal(page_map(frame, TEST_VADDR, seL4_CanRead, 3), seL4_NoError, "map it read-only");
    expect_write_fault(TEST_VADDR, ESR_PERMISSION_L3, "writing faults");
    check_equal(words[0], 0x1234, "reading does not");
    check_equal(page_map(frame, TEST_VADDR, seL4_NoRights, 3), seL4_NoError, "map for the kernel");
    expect_read_fault(TEST_VADDR, ESR_PERMISSION_L3, "reading faults");
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 7), seL4_NoError, "not executable");
    expect_vm_fault(code_jump, TEST_VADDR, TEST_VADDR, 1, ESR_FETCH | ESR_PERMISSION_L3,
                    "jumping there faults");
    check_equal(page_map(frame, TEST_VADDR + PAGE_BYTES, seL4_AllRights, 3), seL4_InvalidArgument,
                "a mapped frame cannot be mapped elsewhere");
    check_equal(seL4_GetMR(0), 0, "the address is wrong");
    seL4_CPtr other_space = arch_vspace_create();
    check_equal(seL4_ARM_Page_Map(frame, other_space, TEST_VADDR, seL4_AllRights, 3),
                seL4_InvalidCapability, "nor in another address space");
    check_equal(seL4_GetMR(0), 1, "the address space is wrong");
    check_equal(seL4_ARM_Page_GetAddress(frame).paddr & (PAGE_BYTES - 1), 0, "its address");

    seL4_CPtr copy = copy_of(frame);
    check_equal(page_map(copy, TEST_VADDR + 1, seL4_AllRights, 3), seL4_AlignmentError,
                "an address inside a page");
    check_equal(page_map(copy, UINT64_C(0x800000000000), seL4_AllRights, 3), seL4_InvalidArgument,
                "an address above the user half");
    check_equal(page_map(copy, TEST_VADDR + PAGE_BYTES, seL4_AllRights, 3), seL4_NoError,
                "a copy is mapped on its own");
    words[PAGE_BYTES / 8] = 0x9999;
    check_equal(words[0], 0x9999, "both show the same memory");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmap");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 3, "then reading faults");
    check_equal(words[PAGE_BYTES / 8], 0x9999, "the copy stays");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmapping again is no error");
    check_equal(delete_slot(copy), seL4_NoError, "delete the copy");
    expect_read_fault(TEST_VADDR + PAGE_BYTES, ESR_TRANSLATION + 3, "its mapping is gone");

    seL4_CPtr second = world_object(seL4_ARM_SmallPageObject, 0);
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it again");
    check_equal(page_map(second, TEST_VADDR, seL4_AllRights, 3), seL4_NoError,
                "another page replaces it silently");
    check_equal(words[0], 0, "which is zero");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmapping the first does nothing");
    check_equal(words[0], 0, "the second stays");

    seL4_CPtr table_copy = copy_of(last_table);
    check_equal(seL4_ARM_PageTable_Unmap(last_table), seL4_RevokeFirst,
                "a table with two capabilities is not unmapped");
    check_equal(delete_slot(table_copy), seL4_NoError, "delete one");
    check_equal(words[0], 0, "the table is still there");
    check_equal(seL4_ARM_PageTable_Unmap(last_table), seL4_NoError, "unmap the table");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 2, "with it the page is gone");
    check_equal(table_map(last_table, TEST_VADDR), seL4_NoError, "map it again");
    expect_read_fault(TEST_VADDR, ESR_TRANSLATION + 3, "it was emptied");
    check_equal(seL4_ARM_Page_Unmap(second), seL4_NoError, "a stale frame is unmapped");
}

static seL4_CPtr device_untyped_of(unsigned bits)
{
    const seL4_BootInfo *info = seL4_GetBootInfo();
    for (seL4_Word i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untypedList[i].isDevice && info->untypedList[i].sizeBits >= bits) {
            return info->untyped.start + i;
        }
    }
    world_check(false, "device untyped");
    return 0;
}

static void test_large_pages(void)
{
    seL4_CPtr small = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr large = world_object(seL4_ARM_LargePageObject, 0);
    volatile uint64_t *words = (volatile uint64_t *)(TEST_VADDR + LARGE_BYTES);
    expect_missing(page_map(large, TEST_VADDR, seL4_AllRights, 3), 12,
                   "a 2 MiB page does not fit where a table is");
    check_equal(page_map(large, TEST_VADDR + LARGE_BYTES, seL4_AllRights, 3), seL4_NoError,
                "map 2 MiB");
    words[0] = 1;
    words[LARGE_BYTES / 8 - 1] = 2;
    check(words[0] == 1 && words[LARGE_BYTES / 8 - 1] == 2, "all of it can be written");
    expect_missing(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights, 3), 21,
                   "no small page in it");
    check_equal(table_map(world_object(seL4_ARM_PageTableObject, 0), TEST_VADDR + LARGE_BYTES),
                seL4_DeleteFirst, "nor a table");
    check_equal(seL4_ARM_Page_Unmap(large), seL4_NoError, "unmap it");
    expect_read_fault(TEST_VADDR + LARGE_BYTES, ESR_TRANSLATION + 2, "all of it is gone");

    seL4_CPtr huge = world_slot();
    check_equal(seL4_Untyped_Retype(device_untyped_of(HUGE_BITS), seL4_ARM_HugePageObject, 0,
                                    seL4_CapInitThreadCNode, 0, 0, huge, 1),
                seL4_NoError, "make 1 GiB of device memory a frame");
    expect_missing(page_map(huge, TEST_VADDR, seL4_AllRights, 0), 12,
                   "it does not fit above other tables");
    check_equal(page_map(huge, TEST_VADDR + (1ul << HUGE_BITS), seL4_AllRights, 0), seL4_NoError,
                "map 1 GiB");
    expect_missing(page_map(small, TEST_VADDR + (1ul << HUGE_BITS), seL4_AllRights, 3), 30,
                   "no small page in it");
    check_equal(seL4_ARM_Page_Unmap(huge), seL4_NoError, "unmap it");
}

/* ---- ASIDs ---- */

static void test_asids(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr root = world_object(seL4_ARM_VSpaceObject, 0);
    check_equal(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3),
                seL4_InvalidCapability, "a root without ASID cannot be mapped into");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), seL4_WordBits,
                                seL4_CapInitThreadCNode, root, seL4_WordBits, seL4_AllRights),
                seL4_IllegalOperation, "nor copied");

    seL4_CPtr pool = 0;
    seL4_CPtr pool_untyped = 0;
    unsigned count = 0;
    seL4_Error error;
    for (;;) {
        seL4_CPtr untyped = world_object(seL4_UntypedObject, seL4_PageBits);
        seL4_CPtr slot = world_slot();
        error = seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              slot, seL4_WordBits);
        if (error != seL4_NoError || count > 200) {
            break;
        }
        pool = slot;
        pool_untyped = untyped;
        count++;
    }
    check_equal(count, 127, "127 more ASID pools can be made");
    check_equal(error, seL4_DeleteFirst, "then one must be deleted first");
    check_equal(seL4_ARM_ASIDPool_Assign(pool, root), seL4_NoError, "assign an ASID of the last");
    check_equal(seL4_ARM_ASIDPool_Assign(pool, root), seL4_InvalidCapability, "only once");
    expect_missing(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3), 39,
                   "now it can be mapped into");
    check_equal(delete_slot(pool), seL4_NoError, "delete the pool");
    check_equal(seL4_ARM_Page_Map(frame, root, TEST_VADDR, seL4_AllRights, 3), seL4_FailedLookup,
                "its ASIDs are gone");
    check_equal(seL4_GetMR(1), seL4_InvalidRoot, "as an invalid root");
    check_equal(seL4_ARM_ASIDControl_MakePool(seL4_CapASIDControl, pool_untyped,
                                              seL4_CapInitThreadCNode, pool, seL4_WordBits),
                seL4_NoError, "a new pool can be made");

    unsigned assigned = 0;
    for (;;) {
        error = seL4_ARM_ASIDPool_Assign(pool, world_object(seL4_ARM_VSpaceObject, 0));
        if (error != seL4_NoError || assigned > 600) {
            break;
        }
        assigned++;
    }
    check_equal(assigned, 512, "a pool has 512 ASIDs");
    check_equal(error, seL4_DeleteFirst, "then it is full");
}

/* ---- caches ---- */

static void test_caches(void)
{
    seL4_CPtr frame = world_object(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr space = seL4_CapInitThreadVSpace;
    check_equal(seL4_ARM_Page_Clean_Data(frame, 0, 64), seL4_IllegalOperation,
                "an unmapped page has no cache operations");
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it");
    check(seL4_ARM_Page_Clean_Data(frame, 0, PAGE_BYTES) == seL4_NoError &&
              seL4_ARM_Page_Invalidate_Data(frame, 0, 64) == seL4_NoError &&
              seL4_ARM_Page_CleanInvalidate_Data(frame, 64, 65) == seL4_NoError &&
              seL4_ARM_Page_Unify_Instruction(frame, 0, PAGE_BYTES) == seL4_NoError,
          "then all four work");
    check_equal(seL4_ARM_Page_Clean_Data(frame, 64, 64), seL4_InvalidArgument, "an empty range");
    check_equal(seL4_GetMR(0), 1, "its end is wrong");
    check_equal(seL4_ARM_Page_Clean_Data(frame, 0, PAGE_BYTES + 1), seL4_InvalidArgument,
                "a range beyond the page");
    check_equal(seL4_GetMR(0), 0, "its start is named");
    check(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR, TEST_VADDR + PAGE_BYTES) == seL4_NoError &&
              seL4_ARM_VSpace_Invalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) == seL4_NoError &&
              seL4_ARM_VSpace_CleanInvalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) ==
                  seL4_NoError &&
              seL4_ARM_VSpace_Unify_Instruction(space, TEST_VADDR, TEST_VADDR + 1) == seL4_NoError,
          "and the four by virtual address");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR + 8, TEST_VADDR + PAGE_BYTES + 1),
                seL4_RangeError, "a range that leaves its page");
    check(seL4_GetMR(0) == TEST_VADDR + 8 && seL4_GetMR(1) == TEST_VADDR + PAGE_BYTES - 1,
          "the page's rest is the range");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR, UINT64_C(0x800000000001)),
                seL4_IllegalOperation, "a range above the user half");
    check_equal(seL4_ARM_VSpace_Clean_Data(space, TEST_VADDR + 16 * PAGE_BYTES,
                                           TEST_VADDR + 17 * PAGE_BYTES),
                seL4_NoError, "an unmapped page is no error");
    check_equal(page_map(frame, TEST_VADDR, seL4_CanRead, 3), seL4_NoError, "map it read-only");
    check(seL4_ARM_VSpace_Invalidate_Data(space, TEST_VADDR, TEST_VADDR + 1) ==
                  seL4_IllegalOperation &&
              seL4_ARM_Page_Invalidate_Data(frame, 0, 64) == seL4_IllegalOperation,
          "then it cannot be invalidated");

    /* Code written as data: ret, after `mov x0, #42`. */
    check_equal(page_map(frame, TEST_VADDR, seL4_AllRights, 3), seL4_NoError, "map it writable");
    volatile uint32_t *code = (volatile uint32_t *)TEST_VADDR;
    code[0] = 0xd2800540;
    code[1] = 0xd65f03c0;
    check_equal(seL4_ARM_Page_Unify_Instruction(frame, 0, 64), seL4_NoError, "write code, unify");
    check_equal(((uint64_t(*)(void))TEST_VADDR)(), 42, "and execute it");
    check_equal(seL4_ARM_Page_Unmap(frame), seL4_NoError, "unmap it");
    uint64_t cache_type;
    uint64_t counter;
    __asm__ volatile("mrs %0, ctr_el0; mrs %1, cntvct_el0" : "=r"(cache_type), "=r"(counter));
    check(cache_type != 0 && counter != 0, "users read CTR_EL0 and CNTVCT_EL0");
}

/* ---- interrupts ---- */

static seL4_Word poll(seL4_CPtr notification)
{
    seL4_Word badge;
    (void)seL4_Poll(notification, &badge);
    return badge;
}

/* The machine may take a moment from the device's register to the interrupt. */
static seL4_Word poll_soon(seL4_CPtr notification)
{
    seL4_Word badge = 0;
    for (int tries = 0; tries < 1000 && badge == 0; tries++) {
        badge = poll(notification);
    }
    return badge;
}

static seL4_CPtr badged_notification(seL4_CPtr notification, seL4_Word badge)
{
    seL4_CPtr copy = world_slot();
    seL4_Error error =
        seL4_CNode_Mint(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                        notification, seL4_WordBits, seL4_AllRights, badge);
    world_check(error == seL4_NoError, "mint");
    return copy;
}

static seL4_Error irq_get(seL4_Word irq, seL4_CPtr slot)
{
    return seL4_IRQControl_Get(seL4_CapIRQControl, irq, seL4_CapInitThreadCNode, slot,
                               seL4_WordBits);
}

static void test_irq_errors(void)
{
    check_equal(irq_get(IRQ_MAX + 1, world_slot()), seL4_RangeError, "interrupt 160");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == IRQ_MAX, "of 0 to 159");
    check_equal(irq_get(TIMER_IRQ, world_slot()), seL4_RevokeFirst, "the kernel's timer is taken");
    check_equal(irq_get(UART_IRQ, seL4_CapInitThreadTCB), seL4_DeleteFirst, "a full slot");
    check_equal(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, 16, 0, seL4_CapInitThreadCNode,
                                               world_slot(), seL4_WordBits),
                seL4_RangeError, "SGI 16");
}

static void test_uart_interrupt(void)
{
    volatile uint32_t *uart = (volatile uint32_t *)UART_VADDR;
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr badged = badged_notification(notification, 0x40);
    seL4_CPtr handler = world_slot();
    check_equal(seL4_IRQControl_GetTrigger(seL4_CapIRQControl, UART_IRQ, 0, seL4_CapInitThreadCNode,
                                           handler, seL4_WordBits),
                seL4_NoError, "issue the UART's interrupt");
    check_equal(irq_get(UART_IRQ, world_slot()), seL4_RevokeFirst, "only once");
    check_equal(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError, "bind it");
    check_equal(poll(notification), 0, "nothing yet");
    uart[UART_IMSC] = UART_TX;
    uart[UART_DR] = '\n';
    check_equal(poll_soon(notification), 0x40, "sending a byte raises it, with its badge");
    check_equal(poll_soon(notification), 0, "and only once before the acknowledgement");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge");
    check_equal(poll_soon(notification), 0x40, "the line is still up: it fires again");
    uart[UART_IMSC] = 0;
    uart[UART_ICR] = UART_TX;
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "silence the device, acknowledge");
    check_equal(poll_soon(notification), 0, "then it is quiet");
    check_equal(seL4_IRQHandler_Clear(handler), seL4_NoError, "unbind it");
    check_equal(delete_slot(handler), seL4_NoError, "delete the handler");
    check_equal(irq_get(UART_IRQ, handler), seL4_NoError, "then it can be issued again");
    check_equal(delete_slot(handler), seL4_NoError, "and deleted");
}

static void test_sgi(void)
{
    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr handler = world_slot();
    seL4_CPtr signal = world_slot();
    check_equal(irq_get(SGI, handler), seL4_NoError, "a handler for a software interrupt");
    check_equal(seL4_IRQHandler_SetNotification(handler, badged_notification(notification, 0x80)),
                seL4_NoError, "bind it");
    check_equal(seL4_IRQControl_IssueSGISignal(seL4_CapIRQControl, SGI, 0, seL4_CapInitThreadCNode,
                                               signal, seL4_WordBits),
                seL4_NoError, "a capability to send it");
    check_equal(poll(notification), 0, "nothing yet");
    seL4_Signal(signal);
    check_equal(poll_soon(notification), 0x80, "sending raises it");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge");
    check_equal(poll_soon(notification), 0, "once");
    check_equal(delete_slot(handler), seL4_NoError, "delete the handler");
}

/* ---- secure monitor calls ---- */

static void test_smc(void)
{
    seL4_ARM_SMCContext request = {.x0 = PSCI_VERSION};
    seL4_ARM_SMCContext answer = {0};
    check_equal(seL4_ARM_SMC_Call(seL4_CapSMC, &request, &answer), seL4_NoError, "PSCI_VERSION");
    check(answer.x0 == 0x2 || (answer.x0 >= 0x10000 && answer.x0 < 0x20000), "0.2 or 1.x");
    seL4_CPtr limited = badged_notification(seL4_CapSMC, PSCI_VERSION);
    check_equal(seL4_ARM_SMC_Call(limited, &request, &answer), seL4_NoError,
                "a capability minted for that function may do it");
    request.x0 = PSCI_OTHER;
    check_equal(seL4_ARM_SMC_Call(limited, &request, &answer), seL4_IllegalOperation,
                "but no other");
    check_equal(seL4_ARM_SMC_Call(seL4_CapSMC, &request, &answer), seL4_NoError,
                "which the original may");
}

void arch_tests(void)
{
    test_exceptions();
    test_unknown_syscall();
    test_preemption();
    test_fpu();
    test_tls();
    test_pages();
    test_large_pages();
    test_asids();
    test_caches();
    test_irq_errors();
    test_uart_interrupt();
    test_sgi();
    test_smc();
}

void arch_reset(void)
{
    arch_power_off();
}
