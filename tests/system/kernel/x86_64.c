/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Kernel tests of x86_64. Code that faults is written in assembly with labels, so that every
 * address in a fault message can be compared.
 */
#include "kernel_test.h"
#include "x86_64_iommu.h"

#define TEST_VADDR     UINT64_C(0x600000000000)
#define LARGE_BYTES    UINT64_C(0x200000)
#define RFLAGS_USER    UINT64_C(0x202)
#define RFLAGS_MASK    UINT64_C(0x202) /* arithmetic flags are whatever they were */
#define KEYBOARD_PORT  0x64
#define KEYBOARD_RESET 0xfe
#define VECTOR_TEST    20

/* Error code of a refused `int n`: 8n + 2 on hardware, but QEMU 7.2 counts in 16-byte entries. */
#define IDT_ERROR(n) (16 * (n) + 2)

#define FAULT_WRITE 2
#define FAULT_USER  4
#define FAULT_FETCH 16

/* ---- exceptions and faults ---- */

/* Code with a label on the instruction that faults. */
#define FAULTING(name, setup, instruction)                                       \
    extern const char name[], name##_ip[], name##_next[];                        \
    __asm__(".text\n" #name ": " setup "\n" #name "_ip: " instruction "\n" #name \
            "_next: mov $-1000, %rdx; syscall; ud2\n")

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

static seL4_Word start_code(struct victim *victim, const char *code)
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

static void expect_vm_fault(const char *code, seL4_Word ip, seL4_Word address, seL4_Word fetch,
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

static void test_exceptions(void)
{
    expect_exception(code_divide, code_divide_ip, 0, 0, "divide error is exception 0");
    expect_exception(code_int3, code_int3_next, 3, 0, "int3 is exception 3, IP behind it");
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

static void test_unknown_syscall(void)
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

static void test_fpu(void)
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

static void test_tls(void)
{
    static struct victim victim;
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

/* ---- address spaces ---- */

/* Tables above a page of `level_bits` at TEST_VADDR, as far as they are missing. */
static void map_tables(seL4_CPtr frame, seL4_Word vaddr)
{
    while (seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights, 0) ==
           seL4_FailedLookup) {
        world_check(arch_map_table(seL4_CapInitThreadVSpace, vaddr,
                                   seL4_MappingFailedLookupLevel()) == seL4_NoError,
                    "table");
    }
}

static seL4_Error page_map(seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights)
{
    return seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, rights,
                             seL4_X86_Default_VMAttributes);
}

static void test_pages(void)
{
    seL4_CPtr small = world_object(seL4_X86_4K, 0);
    volatile uint64_t *words = (volatile uint64_t *)TEST_VADDR;
    map_tables(small, TEST_VADDR);
    words[1] = 0xabc;
    check_equal(words[1], 0xabc, "a mapped page can be written");
    check_equal(page_map(small, TEST_VADDR, seL4_CanRead), seL4_NoError, "remap it read-only");
    check_equal(words[1], 0xabc, "it can be read");
    expect_vm_fault(code_write, (seL4_Word)code_write_ip, TEST_VADDR + 0x18, 0,
                    FAULT_USER | FAULT_WRITE | 1, "but not written");
    check_equal(page_map(small, TEST_VADDR, seL4_CanWrite), seL4_NoError, "remap it kernel-only");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER | 1,
                    "it can't be read");
    check_equal(page_map(small, TEST_VADDR + 0x1000, seL4_AllRights), seL4_InvalidArgument,
                "another address is InvalidArgument");
    check_equal(seL4_GetMR(0), 0, "number 0");
    seL4_CPtr space = arch_vspace_create();
    check_equal(seL4_X86_Page_Map(small, space, TEST_VADDR, seL4_AllRights, 0),
                seL4_InvalidCapability, "another address space is InvalidCapability");
    check_equal(seL4_GetMR(0), 1, "number 1");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmap it");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER,
                    "it is gone");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmap it twice");
    check_equal(page_map(small, 0x7fffffffe000, seL4_AllRights), seL4_FailedLookup,
                "the highest page is only missing its tables");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == seL4_MissingCapability && seL4_GetMR(2) == 39,
          "all of them");
    check_equal(page_map(small, 0x7ffffffff000, seL4_AllRights), seL4_InvalidArgument,
                "the page behind it is InvalidArgument");
    check_equal(page_map(small, 0xffffffffffffe000, seL4_AllRights), seL4_InvalidArgument,
                "so is one of the kernel");

    seL4_CPtr large = world_object(seL4_X86_LargePageObject, 0);
    check_equal(page_map(large, TEST_VADDR + 0x1000, seL4_AllRights), seL4_AlignmentError,
                "a 2 MiB page needs 2 MiB alignment");
    check_equal(page_map(large, TEST_VADDR, seL4_AllRights), seL4_DeleteFirst,
                "and no page table in its place");
    check_equal(page_map(large, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_NoError,
                "map it beside");
    words = (volatile uint64_t *)(TEST_VADDR + 2 * LARGE_BYTES - 8);
    *words = 0x77;
    check_equal(*words, 0x77, "it can be written to its end");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_FailedLookup,
                "a 4 KiB page inside it misses a table");
    check_equal(seL4_GetMR(2), 21, "the last one");
    seL4_CPtr table = world_object(seL4_X86_PageTableObject, 0);
    check_equal(
        seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR + LARGE_BYTES, 0),
        seL4_DeleteFirst, "which can't be put there");
    check_equal(seL4_X86_Page_Unmap(large), seL4_NoError, "unmap the large page");
    check_equal(
        seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR + LARGE_BYTES, 0),
        seL4_NoError, "then a table fits");
    check_equal(seL4_X86_PageTable_Map(table, seL4_CapInitThreadVSpace, TEST_VADDR, 0),
                seL4_InvalidCapability, "a mapped table is InvalidCapability");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES, seL4_AllRights), seL4_NoError,
                "map the small page in it");
    seL4_CPtr copy = world_slot();
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, 64, seL4_CapInitThreadCNode, table,
                                64, seL4_AllRights),
                seL4_NoError, "copy the table's capability");
    check_equal(seL4_X86_PageTable_Unmap(table), seL4_RevokeFirst, "it can't be unmapped now");
    check_equal(seL4_CNode_Revoke(seL4_CapInitThreadCNode, table, 64), seL4_NoError, "revoke");
    check_equal(seL4_X86_PageTable_Unmap(table), seL4_NoError, "now it can");
    check_equal(page_map(small, TEST_VADDR + LARGE_BYTES + 0x1000, seL4_AllRights),
                seL4_InvalidArgument, "the page under it still remembers its place");
    check_equal(seL4_X86_Page_Unmap(small), seL4_NoError, "unmapping it does nothing");
    check_equal(page_map(small, TEST_VADDR, seL4_AllRights), seL4_NoError, "and it is free again");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, small, 64), seL4_NoError, "delete it");
    expect_vm_fault(code_read, (seL4_Word)code_read_ip, TEST_VADDR + 0x10, 0, FAULT_USER,
                    "that unmaps it");
    seL4_X86_Page_GetAddress_t address = seL4_X86_Page_GetAddress(large);
    check(address.error == 0 && address.paddr % LARGE_BYTES == 0, "address of the large page");
}

static void test_asids(void)
{
    seL4_CPtr space = world_object(seL4_X64_PML4Object, 0);
    seL4_CPtr frame = world_object(seL4_X86_4K, 0);
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_InvalidCapability,
                "a root without ASID can't be mapped into");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), 64, seL4_CapInitThreadCNode,
                                space, 64, seL4_AllRights),
                seL4_IllegalOperation, "nor copied");
    seL4_CPtr untyped = world_object(seL4_UntypedObject, 12);
    seL4_CPtr pool = world_slot();
    check_equal(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              pool, 64),
                seL4_NoError, "make an ASID pool");
    check_equal(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, untyped, seL4_CapInitThreadCNode,
                                              pool, 64),
                seL4_RevokeFirst, "its untyped has a child now");
    check_equal(seL4_X86_ASIDPool_Assign(pool, space), seL4_NoError, "assign an ASID from it");
    check_equal(seL4_X86_ASIDPool_Assign(pool, space), seL4_InvalidCapability, "only once");
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_FailedLookup,
                "now tables are missing");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, pool, 64), seL4_NoError,
                "delete the pool");
    check_equal(seL4_X86_Page_Map(frame, space, 0x1000, seL4_AllRights, 0), seL4_FailedLookup,
                "the ASID is unknown");
    check_equal(seL4_GetMR(1), seL4_InvalidRoot, "as invalid root");
    int made = 0;
    while (made < 9) {
        seL4_CPtr memory = world_object(seL4_UntypedObject, 12);
        if (seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, memory, seL4_CapInitThreadCNode,
                                          world_slot(), 64) != seL4_NoError) {
            break;
        }
        made++;
    }
    check_equal((uint64_t)made, 7, "there are eight pools");
}

/* ---- ports, interrupts, IOMMU labels ---- */

static seL4_CPtr issue(seL4_Word first, seL4_Word last, seL4_Error expected, const char *name)
{
    seL4_CPtr slot = world_slot();
    check_equal(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, first, last,
                                             seL4_CapInitThreadCNode, slot, 64),
                expected, name);
    return slot;
}

static void test_ports(void)
{
    seL4_CPtr cmos = issue(0x70, 0x71, seL4_NoError, "issue ports 0x70..0x71");
    (void)issue(0x71, 0x80, seL4_RevokeFirst, "an overlapping range is refused");
    (void)issue(0x80, 0x7f, seL4_InvalidArgument, "so is a reversed one");
    check_equal(seL4_X86_IOPort_Out8(cmos, 0x70, 0x0b), seL4_NoError, "write a port");
    seL4_X86_IOPort_In8_t status = seL4_X86_IOPort_In8(cmos, 0x71);
    check(status.error == 0 && (status.result & 2) != 0, "read a port: the clock is in 24 h mode");
    check_equal((seL4_Word)seL4_X86_IOPort_In16(cmos, 0x71).error, seL4_IllegalOperation,
                "a wide access over the end is refused");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, cmos, 64), seL4_NoError,
                "delete the range");
    (void)issue(0x70, 0x71, seL4_NoError, "it can be issued again");
    (void)issue(0xfff0, 0xffff, seL4_NoError, "up to the last port");
}

static void test_interrupts(void)
{
    seL4_CPtr handler = world_slot();
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, handler, 64,
                                          0, 2, 0, 0, VECTOR_TEST),
                seL4_NoError, "handler for the interval timer's pin");
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                          64, 1, 2, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "there is one IOAPIC");
    check(seL4_GetMR(0) == 0 && seL4_GetMR(1) == 0, "numbers 0..0");
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                          64, 0, 24, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "it has 24 pins");
    check_equal(seL4_GetMR(1), 23, "0..23");
    check_equal(
        seL4_IRQControl_Get(seL4_CapIRQControl, 4, seL4_CapInitThreadCNode, world_slot(), 64),
        seL4_IllegalOperation, "plain Get is IllegalOperation");
    check_equal(seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                       64, 0, 32, 0, 0, VECTOR_TEST + 1),
                seL4_RangeError, "MSI device 32 is out of range");
    check_equal(seL4_IRQControl_GetMSI(seL4_CapIRQControl, seL4_CapInitThreadCNode, world_slot(),
                                       64, 0, 31, 7, 0, VECTOR_TEST + 1),
                seL4_NoError, "31 is not");

    seL4_CPtr notification = world_object(seL4_NotificationObject, 0);
    seL4_CPtr badged = world_slot();
    check_equal(seL4_CNode_Mint(seL4_CapInitThreadCNode, badged, 64, seL4_CapInitThreadCNode,
                                notification, 64, seL4_AllRights, 0x40),
                seL4_NoError, "badge a notification");
    check_equal(seL4_IRQHandler_SetNotification(handler, seL4_CapInitThreadTCB),
                seL4_InvalidCapability, "a TCB is no notification");
    check_equal(seL4_GetMR(0), 0, "counted as capability 0");
    check_equal(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError, "set it");
    seL4_CPtr pit = issue(0x40, 0x43, seL4_NoError, "issue the interval timer's ports");
    (void)seL4_X86_IOPort_Out8(pit, 0x43, 0x34); /* channel 0, rate generator */
    (void)seL4_X86_IOPort_Out8(pit, 0x40, 0xff);
    (void)seL4_X86_IOPort_Out8(pit, 0x40, 0x03); /* about 0.9 ms */
    (void)seL4_IRQHandler_Ack(handler);          /* the BIOS's may have come before */
    seL4_Word badge = 0;
    seL4_Wait(notification, &badge);
    check_equal(badge, 0x40, "the interrupt arrives with the badge");
    for (int i = 0; i < 3; i++) {
        check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge it");
        seL4_Wait(notification, &badge);
    }
    uint64_t start = arch_counter();
    while (arch_counter() - start < 5000000) {
    }
    (void)seL4_Poll(notification, &badge);
    check_equal(badge, 0, "without acknowledgement there is no other");
    check_equal(seL4_IRQHandler_Ack(handler), seL4_NoError, "acknowledge it");
    seL4_Wait(notification, &badge);
    check_equal(badge, 0x40, "with it there is");
    check_equal(seL4_CNode_Delete(seL4_CapInitThreadCNode, handler, 64), seL4_NoError,
                "delete the handler");
    /* For a pin that stays silent: the kernel would report the timer's interrupt as lost. */
    check_equal(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, seL4_CapInitThreadCNode, handler, 64,
                                          0, 23, 0, 0, VECTOR_TEST),
                seL4_NoError, "the vector can be issued again");
}

#ifdef CONFIG_IOMMU
static void test_iommu_labels(void)
{
    seL4_CPtr table = world_object(seL4_X86_IOPageTableObject, 0);
    seL4_CPtr frame = world_object(seL4_X86_4K, 0);
    check_equal(seL4_X86_IOPageTable_Map(table, seL4_CapIOSpace, 0), seL4_InvalidCapability,
                "an IO page table can't be mapped without an IO space");
    check_equal(seL4_GetMR(0), 0, "capability 0");
    check_equal(seL4_X86_IOPageTable_Unmap(table), seL4_NoError, "unmapping it succeeds");
    check_equal(seL4_X86_Page_MapIO(frame, seL4_CapIOSpace, seL4_AllRights, 0),
                seL4_InvalidCapability, "nor can a page");
    check_equal(seL4_CNode_Copy(seL4_CapInitThreadCNode, world_slot(), 64, seL4_CapInitThreadCNode,
                                table, 64, seL4_AllRights),
                seL4_IllegalOperation, "an unmapped IO page table can't be copied");
}
#endif

void arch_tests(void)
{
    test_exceptions();
    test_unknown_syscall();
    test_preemption();
    test_fpu();
    test_tls();
    test_pages();
    test_asids();
    test_ports();
    test_interrupts();
#ifdef CONFIG_IOMMU
    if (seL4_GetBootInfo()->numIOPTLevels > 0) {
        iommu_tests();
    } else {
        test_iommu_labels();
    }
#else
    check_equal(seL4_GetBootInfo()->numIOPTLevels, (seL4_Word)-1, "no IOMMU in this kernel");
#endif
}

_Noreturn void arch_reset(void)
{
    seL4_CPtr keyboard = world_slot();
    (void)seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, KEYBOARD_PORT, KEYBOARD_PORT,
                                       seL4_CapInitThreadCNode, keyboard, seL4_WordBits);
    (void)seL4_X86_IOPort_Out8(keyboard, KEYBOARD_PORT, KEYBOARD_RESET);
    for (;;) {
        seL4_Yield();
    }
}
