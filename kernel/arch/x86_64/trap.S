/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ways into the kernel and out of it: `syscall`, interrupts and exceptions, and the return to user level.
 *
 * Every entry stores all user registers into the context of the running thread's TCB and continues in C
 * on the core's kernel stack; no kernel stack frame survives an exit. The first word of kernel_node is the
 * running thread's TCB, whose first member is its context. For interrupts and exceptions the TSS makes the CPU
 * push its frame right into the context (RSP0 = frame end). CS and SS there never change: `syscall` skips them.
 *
 * The kernel uses neither FS nor GS, so there is no SWAPGS: user values stay loaded until a thread switch.
 */
#include <arch/layout.h>

#define NODE_MESSAGE_FROM 8
#define SYSCALL_REPLY_RECV -2 /* and above it, as unsigned numbers go, only Call */

/*
 * What both ways in store and both ways out load; RCX and R11 are the `syscall` instruction's, and the way
 * out has taken the message registers R8-R10 and R15 before.
 */
    .macro save_registers
    mov %rax, CONTEXT(REG_RAX)(%rsp)
    mov %rbx, CONTEXT(REG_RBX)(%rsp)
    mov %rdx, CONTEXT(REG_RDX)(%rsp)
    mov %rsi, CONTEXT(REG_RSI)(%rsp)
    mov %rdi, CONTEXT(REG_RDI)(%rsp)
    mov %rbp, CONTEXT(REG_RBP)(%rsp)
    mov %r8, CONTEXT(REG_R8)(%rsp)
    mov %r9, CONTEXT(REG_R9)(%rsp)
    mov %r10, CONTEXT(REG_R10)(%rsp)
    mov %r12, CONTEXT(REG_R12)(%rsp)
    mov %r13, CONTEXT(REG_R13)(%rsp)
    mov %r14, CONTEXT(REG_R14)(%rsp)
    mov %r15, CONTEXT(REG_R15)(%rsp)
    .endm

    .macro load_registers
    mov CONTEXT(REG_RAX)(%rsp), %rax
    mov CONTEXT(REG_RBX)(%rsp), %rbx
    mov CONTEXT(REG_RDX)(%rsp), %rdx
    mov CONTEXT(REG_RSI)(%rsp), %rsi
    mov CONTEXT(REG_RDI)(%rsp), %rdi
    mov CONTEXT(REG_RBP)(%rsp), %rbp
    mov CONTEXT(REG_R12)(%rsp), %r12
    mov CONTEXT(REG_R13)(%rsp), %r13
    mov CONTEXT(REG_R14)(%rsp), %r14
    .endm

    .section .text.entry, "ax", @progbits

/*
 * RCX = return address, R11 = RFLAGS, RSP still the user's: it is kept, unlike in other kernels.
 * RDX is the system call number.
 */
    .align 64
    .globl syscall_entry
syscall_entry:
    mov %rsp, syscall_user_rsp(%rip)
    mov kernel_node(%rip), %rsp
    save_registers
    mov %rcx, CONTEXT(REG_RIP)(%rsp)
    mov %r11, CONTEXT(REG_RFLAGS)(%rsp)
    movq $ERROR_SYSCALL, CONTEXT(REG_ERROR)(%rsp)
    sub $2, %rcx /* the syscall instruction itself */
    mov %rcx, CONTEXT(REG_FAULT_IP)(%rsp)
    mov syscall_user_rsp(%rip), %rax
    mov %rax, CONTEXT(REG_RSP)(%rsp)
    mov $kernel_stack_end, %rsp
    cmp $SYSCALL_REPLY_RECV, %rdx
    jb 1f
    je 2f
    call fastpath_call
restore_with_message:
    mov kernel_node + NODE_MESSAGE_FROM(%rip), %rax

/*
 * Return to the current thread. SYSRET, which overwrites RCX and R11 with RIP and RFLAGS, is good for a
 * context that a system call has saved, as long as nobody changes it.
 * RIP is always canonical here: writers of contexts see to it, and the last user page can't be mapped.
 */
restore: /* RAX: the context that has the message registers */
    mov kernel_node(%rip), %rsp
    mov CONTEXT(REG_R8)(%rax), %r8
    mov CONTEXT(REG_R9)(%rax), %r9
    mov CONTEXT(REG_R10)(%rax), %r10
    mov CONTEXT(REG_R15)(%rax), %r15
    mov CONTEXT(REG_RIP)(%rsp), %rcx
    mov CONTEXT(REG_RFLAGS)(%rsp), %r11
    cmpq $ERROR_SYSCALL, CONTEXT(REG_ERROR)(%rsp)
    jne restore_by_iret
    load_registers
    mov CONTEXT(REG_RSP)(%rsp), %rsp
    sysretq

1:  mov %rdx, %rdi
    call kernel_handle_syscall
    .globl restore_user_context
restore_user_context:
    mov kernel_node(%rip), %rax
    jmp restore
2:  call fastpath_reply_recv
    jmp restore_with_message

restore_by_iret:
    load_registers
    mov CONTEXT(REG_RCX)(%rsp), %rcx
    mov CONTEXT(REG_R11)(%rsp), %r11
    add $CONTEXT(REG_RIP), %rsp
    iretq

/*
 * One 16-byte stub per vector: brings the stack to {vector, error code, CPU frame}, which are the context's
 * fields fault_ip, error and rip..ss. Vectors 8, 10-14, 17, 21, 29 and 30 come with an error code.
 */
    .align 16
    .globl vector_stubs
vector_stubs:
    .set vector, 0
    .rept 256
    .align 16
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
    pushq $0
    .endif
    pushq $vector
    .if vector == 2 || vector == 8 || vector == 18
    jmp kernel_bug /* NMI, double fault, machine check: on a stack of their own, nobody survives them */
    .else
    jmp trap_common
    .endif
    .set vector, vector + 1
    .endr

    .align 64
trap_common:
    testb $3, CONTEXT(REG_CS - REG_FAULT_IP)(%rsp)
    jz trap_from_kernel
    sub $CONTEXT(REG_FAULT_IP), %rsp
    save_registers
    mov %rcx, CONTEXT(REG_RCX)(%rsp)
    mov %r11, CONTEXT(REG_R11)(%rsp)
    mov CONTEXT(REG_FAULT_IP)(%rsp), %rdi /* the vector */
    mov CONTEXT(REG_RIP)(%rsp), %rax
    mov %rax, CONTEXT(REG_FAULT_IP)(%rsp)
    mov $kernel_stack_end, %rsp
    cld
    cmp $32, %edi
    jb 1f
    call trap_interrupt
    jmp restore_user_context
1:  call trap_exception
    jmp restore_user_context

/*
 * Traps out of kernel code. Only idle_loop opens the interrupt window; the vector is noted for it and the
 * window closed again. Everything else is a bug of the kernel.
 */
trap_from_kernel:
    cmpq $32, (%rsp)
    jb kernel_bug
    push %rax
    mov 8(%rsp), %rax
    mov %eax, irq_noted_vector(%rip)
    pop %rax
    add $16, %rsp
    andq $~RFLAGS_INTERRUPT, 16(%rsp)
    iretq

kernel_bug:
    .irp register, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
    push %\register
    .endr
    cld
    mov %rsp, %rdi
    call trap_kernel_bug
    ud2

    .section .bss, "aw", @nobits
    .align 8
syscall_user_rsp: /* RSP between the first instructions of syscall_entry */
    .skip 8
    .align 4
    .globl irq_noted_vector
irq_noted_vector: /* see <arch/irq.h> */
    .skip 4

    .section .text, "ax", @progbits
/* The idle thread's code: wait with the interrupt window open, then handle what trap_from_kernel noted. */
    .align 16
    .globl idle_loop
idle_loop:
    cmpl $0, irq_noted_vector(%rip)
    jne 1f
    sti
    hlt
    jmp idle_loop
1:  call kernel_handle_interrupt
    jmp restore_user_context
